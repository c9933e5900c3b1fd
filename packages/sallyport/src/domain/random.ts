// Randomness is an argument, so that ids and keys can be made deterministic in tests.

/** A source of cryptographically secure bytes. */
export interface Random {
  /** Returns `count` fresh bytes. */
  bytes(count: number): Buffer;
}
