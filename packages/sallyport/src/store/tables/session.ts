// The sessions of agents; an agent has at most one that is open or revoked.

/** One run of an agent. */
export interface SessionTable {
  readonly id: string;
  readonly agent: string;
  /** Milliseconds since the epoch. */
  readonly opened_at: number;
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
  readonly opened_by: 'first-call' | 'operator';
  readonly state: 'open' | 'ended' | 'revoked';
  readonly has_read_private: 0 | 1;
  readonly has_read_untrusted: 0 | 1;
}
