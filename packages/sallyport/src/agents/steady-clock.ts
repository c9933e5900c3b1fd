// A wall clock that is set back must not make tokens and sessions live longer.
import type { Clock } from '../domain/clock.ts';

/** Wall-clock milliseconds that never run slower than the monotonic clock does. */
export function steadyClock(clock: Clock): () => number {
  const startWallMs = clock.nowMs();
  const startMonotonicMs = clock.monotonicMs();
  return () => Math.max(clock.nowMs(), Math.trunc(startWallMs + clock.monotonicMs() - startMonotonicMs));
}
