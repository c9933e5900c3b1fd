// Time is an argument everywhere, so that expiry, rates and time windows can be tested without waiting.

/** The two clocks that Sallyport reads. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Monotonic clock, milliseconds from an arbitrary origin; for durations only. */
  monotonicMs(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
