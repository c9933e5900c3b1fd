// The root key, wrapped by one unlock source for each row.

/** One way of unlocking: every row wraps the same root key. */
export interface VaultRootTable {
  readonly id: string;
  /** Kind of unlock source. */
  readonly source: string;
  /** JSON text of the source's parameters; holds no secret. */
  readonly parameters: string;
  readonly wrapped: Uint8Array;
  readonly commitment: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
}
