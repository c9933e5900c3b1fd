// Tests the SQLite connector on real databases: how values travel, and how statements end.
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { input } from './operation-definition.ts';
import type { Declared } from './shop-database.ts';
import { execute, ShopDatabase, summary } from './shop-database.ts';

// One step of the engine that takes a second for a million or so: it has to be given up.
const slowCount =
  'with recursive c(x) as (select 1 union all select x + 1 from c limit :n) select count(*) as n from c';

const shop = new ShopDatabase();

describe('values', () => {
  it('D1: are bound, never read as SQL', async () => {
    const hostile = [
      "anvil' or 1=1 --",
      "'; drop table item; --",
      "' union select name from sqlite_schema --",
      'anvil\\',
      '"anvil"',
      ':name',
      '?1',
      '/* anvil */',
      "' || (select data from item) || '",
      '%',
      '%s',
      '${name}',
    ];
    const put = await shop.plan('insert into log (what) values (:what)', {
      input: { what: {} },
      effect: 'write',
      isSilent: true,
    });
    for (const name of hostile) {
      expect([name, await shop.rowsOf('select id from item where name = :name', { name })]).toEqual([name, '[]']);
      expect(await shop.rowsOf('select :name as name', { name })).toBe(JSON.stringify([{ name }]));
      expect(summary(await execute(put, { what: name }))).toBe('replied');
    }
    expect(shop.stored('select what from log order by rowid')).toEqual(hostile.map((what) => ({ what })));
    expect(shop.stored('select count(*) as count from item')).toEqual([{ count: 2 }]);
    expect(await shop.rowsOf('select id from item where name = :name', { name: 'anvil' })).toBe('[{"id":1}]');
  });

  it('B3: are exact in both directions', async () => {
    const big = parseStrictJson('9007199254740993', { maxDepth: 1, numbers: 'keep' });
    expect(await shop.rowsOf('select big, price, typeof(:big) as type from item where big = :big', { big })).toBe(
      '[{"big":9007199254740993,"price":9.5,"type":"integer"}]',
    );
    expect(
      await shop.rowsOf('select typeof(:a) as a, typeof(:b) as b, :c as c, :d as d', {
        a: 1,
        b: 1.5,
        c: true,
        d: null,
      }),
    ).toBe('[{"a":"integer","b":"real","c":1,"d":null}]');
  });

  it('limit rows by an input', async () => {
    expect(await shop.rowsOf('select id from item order by id limit :limit', { limit: 1 })).toBe('[{"id":1}]');
  });

  it('are NULL when they were left out', async () => {
    expect(JSON.stringify(await execute(await shop.plan('select :a as a', { input: { a: {} } })))).toContain(
      '[{"a":null}]',
    );
  });

  it('come back as base64 when they are bytes', async () => {
    expect(await shop.rowsOf('select data from item order by id')).toBe('[{"data":"AP8="},{"data":null}]');
  });

  it('B5: are refused when they are no scalars or cannot be held exactly', async () => {
    const planned = await shop.plan('select :a as a', { input: { a: {} } });
    const huge = parseStrictJson('9223372036854775808', { maxDepth: 1, numbers: 'keep' });
    const long = parseStrictJson('0.12345678901234567890123', { maxDepth: 1, numbers: 'keep' });
    for (const a of [['a'], { $ne: 1 }, { rawJSON: '1' }, '\ud800', 'a\0b', huge, long]) {
      expect(() => planned.build(input({ a }))).toThrow(expect.objectContaining({ code: 'INPUT_UNSAFE' }));
    }
  });

  it('fail the statement when JSON cannot carry them', async () => {
    const execution = await execute(await shop.plan('select 9e999 as a'));
    expect(summary(execution)).toBe('failed STATEMENT_FAILED');
  });
});

describe('a read', () => {
  it.each([
    ['select title from note where note match :q', 'abc\u009b31mdef:x'],
    ['select title from note where note match :q', '"abcdef'],
    ["select json_extract('{}', :q) as a", 'abcdef'],
  ])('L02: that fails keeps its arguments out of the cause, which is logged: %s', async (sql, q) => {
    const failed = await execute(await shop.plan(sql, { input: { q: {} } }), { q });
    expect(summary(failed)).toBe('failed STATEMENT_FAILED');
    expect('error' in failed && failed.error.cause).toEqual(new Error('SQLite error 1: SQL logic error'));
  });

  it('stops at the row cap and at the byte cap, and says so', async () => {
    const sql = 'with recursive c(x) as (select 1 union all select x + 1 from c where x < 1000) select x from c';
    const byRows = await execute(await shop.plan(sql, { maxRows: 3 }));
    const byBytes = await execute(await shop.plan(sql, { maxRows: 2_000, maxBytes: 50 }));
    expect(byRows).toMatchObject({ isTruncated: true, body: { rows: [{ x: 1 }, { x: 2 }, { x: 3 }] } });
    expect(byBytes).toMatchObject({ isTruncated: true });
    expect(byBytes.kind === 'replied' && byBytes.bytes).toBeLessThanOrEqual(50);
    expect(await execute(await shop.plan(sql, { maxRows: 1_000, maxBytes: 100_000 }))).toMatchObject({
      isTruncated: false,
    });
  });

  it('is given up at its deadline, and others go on', async () => {
    const slow = await shop.plan(slowCount, { input: { n: {} } });
    expect(summary(await execute(slow, { n: 3_000_000 }, { timeoutMs: 100 }))).toBe('failed UPSTREAM_TIMEOUT');
    expect(await shop.rowsOf('select id from item where id = :id', { id: 1 })).toBe('[{"id":1}]');
  });

  it('V01: that does not end is not started again, and leaves the database to others', async () => {
    const endless = await shop.plan(`select count(*) as n from (${slowCount})`, { input: { n: {} } });
    const runs = Array.from({ length: 12 }, () => execute(endless, { n: 20_000_000 }, { timeoutMs: 500 }));
    expect(new Set((await Promise.all(runs)).map(summary))).toEqual(
      new Set(['failed UPSTREAM_TIMEOUT', 'not-sent OVERLOADED']),
    );
    expect(summary(await execute(endless, { n: 20_000_000 }, { timeoutMs: 500 }))).toBe('not-sent OVERLOADED');
    expect(await shop.rowsOf('select 1 as one', {}, {})).toBe('[{"one":1}]');
  });

  it('is given up when it is stopped, and never started when it was stopped before', async () => {
    const slow = await shop.plan(slowCount, { input: { n: {} } });
    const signal = AbortSignal.timeout(50);
    expect(summary(await execute(slow, { n: 3_000_000 }, { signal }))).toBe('failed CALL_CUT');
    expect(summary(await execute(slow, { n: 1 }, { signal: AbortSignal.abort() }))).toBe('not-sent CALL_CUT');
  });

  it('cannot do what another statement was allowed after the schema changed under it', async () => {
    const planned = await shop.plan('select id, name from cheap');
    expect(summary(await execute(planned))).toBe('replied');
    const db = new DatabaseSync(shop.file);
    db.exec('drop view cheap; create view cheap as select id, data as name from item');
    db.close();
    expect(summary(await execute(planned))).toBe('failed STATEMENT_FAILED');
  });
});

describe('a write', () => {
  const rename = 'update item set name = :name where id = :id';
  const declared: Declared = { effect: 'write', input: { name: {}, id: {} } };

  it('says how many rows it changed, triggers included in the permission', async () => {
    expect(await shop.rowsOf(rename, { name: 'chain', id: 2 }, declared)).toBe('[{"changes":1}]');
    expect(shop.stored('select name, (select what from log) as what from item where id = 2')).toEqual([
      { name: 'chain', what: 'updated 2' },
    ]);
  });

  it('returns rows where the statement does', async () => {
    const sql = 'insert into item (name) values (:name) returning id, name';
    expect(await shop.rowsOf(sql, { name: 'nail' }, { effect: 'write' })).toBe('[{"id":3,"name":"nail"}]');
    expect(
      await execute(await shop.plan('update item set price = 1 returning id', { effect: 'write', maxRows: 1 })),
    ).toMatchObject({
      isTruncated: true,
      body: { rows: [{ id: 1 }] },
    });
    expect(shop.stored('select count(*) as n from item where price = 1')).toEqual([{ n: 3 }]);
  });

  it('says nothing but that it was done when the policy is none', async () => {
    expect(await execute(await shop.plan('delete from log', { effect: 'destroy', isSilent: true }))).toMatchObject({
      body: { kind: 'empty' },
    });
  });

  it('leaves nothing behind when it fails, and says nothing of the values', async () => {
    const failed = await execute(await shop.plan(rename, declared), { name: null, id: 1 });
    expect(summary(failed)).toBe('failed STATEMENT_FAILED');
    expect('error' in failed && failed.error.message).toBe('the statement failed; nothing was changed');
    expect('error' in failed && failed.error.cause).toEqual(new Error('SQLite error 1299: constraint failed'));
    const atCommit = await execute(
      await shop.plan('insert into part (item) values (:item)', { effect: 'write', input: { item: {} } }),
      { item: 99 },
    );
    expect(summary(atCommit)).toBe('failed STATEMENT_FAILED');
    expect(shop.stored('select count(*) as n from part')).toEqual([{ n: 0 }]);
    expect(await shop.rowsOf(rename, { name: 'ok', id: 1 }, declared)).toBe('[{"changes":1}]');
  });

  it('is not sent when somebody else holds the database', async () => {
    const planned = await shop.plan(rename, declared);
    const db = new DatabaseSync(shop.file);
    db.exec('begin immediate');
    const execution = await execute(planned, { name: 'x', id: 1 }, { timeoutMs: 6_000 });
    db.exec('rollback');
    db.close();
    expect(summary(execution)).toBe('not-sent STATEMENT_FAILED');
  });

  it('is indeterminate when it is given up', async () => {
    const sql = `insert into log select n from (${slowCount})`;
    const planned = await shop.plan(sql, { effect: 'write', input: { n: {} } });
    expect(summary(await execute(planned, { n: 3_000_000 }, { timeoutMs: 100 }))).toBe(
      'indeterminate UPSTREAM_INDETERMINATE',
    );
  });

  it('is not sent when its turn does not come before the deadline', async () => {
    const slow = await shop.plan(`insert into log select n from (${slowCount})`, { effect: 'write', input: { n: {} } });
    const first = execute(slow, { n: 3_000_000 }, { timeoutMs: 300 });
    const second = await execute(await shop.plan(rename, declared), { name: 'x', id: 1 }, { timeoutMs: 50 });
    expect(summary(second)).toBe('not-sent UPSTREAM_TIMEOUT');
    expect(summary(await first)).toBe('indeterminate UPSTREAM_INDETERMINATE');
  });
});

describe('a full-text table', () => {
  it('is searched by a read', async () => {
    const sql =
      "select title, snippet(note, 1, '[', ']', '', 5) as text from note where note match :q order by bm25(note)";
    expect(await shop.rowsOf(sql, { q: 'hello' })).toBe('[{"title":"a","text":"[hello] world"}]');
  });

  it('is changed by a write', async () => {
    const sql = 'insert into note (title, body) values (:title, :body)';
    expect(await shop.rowsOf(sql, { title: 'c', body: 'hello again' }, { effect: 'write' })).toBe('[{"changes":1}]');
    expect(shop.stored("select count(*) as n from note where note match 'hello'")).toEqual([{ n: 2 }]);
  });
});

describe('a call that fails in the engine', () => {
  const failing: readonly (readonly [name: string, sql: string, declared: Declared, bad: string, good: string])[] = [
    ['a search', 'select title from note where note match :q', {}, 'MINE : x', 'hello'],
    ['JSON', "select json_extract(:q, '$.a') as a", {}, '{MINE', '{"a":1}'],
    [
      'a check of rows that come back',
      'insert into short (name) values (:q) returning name',
      { effect: 'write' },
      'MINE, and too long',
      'nail',
    ],
    ['a check', 'insert into short (name) values (:q)', { effect: 'write' }, 'MINE, and too long', 'nail'],
  ];
  for (const [name, sql, declared, bad, good] of failing) {
    it(`leaves the next call of the same operation alone: ${name}`, async () => {
      const planned = await shop.plan(sql, { ...declared, input: { q: {} } });
      for (let round = 0; round < 2; round += 1) {
        expect(summary(await execute(planned, { q: bad }))).toMatch(/STATEMENT_FAILED$/);
        const next = await execute(planned, { q: good });
        expect(JSON.stringify(next)).not.toContain('MINE');
        expect(summary(next)).toBe('replied');
      }
    });
  }
});

describe('close', () => {
  it('ends what is under way and takes nothing more', async () => {
    const slow = await shop.plan(slowCount, { input: { n: {} } });
    const running = execute(slow, { n: 3_000_000 });
    await shop.connection.close();
    expect(summary(await running)).toBe('failed SHUTTING_DOWN');
    expect(summary(await execute(slow, { n: 1 }))).toBe('not-sent SHUTTING_DOWN');
    expect(
      summary(
        await slow.execute(
          { bytes: 0, preview: () => [] },
          { credential: null, idempotencyKey: null, timeoutMs: 1, signal: AbortSignal.abort() },
        ),
      ),
    ).toBe('not-sent INTERNAL');
  });
});
