// The sealed details of audit records; deleting the record key erases them, and the tree stays whole.

/** What belongs to one leaf and may have to be forgotten. */
export interface AuditDetailTable {
  readonly seq: number;
  /** Null once erased. */
  readonly record_key: Uint8Array | null;
  readonly sealed: Uint8Array;
}
