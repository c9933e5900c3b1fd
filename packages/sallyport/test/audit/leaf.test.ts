// What stands in a leaf is the whole entry, whichever way its text is written.
import { expect, it } from 'vitest';
import { leafOf } from '../../src/audit/leaf.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { intentOf, outcomeOf, refusalOf } from './entries.ts';

const committed = {
  commitment: 'c0mm1tm3nt',
  details: { recordKey: Buffer.alloc(32, 1), sealed: Buffer.alloc(20, 2) },
};

it.each([intentOf('c1'), refusalOf('c1')])(
  '$kind: every field of the entry and the commitment, in canonical order',
  (entry) => {
    const text = Buffer.from(leafOf(entry, committed).bytes).toString('utf8');
    expect(text).toBe(canonicalJson({ ...entry, commitment: committed.commitment }));
    expect(JSON.parse(text)).toEqual({ ...entry, commitment: committed.commitment });
  },
);

it('call.outcome: every field of the entry, and nothing else', () => {
  const text = Buffer.from(leafOf(outcomeOf('c1'), null).bytes).toString('utf8');
  expect(text).toBe(canonicalJson({ ...outcomeOf('c1') }));
});
