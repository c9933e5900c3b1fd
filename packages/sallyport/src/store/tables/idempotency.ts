// What an agent's idempotency key was used for, and how that call ended.

/** One key of one agent. */
export interface IdempotencyTable {
  readonly agent: string;
  readonly key_hmac: string;
  readonly operation: string;
  readonly input_hmac: string;
  readonly call: string;
  readonly state: 'open' | 'done';
  /** Sealed; null while the call is open, and when the reply was too large to keep. */
  readonly outcome: Uint8Array | null;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
}
