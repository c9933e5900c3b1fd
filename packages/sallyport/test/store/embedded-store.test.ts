// The embedded store keeps its promises: atomic, durable, counted, and never a hang.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditWriterUrl } from '../../src/audit/writer-url.ts';
import { openEmbeddedStore } from '../../src/store/embedded-store.ts';
import { query, statement } from '../../src/store/query.ts';
import type { Batch, Store } from '../../src/store/store.ts';
import { openStore, stateFolder } from './state-folder.ts';

const insert = (key: string, value = 'x') => statement(query.insertInto('meta').values({ key, value }).compile());
const batch = (...statements: Batch['statements']): Batch => ({ statements, leaves: [] });
const keys = async (store: Store) =>
  (await store.read(query.selectFrom('meta').select('key').orderBy('key').compile())).map((row) => row.key);

describe('a write', () => {
  it('is seen by reads once it has resolved', async () => {
    const store = await openStore();
    await store.write(batch(insert('a')));
    expect(await keys(store)).toEqual(['a']);
  });

  it('is there after the store was closed and opened again', async () => {
    const folder = stateFolder();
    const first = await openStore(folder);
    await first.write(batch(insert('a')));
    await first.close();
    expect(await keys(await openStore(folder))).toEqual(['a']);
  });

  it('binds text, numbers, big integers, null and bytes, and gives them back', async () => {
    const store = await openStore();
    const row = { seq: 9_007_199_254_740_991, record_key: null, sealed: new Uint8Array([0, 255, 7]) };
    await store.write(batch(statement(query.insertInto('audit_detail').values(row).compile())));
    const rows = await store.read(query.selectFrom('audit_detail').selectAll().compile());
    expect(rows).toEqual([row]);
  });

  it('undoes the whole batch when a statement touches another number of rows', async () => {
    const store = await openStore();
    const update = query.updateTable('meta').set({ value: 'y' }).where('key', '=', 'missing').compile();
    const attempt = store.write(batch(insert('a'), statement(update, { expectRows: 1 })));
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await keys(store)).toEqual([]);
  });

  it('undoes only the batch that is in conflict, not its neighbours in the same commit', async () => {
    const store = await openStore();
    const results = await Promise.allSettled([
      store.write(batch(insert('a'))),
      store.write(batch(insert('b'), insert('a'))),
      store.write(batch(insert('c'))),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await keys(store)).toEqual(['a', 'c']);
  });

  it('with a statement that is no SQL fails alone with STORE_FAILED', async () => {
    const store = await openStore();
    const [bad, good] = await Promise.allSettled([
      store.write(batch(insert('b'), { sql: 'nonsense', parameters: [] })),
      store.write(batch(insert('a'))),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'STORE_FAILED' } });
    expect(good.status).toBe('fulfilled');
    expect(await keys(store)).toEqual(['a']);
  });

  it('that breaks a reference is a conflict', async () => {
    const store = await openStore();
    const orphan = query
      .insertInto('credential_version')
      .values({
        credential: 'c',
        version: 1,
        kind: 'token',
        target: '{}',
        created_at: 1,
        is_weak: 0,
        state: 'current',
        kek_epoch: 9,
        wrapped_key: new Uint8Array(1),
        commitment: new Uint8Array(1),
        sealed: new Uint8Array(1),
        blind_index: 'b',
      })
      .compile();
    await expect(store.write(batch(statement(orphan)))).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  });

  it('keeps working over more statement texts than the store remembers', async () => {
    const store = await openStore();
    const texts = Array.from({ length: 1100 }, (_, index) => ({
      sql: `insert into meta (key, value) values (?, '${index}')`,
      parameters: [`k${index}`],
    }));
    for (let start = 0; start < texts.length; start += 100) {
      await Promise.all(texts.slice(start, start + 100).map((text) => store.write(batch(text))));
    }
    await store.write(batch(insert('last')));
    expect(await keys(store)).toHaveLength(1101);
  });

  it('that erases leaves nothing in the write-ahead log', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    await store.write(batch(insert('a', 'unique-value-to-erase')));
    const remove = statement(query.deleteFrom('meta').where('key', '=', 'a').compile(), { expectRows: 1 });
    await store.write({ ...batch(remove), erases: true });
    expect(statSync(join(folder, 'state.db-wal')).size).toBe(0);
    expect(readFileSync(join(folder, 'state.db')).includes('unique-value-to-erase')).toBe(false);
  });
});

describe('a write that erases while another process reads the state', () => {
  it('is refused and changes nothing, its neighbours are written, and it goes through afterwards', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    await store.write(batch(insert('a', 'unique-value-to-erase')));
    const other = new DatabaseSync(join(folder, 'state.db'), { readOnly: true });
    other.exec('begin');
    other.prepare('select * from meta').all();
    await store.write(batch(insert('b')));
    const remove = statement(query.deleteFrom('meta').where('key', '=', 'a').compile(), { expectRows: 1 });
    const erasing = { ...batch(remove), erases: true } as const;
    const both = await Promise.allSettled([store.write(erasing), store.write(batch(insert('c')))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await keys(store)).toEqual(['a', 'b', 'c']);
    other.close();
    await store.write(erasing);
    expect(await keys(store)).toEqual(['b', 'c']);
    expect(statSync(join(folder, 'state.db-wal')).size).toBe(0);
    expect(readFileSync(join(folder, 'state.db')).includes('unique-value-to-erase')).toBe(false);
  });
});

describe('the state file', () => {
  it('can be read by its owner only, and so can its log', async () => {
    const folder = stateFolder();
    await openStore(folder);
    for (const name of ['state.db', 'state.db-wal', 'state.db-shm']) {
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
  });

  it('of another program is refused with STATE_UNSAFE', async () => {
    const folder = stateFolder();
    const other = new DatabaseSync(join(folder, 'state.db'));
    other.exec('create table notes (text)');
    other.close();
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
  });

  it('that is no database is refused with STATE_UNSAFE', async () => {
    const folder = stateFolder();
    writeFileSync(
      join(folder, 'state.db'),
      'just some text that is longer than a header of a database would be'.repeat(20),
    );
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
  });

  it('of a newer version is refused with STATE_UNSAFE', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    await store.close();
    const newer = new DatabaseSync(join(folder, 'state.db'));
    newer.exec(`insert into schema_migration values (999, 'from-the-future', 1)`);
    newer.close();
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
  });

  it('in a folder that is not there is refused with STORE_FAILED', async () => {
    await expect(openStore(join(stateFolder(), 'missing'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

describe('the end', () => {
  it('waits for what was written before', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    const writes = ['a', 'b', 'c'].map((key) => store.write(batch(insert(key))));
    await store.close();
    await expect(Promise.all(writes)).resolves.toHaveLength(3);
    expect(await keys(await openStore(folder))).toEqual(['a', 'b', 'c']);
  });

  it('refuses writes and reads that come later', async () => {
    const store = await openStore();
    await store.close();
    await expect(store.write(batch(insert('a')))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(keys(store)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('of the writer rejects what waits and what comes, and close still returns', async () => {
    const folder = stateFolder();
    const entry = join(folder, 'dying-writer.ts');
    writeFileSync(
      entry,
      `import { parentPort, workerData } from 'node:worker_threads';
       import { runWriter } from '${pathToFileURL(join(import.meta.dirname, '../../src/store/run-writer.ts')).href}';
       const openLeaves = () => ({ append: () => { process.exit(3); }, finish() {}, committed() {}, restore() {} });
       runWriter({ data: workerData, port: parentPort, nowMs: 1, openLeaves });`,
    );
    const store = await openEmbeddedStore({ file: join(folder, 'state.db'), workerUrl: pathToFileURL(entry) });
    const leaf = { at: 1, kind: 'k', subject: null, call: null, bytes: new Uint8Array(1), details: null };
    const waiting = store.write({ statements: [], leaves: [leaf] });
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(store.write(batch(insert('a')))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await store.close();
  });

  it('of a writer that cannot even start is STORE_FAILED', async () => {
    const workerUrl = new URL('./missing.ts', auditWriterUrl);
    const opening = openEmbeddedStore({ file: join(stateFolder(), 'state.db'), workerUrl });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
