// The tokens of agents, as HMAC only.

/** One token of an agent. */
export interface AgentTokenTable {
  readonly id: string;
  readonly agent: string;
  readonly hmac: string;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  readonly state: 'active' | 'revoked';
  /** Milliseconds since the epoch. */
  readonly revoked_at: number | null;
}
