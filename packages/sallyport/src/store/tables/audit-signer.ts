// The keys that sign the audit; one is current, the others signed before it.

/** One signer. */
export interface AuditSignerTable {
  /** The public key as the text of a C2SP signed-note verifier. */
  readonly key: string;
  /** The private seed, wrapped by the root key. */
  readonly wrapped: Uint8Array;
  readonly created_at: number;
  readonly state: 'current' | 'retired';
}
