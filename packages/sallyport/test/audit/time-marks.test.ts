// Marks in time: they lead to where a leaf of some time can stand, also with a clock that was set back, and hide nothing.
import { describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read-audit.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { newId } from '../../src/domain/id.ts';
import { firstLeafAt } from '../../src/store/first-leaf.ts';
import { query } from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { openStore, stateFolder } from '../store/state-folder.ts';
import { openAudit } from './audit-fixture.ts';
import { intentOf, outcomeOf } from './entries.ts';

const random = { bytes: (count: number) => Buffer.alloc(count, 3) };

/** Records two leaves for each of these times. */
async function record(store: Store, times: readonly number[]): Promise<void> {
  const { journal } = await openAudit(store);
  const made = times.map(async (at, index) => {
    const call = `${at}-${index}`;
    await journal.begin({ ...intentOf(call), at }, '{}', null);
    await journal.end({ ...outcomeOf(call), at }, null);
  });
  await Promise.all(made);
}

const at = (ms: number, count = 600) => Array.from({ length: count }, () => ms);

async function marks(store: Store) {
  return store.read(query.selectFrom('audit_time').selectAll().orderBy('seq').compile());
}

describe('marks in time', () => {
  it('lead past the leaves that are earlier, after a restart and with a clock that was set back', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    await record(store, at(5_000));
    expect(await firstLeafAt(store, 5_000)).toBe(0);
    expect(await firstLeafAt(store, 5_001)).toBeGreaterThanOrEqual(1024);
    await record(store, at(1_000, 100));
    await store.close();
    const reopened = await openStore(folder);
    await record(reopened, at(2_000));
    expect((await marks(reopened)).map((mark) => mark.at)).toEqual([5_000, 5_000]);
    await record(reopened, at(9_000));
    expect(await firstLeafAt(reopened, 2_000)).toBe(0);
    expect(await firstLeafAt(reopened, 6_000)).toBeGreaterThanOrEqual(2048);
    expect(await verifyAudit(reopened, null)).toMatchObject({ ok: true, problems: [] });
  });

  it('lead to a call behind them', async () => {
    const { store, journal } = await openAudit();
    await record(store, at(5_000));
    const call = newId(6_000, random);
    await journal.begin({ ...intentOf(call), at: 6_000 }, '{}', null);
    await record(store, at(5_500));
    await journal.end({ ...outcomeOf(call), at: 5_500 }, null);
    const found = (await readAudit(store, { limit: 10, call })).map((stored) => stored.leaf);
    expect(found).toEqual([1200, 2401]);
  });

  for (const [what, change] of [
    ['hide leaves', 'update audit_time set at = 1'],
    ['stand behind the last leaf', 'insert into audit_time (seq, at) values (9000, 5000)'],
    ['are no times', `update audit_time set at = 'late'`],
  ] as const) {
    it(`H5: are a problem when they ${what}`, async () => {
      const store = await openStore();
      await record(store, at(5_000));
      await store.write({ statements: [{ sql: change, parameters: [] }], leaves: [] });
      expect((await verifyAudit(store, null)).problems).toHaveLength(1);
    });
  }

  it('H5: are not gone on with when they are no numbers', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    await record(store, at(5_000));
    await store.write({ statements: [{ sql: `update audit_time set at = 'late'`, parameters: [] }], leaves: [] });
    await store.close();
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'AUDIT_INVALID' });
  });
});
