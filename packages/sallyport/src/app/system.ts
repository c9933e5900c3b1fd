// The clock and the randomness of this machine, for everything that is put together here.
import { randomBytes } from 'node:crypto';
import { systemClock } from '../domain/clock.ts';
import type { Random } from '../domain/random.ts';

/** The clocks of this machine. */
export const clock = systemClock;

/** Secure bytes of this machine. */
export const random: Random = { bytes: (count) => randomBytes(count) };
