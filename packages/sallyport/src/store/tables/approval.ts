// Held calls and what an operator said; at most one live row for a call in canonical form.

/** One request for approval. */
export interface ApprovalTable {
  readonly id: string;
  /** HMAC of agent, operation, operation digest, config digest and input. */
  readonly binding: string;
  readonly agent: string;
  readonly operation: string;
  readonly operation_digest: string;
  readonly config_digest: string;
  readonly rule: string;
  /** The input, sealed. */
  readonly input: Uint8Array;
  readonly state: 'pending' | 'allowed' | 'refused' | 'used' | 'expired';
  readonly requested_at: number;
  readonly expires_at: number;
  readonly decided_at: number | null;
  /** HMAC of id, binding and end under a key of the vault; null until an operator said yes. */
  readonly proof: string | null;
}
