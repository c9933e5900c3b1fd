// How often each rule was used: kept with the agent, read by policy.

/** Uses of rules by one agent, across its sessions. */
export interface RateUsage {
  /** Allowed calls by the rule of this config path within the last `windowMs`. */
  count(rulePath: string, windowMs: number, nowMs: number): number;
  /** Milliseconds until the oldest of them leaves the window. */
  untilNextMs(rulePath: string, windowMs: number, nowMs: number): number;
}
