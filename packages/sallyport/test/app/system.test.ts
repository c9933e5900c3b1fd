// Random bytes are drawn many at once, and still every one of them is given out once only.
import { expect, it } from 'vitest';
import { pooled } from '../../src/app/system.ts';

function counted() {
  let value = 0;
  const sizes: number[] = [];
  const drawn: Buffer[] = [];
  const random = pooled((count) => {
    sizes.push(count);
    const bytes = Buffer.from(Array.from({ length: count }, () => value++ % 251));
    drawn.push(bytes);
    return bytes;
  });
  return { random, sizes, drawn };
}

it('gives the drawn bytes in their order, each once, over the end of a draw', () => {
  const { random, sizes } = counted();
  const given = Array.from({ length: 300 }, () => [...random.bytes(16)]).flat();
  expect(given.slice(0, 4096)).toEqual(Array.from({ length: 4096 }, (_, at) => at % 251));
  expect(sizes).toEqual([4096, 4096]);
});

it('forgets what it gave out, and gives memory that is nobody else’s', () => {
  const { random, drawn } = counted();
  const [one, two] = [random.bytes(32), random.bytes(32)];
  expect(drawn[0]?.subarray(0, 64).every((byte) => byte === 0)).toBe(true);
  expect(one.buffer.byteLength).toBe(32);
  expect(one.buffer).not.toBe(two.buffer);
});

it('draws what is larger than the pool by itself', () => {
  const { random, sizes } = counted();
  expect(random.bytes(5000)).toHaveLength(5000);
  expect(sizes).toEqual([5000]);
});
