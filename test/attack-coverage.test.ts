// Holds docs/attack-coverage.md: each case of groups B to F has a row, and each row's test carries the case's id in its name.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const lines = readFileSync(`${root}docs/attack-coverage.md`, 'utf8').split('\n');
const rows = lines.flatMap((line) => {
  const match = /^\| ([A-F]\d{1,2}(?:, [A-F]\d{1,2})*) \| [^|]+ \|(?: `([^`]+)` \|)?$/.exec(line);
  return match?.[1] === undefined ? [] : [{ ids: match[1].split(', '), file: match[2] }];
});

// Part 2 of the catalogue: B1 to B12, C1 to C10, D1 to D5, E1 to E11, F1 to F5.
const counts = { B: 12, C: 10, D: 5, E: 11, F: 5 };
const cases = Object.entries(counts).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
);

describe('docs/attack-coverage.md', () => {
  it('has a row for every case', () => {
    expect(rows.flatMap((row) => row.ids).toSorted()).toEqual(cases.toSorted());
  });

  it('names a test for each row that applies, and that test carries the id', () => {
    const missing = rows.flatMap(({ ids, file }) => (file === undefined ? [] : ids.filter((id) => !carries(file, id))));
    expect(missing).toEqual([]);
    expect(rows.filter(({ file }) => file !== undefined).length).toBeGreaterThan(30);
  });
});

function carries(file: string, id: string): boolean {
  const path = file.startsWith('e2e/') ? file : `packages/sallyport/test/${file}`;
  return new RegExp(`['"\`][^'"\`\\n]*\\b${id}\\b[^'"\`\\n]*['"\`]`).test(readFileSync(root + path, 'utf8'));
}
