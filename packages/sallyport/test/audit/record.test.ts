// Recording, reading back, erasing and verifying, and what happens when somebody changes the log.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createDoorCounter } from '../../src/audit/door-counter.ts';
import { eraseDetails, readAudit, readDetails } from '../../src/audit/read-audit.ts';
import { isRecorded } from '../../src/audit/recorded.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { openStore, stateFolder } from '../store/state-folder.ts';
import { openAudit } from './audit-fixture.ts';
import { detailsKey, intentOf, outcomeOf, refusalOf } from './entries.ts';

const started = { kind: 'server.started', at: 5, subject: 'server', facts: { version: '1' } } as const;

describe('a record', () => {
  it('is proof once it is durable, with its place in the tree', async () => {
    const { log } = await openAudit();
    const [first, second] = await Promise.all([log.record(started), log.record(started)]);
    expect([first.leaf, second.leaf]).toEqual([0, 1]);
    expect(isRecorded(first)).toBe(true);
    expect(isRecorded({ entry: started, leaf: 0 })).toBe(false);
  });

  it('is not written when one of its statements is in conflict, and leaves no gap', async () => {
    const { log, store } = await openAudit();
    const statements = [{ sql: 'delete from meta where key = ?', parameters: ['missing'], expectRows: 1 }];
    await expect(log.record(started, { statements })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect((await log.record(started)).leaf).toBe(0);
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, size: 1 });
  });

  it('H2: is refused with AUDIT_UNAVAILABLE when the store cannot write', async () => {
    const { log, store } = await openAudit();
    await store.close();
    await expect(log.record(started)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });

  it('holds its details sealed: they are not in the leaf, and open under the key only', async () => {
    const { log, store } = await openAudit();
    const { leaf } = await log.record(started, { details: { z: 'personal', a: 1 } });
    const [stored] = await readAudit(store, { limit: 10 });
    expect(JSON.stringify(stored)).not.toContain('personal');
    expect(await readDetails(store, detailsKey, leaf)).toBe('{"a":1,"z":"personal"}');
    await expect(readDetails(store, Buffer.alloc(32), leaf)).rejects.toMatchObject({ code: 'AUDIT_INVALID' });
  });

  it('still verifies after its details were erased', async () => {
    const { log, store } = await openAudit();
    const { leaf } = await log.record(started, { details: 'personal' });
    await store.write({ statements: [eraseDetails(leaf)], leaves: [], erases: true });
    expect(await readDetails(store, detailsKey, leaf)).toBeUndefined();
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, size: 1 });
  });

  it('of refusals at the door is one for each window with activity', async () => {
    const { log, store, clock, time } = await openAudit();
    const doors = createDoorCounter({ audit: log, clock });
    doors.count('TOKEN_MISSING');
    doors.count('TOKEN_MISSING');
    time.nowMs += 60_000;
    doors.count('REQUEST_HOST');
    await doors.flush();
    await doors.flush();
    const entries = (await readAudit(store, { limit: 10 })).map((stored) => stored.entry);
    expect(entries).toMatchObject([
      { kind: 'door.unauthenticated', fromMs: 1_000_000, counts: { TOKEN_MISSING: 2 } },
      { kind: 'door.unauthenticated', fromMs: 1_060_000, counts: { REQUEST_HOST: 1 } },
    ]);
  });

  it('of refusals at the door keeps its counts when it cannot be written', async () => {
    const { log, store, clock } = await openAudit();
    const doors = createDoorCounter({ audit: log, clock });
    doors.count('TOKEN_MISSING');
    await store.close();
    await expect(doors.flush()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await expect(doors.flush()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });
});

describe('reading', () => {
  it('gives the newest last, by call, kind, agent and position', async () => {
    const { store, journal } = await openAudit();
    for (const call of ['c1', 'c2']) {
      await journal.begin(intentOf(call, `agent-of-${call}`), '{}', null);
      await journal.end(outcomeOf(call), null);
    }
    const leaves = async (filter: object) =>
      (await readAudit(store, { limit: 10, ...filter })).map((stored) => stored.leaf);
    expect(await leaves({})).toEqual([0, 1, 2, 3]);
    expect(await leaves({ limit: 2 })).toEqual([2, 3]);
    expect(await leaves({ limit: 2, after: 0 })).toEqual([1, 2]);
    expect(await leaves({ before: 2 })).toEqual([0, 1]);
    expect(await leaves({ call: 'c2' })).toEqual([2, 3]);
    expect(await leaves({ kinds: ['call.outcome'] })).toEqual([1, 3]);
    expect(await leaves({ agent: 'agent-of-c2' })).toEqual([2]);
    expect(await leaves({ operation: 'orders.read' })).toEqual([0, 2]);
  });
});

describe('verification', () => {
  const tampered: readonly (readonly [string, string, boolean])[] = [
    ['a changed leaf', `update audit_leaf set leaf = cast(replace(cast(leaf as text), 'bot', 'bob') as blob)`, true],
    ['a deleted leaf', 'delete from audit_leaf where seq = 1', true],
    ['a changed column', `update audit_leaf set subject = 'c9' where seq = 0`, true],
    ['a truncated log', 'delete from audit_leaf where seq >= 2', false],
    ['a log whose head is gone', 'delete from audit_head', false],
    ['a log whose head was changed', `update audit_head set root = zeroblob(32)`, false],
  ];

  for (const [what, change, mayStart] of tampered) {
    it(`H5, L10: finds ${what}`, async () => {
      const folder = stateFolder();
      const { store, journal } = await openAudit(await openStore(folder));
      for (const call of ['c1', 'c2']) {
        await journal.begin(intentOf(call), '{}', null);
        await journal.end(outcomeOf(call), null);
      }
      const other = new DatabaseSync(join(folder, 'state.db'));
      other.exec(change);
      other.close();
      expect(await verifyAudit(store, null)).toMatchObject({ ok: false });
      await store.close();
      if (!mayStart) await expect(openStore(folder)).rejects.toMatchObject({ code: 'AUDIT_INVALID' });
    });
  }

  it('H6: finds an intent that lost its outcome, and an outcome without intent', async () => {
    const { store, log } = await openAudit();
    await log.record(intentOf('c1'));
    await log.record(outcomeOf('c2'));
    expect((await verifyAudit(store, null)).problems.map((problem) => problem.leaf)).toEqual([1, 0]);
  });

  it('A04, E10: finds a call on an approval that nobody gave, that was for another operation, or that was used', async () => {
    const { store, log } = await openAudit();
    const given = (operation: string) => ({
      kind: 'approval.allowed' as const,
      at: 1,
      subject: `for ${operation}`,
      facts: { agent: 'bot', operation },
    });
    const call = async (id: string, approval: string) => {
      await log.record({ ...intentOf(id), approval });
      await log.record(outcomeOf(id));
    };
    await log.record(given('orders.read'));
    await log.record(given('orders.put'));
    await call('c1', 'for orders.read');
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true });
    await call('c2', 'for orders.read');
    await call('c3', 'for orders.put');
    await call('c4', 'for nothing');
    expect((await verifyAudit(store, null)).problems.map(({ leaf }) => leaf)).toEqual([4, 6, 8]);
  });

  it('finds a second pair of records for one call', async () => {
    const { store, log } = await openAudit();
    for (const entry of [intentOf('c1'), outcomeOf('c1'), intentOf('c1'), outcomeOf('c1')]) await log.record(entry);
    expect((await verifyAudit(store, null)).ok).toBe(false);
  });

  it('counts intents, outcomes and refusals, and accepts a call in flight', async () => {
    const { store, journal } = await openAudit();
    await journal.begin(intentOf('c1'), '{"input":1}', null);
    await journal.end(outcomeOf('c1'), null);
    await journal.begin(intentOf('c2'), '{}', null);
    await journal.refuse(refusalOf('c3'), '{"name":"what the agent wrote"}');
    expect(await verifyAudit(store, null)).toMatchObject({
      ok: true,
      size: 4,
      intents: 2,
      open: 1,
      outcomes: 1,
      refused: 1,
    });
  });

  it('of an empty log is fine', async () => {
    expect(await verifyAudit(await openStore(), null)).toMatchObject({ ok: true, size: 0, problems: [] });
  });
});
