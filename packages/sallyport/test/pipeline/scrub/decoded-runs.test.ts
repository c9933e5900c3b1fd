// What is decoded once more: the runs that the two patterns describe, each byte with the digits that it came from.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodedRuns } from '../../../src/pipeline/scrub/decoded-runs.ts';

const piece = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...Array.from('ghXYZ+/_-019')), maxLength: 40 }),
  fc.constantFrom(' ', '"', '\\', '=', 'é', '\n'),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

function byPattern(subject: string): readonly string[] {
  const latin = Buffer.from(subject).toString('latin1');
  const runs = [/[A-Za-z0-9+/_-]{16,}/g, /(?:[0-9a-fA-F]{2}){12,}/g].map((pattern) => [...latin.matchAll(pattern)]);
  const [base64 = [], hex = []] = runs;
  return [
    ...base64.map((run) => `${run.index} ${Buffer.from(run[0], 'base64').toString('hex')}`),
    ...hex.map((run) => `${run.index} ${Buffer.from(run[0], 'hex').toString('hex')}`),
  ];
}

it('finds the runs that the patterns find, with their beginnings', () => {
  fc.assert(
    fc.property(text, (subject) => {
      const views = decodedRuns({ bytes: new Uint8Array(Buffer.from(subject)), origin: null });
      const found = views.map(({ bytes, origin }) => `${origin?.starts[0]} ${Buffer.from(bytes).toString('hex')}`);
      expect(found).toEqual(byPattern(subject));
    }),
    { numRuns: 500 },
  );
});

it('gives each byte the place of its digits, through the view that they stand in', () => {
  const bytes = new Uint8Array(Buffer.from('  AAAABBBBCCCCDDDD  '));
  const [run] = decodedRuns({ bytes, origin: null });
  expect(run?.bytes).toHaveLength(12);
  expect([run?.origin?.starts[0], run?.origin?.ends[0]]).toEqual([2, 4]);
  expect([run?.origin?.starts[11], run?.origin?.ends[11]]).toEqual([16, 18]);
  const moved = {
    starts: Int32Array.from(bytes, (_, at) => at * 3),
    ends: Int32Array.from(bytes, (_, at) => at * 3 + 3),
  };
  const [inner] = decodedRuns({ bytes, origin: moved });
  expect([inner?.origin?.starts[0], inner?.origin?.ends[11]]).toEqual([6, 54]);
});
