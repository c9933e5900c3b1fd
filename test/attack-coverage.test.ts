// Holds docs/attack-coverage.md: every case that applies has a row, and in each file of the row a test's title begins with its id.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const lines = readFileSync(`${root}docs/attack-coverage.md`, 'utf8').split('\n');
const idList = '[A-Z]\\d{1,2}(?:, [A-Z]\\d{1,2})*';
const rows = lines.flatMap((line) => {
  const match = new RegExp(`^\\| (${idList}) \\| [^|]+ \\|(?: (\`[^|]+\`) \\|)?$`).exec(line);
  if (match?.[1] === undefined) return [];
  return [
    { ids: match[1].split(', '), files: [...(match[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? '') },
  ];
});

// Part 1 of the catalogue (two digits): A01 to A09, D01 to D18, L01 to L10, R01 to R18, and P08.
const proxy = [...casesOf({ A: 9, D: 18, L: 10, R: 18 }, (nth) => String(nth).padStart(2, '0')), 'P08'];
// Part 2: B1 to B12, C1 to C10, D1 to D5, E1 to E11, F1 to F5.
const protocol = casesOf({ B: 12, C: 10, D: 5, E: 11, F: 5 }, String);

// A title stands first in the call of `it`, `test` or `describe`, or in the call of what their `each` or `skipIf` gave.
const titleStart = new RegExp(`(?:\\b(?:it|test|describe)|\\))\\(\\s*['"\`](${idList}): `, 'g');

describe('docs/attack-coverage.md', () => {
  it('has one row for every case', () => {
    expect(rows.flatMap((row) => row.ids).toSorted()).toEqual([...proxy, ...protocol].toSorted());
  });

  it('names tests for each row that applies, and in each of these files a title begins with the id', () => {
    const missing = rows.flatMap(({ ids, files }) =>
      files.flatMap((file) => ids.filter((id) => !titledIn(file).has(id)).map((id) => `${id} in ${file}`)),
    );
    expect(missing).toEqual([]);
    expect(rows.filter(({ files }) => files.length > 0).length).toBeGreaterThan(70);
  });

  it('takes no id for a title that stands anywhere else', () => {
    const text = `const B1 = ['B2: a case']; // it('B3: x')\nit('says B4: y'); it.each([1])('B5, B6: %s'); describe(\n  'B7: z')`;
    expect([...idsIn(text.replace(/\/\/.*/, ''))]).toEqual(['B5', 'B6', 'B7']);
  });
});

function casesOf(counts: Readonly<Record<string, number>>, written: (nth: number) => string): readonly string[] {
  return Object.entries(counts).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}${written(index + 1)}`),
  );
}

function titledIn(file: string): ReadonlySet<string> {
  const path = file.startsWith('e2e/') ? file : `packages/sallyport/test/${file}`;
  return idsIn(readFileSync(root + path, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
}

function idsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(titleStart)].flatMap(([, ids]) => (ids ?? '').split(', ')));
}
