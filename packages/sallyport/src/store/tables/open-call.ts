// The calls whose intent is recorded and whose outcome is not; what is left here at start was cut.

/** A call in flight. */
export interface OpenCallTable {
  readonly call: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly operation: string;
}
