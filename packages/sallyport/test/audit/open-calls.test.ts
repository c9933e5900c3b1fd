// Which calls are open: decided by the writer with each leaf, undone with the leaf, and found again after a restart.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLeafAppender } from '../../src/audit/leaf-appender.ts';
import { readAudit } from '../../src/audit/read-audit.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { newId } from '../../src/domain/id.ts';
import { createGroupCommit } from '../../src/store/group-commit.ts';
import { migrate } from '../../src/store/migrate.ts';
import { query } from '../../src/store/query.ts';
import type { Batch, Leaf, Statement, Store } from '../../src/store/store.ts';
import { openWriterConnection } from '../../src/store/writer-connection.ts';
import { openStore, stateFolder } from '../store/state-folder.ts';
import { openAudit } from './audit-fixture.ts';
import { intentOf, outcomeOf } from './entries.ts';

function openEngine(folder = stateFolder()) {
  const connection = openWriterConnection(join(folder, 'state.db'));
  onTestFinished(() => connection.close());
  migrate(connection, 1);
  return { connection, commitGroup: createGroupCommit(connection, openLeafAppender(connection)) };
}

function leaf(call: Leaf['call'], subject: string): Leaf {
  const kind = call === 'opens' ? 'call.intent' : 'call.outcome';
  return { at: 1, kind, subject, call, bytes: Buffer.from(`${kind} ${subject}`), details: null };
}

function batch(...leaves: readonly Leaf[]): Batch {
  return { statements: [], leaves };
}

const opens = (call: string) => batch(leaf('opens', call));
const closes = (call: string) => batch(leaf('closes', call));
const meta = (key: string): Statement => ({ sql: 'insert into meta (key, value) values (?, 1)', parameters: [key] });

async function openFrom(store: Store): Promise<number | undefined> {
  return (await store.read(query.selectFrom('audit_head').select('open_from').compile()))[0]?.open_from;
}

describe('the writer', () => {
  it('refuses the end of a call that is not open and the second begin of one that is, and nothing of their batches stays', () => {
    const { connection, commitGroup } = openEngine();
    const results = commitGroup([
      opens('a'),
      { ...closes('b'), statements: [meta('of b')] },
      batch(leaf('closes', 'a'), leaf('closes', 'a')),
      { ...opens('a'), statements: [meta('of a')] },
      closes('a'),
      closes('a'),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual([
      'written',
      'conflict',
      'conflict',
      'conflict',
      'written',
      'conflict',
    ]);
    expect(results[4]).toMatchObject({ firstLeaf: 1 });
    expect(connection.rows('select key from meta', [])).toEqual([]);
    expect(connection.rows('select seq, subject from audit_leaf', [])).toMatchObject([{ seq: 0 }, { seq: 1 }]);
  });

  it('knows what was open before a group that was rolled back', () => {
    const { connection, commitGroup } = openEngine();
    commitGroup(['a', 'b', 'c'].map(opens));
    const pages = Number(connection.rows('pragma page_count', [])[0]?.['page_count']);
    connection.exec(`pragma max_page_count = ${pages}`);
    const big: Leaf = { ...leaf('opens', 'd'), bytes: new Uint8Array(100_000) };
    const full = commitGroup([closes('a'), closes('b'), batch(big)]);
    expect(full.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
    connection.exec('pragma max_page_count = 1000000');
    expect(commitGroup([closes('c'), closes('d')]).map(({ kind }) => kind)).toEqual(['written', 'conflict']);
    expect(connection.rows('select open_from from audit_head', [])).toMatchObject([{ open_from: 0 }]);
    expect(commitGroup([closes('b')])[0]?.kind).toBe('written');
    expect(connection.rows('select open_from from audit_head', [])).toMatchObject([{ open_from: 0 }]);
    expect(commitGroup([closes('a')])[0]?.kind).toBe('written');
    expect(connection.rows('select open_from, size from audit_head', [])).toMatchObject([{ open_from: 6, size: 6 }]);
  });

  it('finds the open calls again when it is opened', () => {
    const folder = stateFolder();
    const first = openEngine(folder);
    first.commitGroup([...['a', 'b', 'c'].map(opens), closes('b')]);
    const { commitGroup } = openEngine(folder);
    expect(commitGroup(['b', 'c', 'a'].map(closes)).map(({ kind }) => kind)).toEqual([
      'conflict',
      'written',
      'written',
    ]);
  });

  it('is not opened where the head names a place behind the last leaf', () => {
    const folder = stateFolder();
    const { connection, commitGroup } = openEngine(folder);
    commitGroup([opens('a')]);
    connection.exec('update audit_head set open_from = 2');
    expect(() => openEngine(folder)).toThrow(expect.objectContaining({ code: 'AUDIT_INVALID' }));
  });
});

describe('a restart', () => {
  it('H6: closes the calls that were cut, and only those', async () => {
    const folder = stateFolder();
    const before = await openAudit(await openStore(folder));
    for (const call of ['c1', 'c2', 'c3', 'c4']) await before.journal.begin(intentOf(call), '{}', null);
    for (const call of ['c1', 'c3']) await before.journal.end(outcomeOf(call), null);
    expect(await openFrom(before.store)).toBe(1);
    expect(await verifyAudit(before.store, null)).toMatchObject({ ok: true, open: 2 });
    await before.store.close();
    const { store, journal } = await openAudit(await openStore(folder));
    expect(await journal.closeOpenCalls()).toBe(2);
    const cut = (await readAudit(store, { limit: 2 })).map(({ entry }) => entry);
    expect(cut).toMatchObject([
      { call: 'c2', code: 'CALL_CUT' },
      { call: 'c4', code: 'CALL_CUT' },
    ]);
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, open: 0, intents: 4, outcomes: 4 });
    expect(await openFrom(store)).toBe(8);
  });
});

describe('the records of a call', () => {
  it('are found by its id among many others, with a clock that was set back', async () => {
    const { store, journal } = await openAudit();
    const random = { bytes: (count: number) => randomBytes(count) };
    const calls = [5_000_000, 4_000_000, 5_000_000, 1_000].map((at) => ({ at, call: newId(at, random) }));
    for (const { at, call } of calls) await journal.begin({ ...intentOf(call), at }, '{}', null);
    for (const { call } of calls.slice(0, 3)) await journal.end(outcomeOf(call), null);
    const leaves = async (call: string) => (await readAudit(store, { limit: 10, call })).map((stored) => stored.leaf);
    const found = await Promise.all(calls.map(({ call }) => leaves(call)));
    expect(found).toEqual([[0, 4], [1, 5], [2, 6], [3]]);
    expect(await leaves(newId(5_000_000, random))).toEqual([]);
    expect(await leaves('no id')).toEqual([]);
  });
});
