// The leaves of the audit tree; the writer alone inserts here, and nothing updates or deletes.

/** One leaf. */
export interface AuditLeafTable {
  /** Index in the tree, from 0, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: string;
  readonly subject: string | null;
  /** Canonical JSON, UTF-8. */
  readonly leaf: Uint8Array;
  /** RFC 6962 leaf hash. */
  readonly hash: Uint8Array;
}
