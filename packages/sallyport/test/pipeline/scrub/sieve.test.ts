// The first look at a text, which only says whether anything is found, overlooks nothing that the second look finds (I1).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScrubber } from '../../../src/pipeline/create-scrubber.ts';
import { Arena } from '../../../src/pipeline/scrub/arena.ts';
import { Grams } from '../../../src/pipeline/scrub/grams.ts';
import { patternsOf } from '../../../src/pipeline/scrub/patterns.ts';
import { ScanWork } from '../../../src/pipeline/scrub/scan-work.ts';
import { Finder, Search } from '../../../src/pipeline/scrub/search.ts';
import { seedFilterOf } from '../../../src/pipeline/scrub/seed-filter.ts';
import { Sieve } from '../../../src/pipeline/scrub/sieve.ts';
import { SuffixAutomaton } from '../../../src/pipeline/scrub/suffix-automaton.ts';
import { ordinaryReplies } from './replies.ts';
import { anyValue, forms, randomValue, registered } from './values.ts';

const tablesOf = (value: string) => {
  const patterns = registered(value).flatMap(patternsOf);
  return { automaton: new SuffixAutomaton(patterns), seeds: seedFilterOf(patterns), grams: new Grams(patterns) };
};
const unbounded = () => new ScanWork(Number.POSITIVE_INFINITY);

/** What each of the two looks says of a text. */
function looks(value: string, text: string): { readonly first: boolean; readonly second: boolean } {
  const tables = tablesOf(value);
  const view = { bytes: new Uint8Array(Buffer.from(text)), origin: null };
  const sieve = new Sieve(tables, 512);
  new Search(sieve, { work: unbounded(), arena: new Arena(512) }).root(view, text.includes('\\'));
  const finder = new Finder(tables);
  new Search(finder, { work: unbounded(), arena: null }).root(view, text.includes('\\'));
  return { first: sieve.isDone, second: !finder.found.isEmpty };
}

describe('the first look', () => {
  const write = fc.constantFrom(...Object.values(forms), (value: string) =>
    Buffer.from(value, 'base64').toString('hex'),
  );
  const around = fc.string({ unit: fc.constantFrom(...'abXY01+/=%&\\",.: \n\0é'.split('')), maxLength: 12 });

  it('R03, R04: sees what the second finds: windows of any length in any form, and in two', () => {
    const pieces = fc.record({
      value: anyValue,
      from: fc.nat({ max: 20 }),
      length: fc.integer({ min: 5, max: 60 }),
      inner: write,
      outer: write,
      before: around,
      after: around,
    });
    fc.assert(
      fc.property(pieces, ({ value, from, length, inner, outer, before, after }) => {
        const text = `${before}${outer(inner(value.slice(from, from + length)))}${after}`;
        const { first, second } = looks(value, text);
        // It may see more: what it decodes begins and ends some digits further out.
        expect(first || !second).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('R04: sees digits of both base64 alphabets in one text', () => {
    for (let i = 0; i < 60; i += 1) {
      const value = randomValue(`mixed ${i}`, 30);
      const base64 = Buffer.from(`??>${value}~~~`).toString('base64');
      const mixed = base64.replace(/[+/]/g, (digit, at: number) => (at % 2 === 0 ? digit : digit === '+' ? '-' : '_'));
      expect(looks(value, `"${mixed}"`)).toEqual({ first: true, second: true });
    }
  });

  it.each([10, 24, 40, 60])('R04: sees a window in hex whose digits stand %i spaces apart', (spaces) => {
    for (const length of [9, 10, 11, 12]) {
      const value = randomValue(`far ${spaces}`);
      const digits = Buffer.from(value.slice(4, 4 + length)).toString('hex');
      const text = digits.split('').join(' '.repeat(spaces));
      expect(looks(value, text)).toEqual({ first: true, second: true });
    }
  });

  it('R16: finds nothing in ordinary replies', () => {
    for (const make of Object.values(ordinaryReplies)) {
      expect(looks(randomValue('not there'), JSON.stringify(make(3000)))).toEqual({ first: false, second: false });
    }
  });
});

it('I9: one text that takes too much work has no bearing on those after it', () => {
  const value = randomValue('after');
  const scrubber = createScrubber(registered(value));
  const hex = Buffer.from(value).toString('hex');
  for (const limit of [1, 100, 200, 300, 400]) {
    expect(() => scrubber.scrub(`${value}.${hex} `.repeat(9), new ScanWork(limit))).toThrow();
    expect(scrubber.scrub('nothing of it stands here, in a text of some words')).toMatchObject({ redactions: 0 });
    expect(scrubber.scrub(`a ${value} b`).text).toBe('a [redacted] b');
  }
});
