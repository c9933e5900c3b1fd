// States of earlier versions are taken over with everything that was under way in them.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { openCalls } from '../../src/store/migrations/005-open-calls.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openAudit } from '../audit/audit-fixture.ts';
import { intentOf, outcomeOf } from '../audit/entries.ts';
import { openStore, stateFolder } from './state-folder.ts';

/** Makes a state as the version before the fifth step left it: the same leaves, and a row for each open call. */
async function earlierState(folder: string, open: readonly string[]): Promise<void> {
  const { store, journal } = await openAudit(await openStore(folder));
  for (const call of ['c1', 'c2', 'c3']) await journal.begin(intentOf(call), '{}', null);
  for (const call of ['c1', 'c2', 'c3']) if (!open.includes(call)) await journal.end(outcomeOf(call), null);
  await store.close();
  const earlier = new DatabaseSync(join(folder, 'state.db'));
  earlier.exec(`
    drop index audit_leaf_kind;
    drop index audit_leaf_subject;
    drop table audit_time;
    alter table audit_head drop column open_from;
    create index audit_leaf_kind on audit_leaf (kind, at);
    create index audit_leaf_subject on audit_leaf (subject);
    create table open_call (call text primary key, at bigint not null, operation text not null);
    delete from schema_migration where number >= 5`);
  const insert = earlier.prepare(`insert into open_call values (?, 1000000, 'orders.read')`);
  for (const call of open) insert.run(call);
  earlier.close();
}

describe('a state of an earlier version', () => {
  it('H6: with open calls keeps them open, and the start closes them', async () => {
    const folder = stateFolder();
    await earlierState(folder, ['c2', 'c3']);
    const { store, journal } = await openAudit(await openStore(folder));
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, open: 2 });
    await journal.end(outcomeOf('c2'), null);
    expect(await journal.closeOpenCalls()).toBe(1);
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, open: 0, intents: 3, outcomes: 3 });
  });

  it('without open calls has none', async () => {
    const folder = stateFolder();
    await earlierState(folder, []);
    const { store, journal } = await openAudit(await openStore(folder));
    expect(await journal.closeOpenCalls()).toBe(0);
    await expect(journal.end(outcomeOf('c1'), null)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, open: 0 });
  });
});

describe('the steps of the schema', () => {
  it('are numbered without gaps', () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
    expect(migrations).toContain(openCalls);
  });
});
