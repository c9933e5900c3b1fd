// What is decoded once more: stretches of runs that decode to text from any digit on, each byte with the digits that it came from.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodedRuns } from '../../../src/pipeline/scrub/decoded-runs.ts';
import { ScanWork } from '../../../src/pipeline/scrub/scan-work.ts';

const making = { work: new ScanWork(Number.POSITIVE_INFINITY), arena: null };
const decode = (text: string) => decodedRuns({ bytes: new Uint8Array(Buffer.from(text)), origin: null }, making);
const textOf = (text: string): string => Buffer.from(decode(text)?.bytes ?? []).toString('latin1');

const inner = fc.string({ unit: fc.constantFrom(...'ABCxyz0189+/=%41\\u \n'.split('')), minLength: 12, maxLength: 90 });
const lead = fc.string({ unit: fc.constantFrom(...'abcXYZ019_'.split('')), maxLength: 9 });
const wrap = (text: string, width: number, by: string): string =>
  text.replace(new RegExp(`.{${width}}`, 'g'), `$&${by}`);

it('R03: decodes text in base64 whatever stands before it in the run, wrapped or not', () => {
  fc.assert(
    fc.property(inner, lead, fc.integer({ min: 1, max: 40 }), (text, before, width) => {
      const base64 = Buffer.from(text).toString('base64');
      expect(textOf(`"${before}${base64}"`)).toContain(text);
      expect(textOf(`"${before}${wrap(base64, width, '\r\n')}"`)).toContain(text);
    }),
    { numRuns: 300 },
  );
});

it('R04: decodes text in hex from any digit on, with what dumps put between bytes', () => {
  fc.assert(
    fc.property(
      inner,
      fc.constantFrom('', 'a', 'ab', 'f00'),
      fc.constantFrom('', ' ', ':', '-', ', '),
      (text, before, by) => {
        const hex = Buffer.from(text).toString('hex');
        expect(textOf(`"${before}${wrap(hex, 2, by)}"`)).toContain(text);
      },
    ),
    { numRuns: 300 },
  );
});

it('R16: passes over prose, names and short runs', () => {
  for (const text of [
    'The order went out late, and nobody was told',
    'customer_id,customer_name',
    'deadbeef-dead-beef',
  ]) {
    expect(decode(text)).toBeNull();
  }
});

it('gives each byte the place of its digits, through the view that they stand in', () => {
  const bytes = new Uint8Array(Buffer.from(`  ${Buffer.from('hello, world').toString('base64')}  `));
  const run = decodedRuns({ bytes, origin: null }, making);
  const first = Buffer.from(run?.bytes ?? []).indexOf('hello, world');
  expect([run?.origin?.starts[first], run?.origin?.ends[first]]).toEqual([2, 4]);
  expect([run?.origin?.starts[first + 11], run?.origin?.ends[first + 11]]).toEqual([16, 18]);
  const moved = {
    starts: Int32Array.from(bytes, (_, at) => at * 3),
    ends: Int32Array.from(bytes, (_, at) => at * 3 + 3),
  };
  const within = decodedRuns({ bytes, origin: moved }, making);
  expect([within?.origin?.starts[first], within?.origin?.ends[first + 11]]).toEqual([6, 54]);
});
