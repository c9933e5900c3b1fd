// An oracle with decoders of its own, written apart from the scrubber, finds nothing in what the scrubber let through (I1).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaks } from '../../../../test/oracle.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import { scrubJson } from '../../src/pipeline/scrub-reply.ts';
import { forms, randomValue, registered } from './scrub/values.ts';

const values = [
  randomValue('oracle a'),
  `ghp_${randomValue('oracle b', 36)}`,
  randomValue('oracle c', 64, '0123456789abcdef'),
];
// The last six characters of the vendor's token are a checksum of the others.
const planted = values.map((value, i) => {
  const hasPrefix = value.startsWith('ghp_');
  return { name: `value ${i}`, value: hasPrefix ? value.slice(0, -6) : value, unguessableFrom: hasPrefix ? 4 : 0 };
});
// The oracle reads on over quotes and commas. By chance two pieces below the scrubber's window continue each other: the bar ends a piece for both.
const bar = ' "|';
const scrubber = createScrubber(registered(...values));

describe('the oracle', () => {
  it('finds nothing in scrubbed replies that held windows of any length in any form', () => {
    const piece = fc
      .record({
        value: fc.constantFrom(...values),
        from: fc.nat({ max: 30 }),
        length: fc.integer({ min: 4, max: 64 }),
        write: fc.constantFrom(...Object.values(forms)),
      })
      .map(({ value, from, length, write }) => write(value.slice(from, from + length)));
    const text = fc
      .array(fc.oneof(piece, fc.string({ maxLength: 20 })), { maxLength: 6 })
      .map((parts) => parts.join(bar));
    const key = fc.string({ maxLength: 5 }).map((name) => `${bar}${name}`);
    fc.assert(
      fc.property(fc.dictionary(key, text, { minKeys: 1, maxKeys: 4 }), (reply) => {
        expect(leaks(scrubJson(reply, scrubber).text, planted)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('fires when nothing was scrubbed', () => {
    for (const write of [forms['raw'], forms['hex in lower case'], forms['base64 at offset 1']]) {
      expect(leaks(JSON.stringify({ a: write?.(values[0] ?? '') }), planted)).not.toEqual([]);
    }
  });
});
