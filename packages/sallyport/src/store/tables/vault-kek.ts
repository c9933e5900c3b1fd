// The key-encryption keys, one for each epoch, wrapped by the root key.

/** A key-encryption key. */
export interface VaultKekTable {
  readonly epoch: number;
  readonly wrapped: Uint8Array;
  readonly commitment: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
}
