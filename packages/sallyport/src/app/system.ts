// The clock and the randomness of this machine, for everything that is put together here.
import { randomBytes } from 'node:crypto';
import { systemClock } from '../domain/clock.ts';
import type { Random } from '../domain/random.ts';

/** The clocks of this machine. */
export const clock = systemClock;

/** Secure bytes of this machine. */
export const random: Random = pooled((count) => randomBytes(count));

const poolBytes = 4096;

/** Draws many bytes at once, because each draw costs more than the bytes do. Every byte is given out once and forgotten. */
export function pooled(draw: (count: number) => Buffer): Random {
  let pool: Buffer = Buffer.alloc(0);
  let next = 0;
  return {
    bytes(count) {
      if (count > poolBytes) return draw(count);
      if (next + count > pool.length) {
        pool = draw(poolBytes);
        next = 0;
      }
      // A buffer of its own: what is cut from a shared one would lie beside the bytes of others.
      const bytes = Buffer.allocUnsafeSlow(count);
      pool.copy(bytes, 0, next, next + count);
      pool.fill(0, next, next + count);
      next += count;
      return bytes;
    },
  };
}
