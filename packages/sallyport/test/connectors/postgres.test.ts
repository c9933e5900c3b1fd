// How statements run on a real PostgreSQL: values without loss, caps, timeouts, pools by version, and the truth about every end.
import { describe, expect, it } from 'vitest';
import { describeWithServer } from '../../../../test/servers.ts';
import type { Execution } from '../../src/connectors/connector.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { input } from './operation-definition.ts';
import {
  agentPassword,
  connectTo,
  fields,
  messagesOf,
  outcome,
  PostgresShop,
  prepare,
  rowsOf,
  run,
} from './postgres-database.ts';

const id = { type: 'integer' } as const;
const text = { type: 'string' } as const;
const exact = (literal: string): JsonValue => parseStrictJson(literal, { maxDepth: 1, numbers: 'keep' });

describe('a statement of PostgreSQL, when it is compiled', () => {
  it.each([
    [
      'select id from orders where id = :id and status = :status',
      { id },
      'there is no input status for the parameter :status',
    ],
    ['select id from orders where id = :id', { id, more: id }, 'the input more is used nowhere in the statement'],
    ['select :id::int as a', { id: { type: 'array' } }, 'id may be a list, map or null, which cannot be bound'],
    ['select id, id from orders', {}, 'two columns are named id: rename one with AS'],
    ['select id, total as id from orders', {}, 'two columns are named id: rename one with AS'],
    ['select 1 as "__proto__"', {}, 'a column must not be named __proto__'],
    [
      'select id from orders where id = $1',
      {},
      'the statement is refused: write the parameter $1 as :name, after an input',
    ],
    ['select from where', {}, 'the statement is refused: syntax error at or near "where"'],
  ])('D1: refuses %s', async (sql, inputs, message) => {
    expect(messagesOf(await prepare(connectTo(), sql, { input: inputs }))).toContain(message);
  });

  it('D1: sees no parameter in strings, quoted names, comments and casts', async () => {
    const sql = String.raw`select ':a' as "x:b", $$:c$$ as d, 1::int as e /* :f */, (array[1, 2])[1:2] as g, e'\':h' as i -- :j`;
    expect(await prepare(connectTo(), sql)).toMatchObject({ ok: true });
  });

  it('warns when a write deletes', async () => {
    const prepared = await prepare(connectTo(), 'delete from orders where id = 1', { effect: 'write' });
    expect(prepared).toMatchObject({ ok: true, problems: [{ severity: 'warning' }] });
    expect((await prepare(connectTo(), 'delete from orders', { effect: 'destroy' })).ok).toBe(true);
  });

  it('wants sql', async () => {
    const prepared = await connectTo().prepare({
      id: 'x' as never,
      service: 'shop' as never,
      effect: 'read',
      description: '',
      input: {},
      optionalInputs: [],
      request: { type: 'sqlite', sql: 'select 1' },
      reply: { kind: 'none', headers: [], maxBytes: 1, maxRows: 1 },
      timeoutMs: 1,
    });
    expect(messagesOf(prepared)).toEqual(['a PostgreSQL service needs sql, not http']);
  });

  it.each([[{ a: 1 }], [[1]], ['\ud800'], ['a\0b']])('D1: binds no %j', async (value) => {
    const prepared = await prepare(connectTo(), 'select :v::text as a', { input: { v: text } });
    if (!prepared.ok) throw new Error('not compiled');
    expect(() => prepared.plan.build(input({ v: value }))).toThrow(expect.objectContaining({ code: 'INPUT_UNSAFE' }));
  });
});

describeWithServer('postgres', 'statements on PostgreSQL', ({ binary }) => {
  const shop = new PostgresShop(binary);
  const activeStatements = () =>
    shop.sql(`select count(*) from pg_stat_activity where usename = 'agent' and state = 'active' and query <> ''`);

  it('binds values by the type that the server infers', async () => {
    const declared = { input: { i: id, t: text, b: text, n: text, l: id } };
    const sql =
      'select :i::int8 as i, :t::text as t, :b::bool as b, :n::text as n, length(:t) as again from items limit :l';
    const values = { i: exact('9007199254740993'), t: "'; drop table orders; --", b: true, n: null, l: 1 };
    const execution = await run(shop.connect(), sql, { ...declared, values });
    expect(outcome(execution)).toBe(
      '[{"i":9007199254740993,"t":"\'; drop table orders; --","b":true,"n":null,"again":24}]',
    );
  });

  it('leaves out what was left out', async () => {
    const execution = await run(shop.connect(), 'select coalesce(:a, 7) as a', { input: { a: id } });
    expect(outcome(execution)).toBe('[{"a":7}]');
  });

  it('reads numbers of every type exactly', async () => {
    const sql = `select 1::int2 as a, -2147483648 as b, 9223372036854775807 as c, 0.10::numeric(5,2) as d,
      1e300::float8 as e, 12345678901234567890.123456789 as f, '-Infinity'::numeric as g, array[0.1, null]::numeric[] as h`;
    expect(outcome(await run(shop.connect(), sql))).toBe(
      '[{"a":1,"b":-2147483648,"c":9223372036854775807,"d":0.1,"e":1e+300,"f":12345678901234567890.123456789,' +
        '"g":"-Infinity","h":[0.1,null]}]',
    );
  });

  it('refuses JSON that cannot be passed on without loss', async () => {
    const execution = await run(shop.connect(), `select '{"a":1,"a":2}'::json as a`);
    expect(outcome(execution)).toBe('failed UPSTREAM_REPLY_UNREADABLE');
  });

  it('writes, and returns what it wrote', async () => {
    const values = { i: 501, t: 'cup' };
    const sql = 'insert into items (id, name) values (:i, :t) returning id, name';
    const execution = await run(shop.connect(), sql, { effect: 'write', input: { i: id, t: text }, values });
    expect(outcome(execution)).toBe('[{"id":501,"name":"cup"}]');
    expect(shop.sql('delete from items where id = 501 returning name')).toBe('cup');
  });

  it('says that nothing was changed when a constraint fails, even at the very end', async () => {
    const connection = shop.connect();
    const before = shop.state();
    for (const sql of [
      'insert into items (id) values (1)',
      'insert into items (id, order_id) values (77, 12345)',
      `insert into items (id, name) select 78, '{"a":1,"a":1}' returning name::json as name`,
      'insert into items (id) values (79) returning *, id + 0',
      'insert into items (id) values (80) returning items.*, items.*',
    ]) {
      const execution = await run(connection, sql, { effect: 'write' });
      expect
        .soft(execution.kind === 'replied' ? execution.body.kind : execution.kind, sql)
        .toBe(sql.includes('79') ? 'rows' : 'failed');
    }
    shop.sql('delete from items where id = 79');
    expect(shop.state()).toBe(before);
  });

  it('I10: tells no value of an error, to the agent or the operator', async () => {
    const connection = shop.connect();
    const hidden = 'very-private-value';
    const executions = [
      await run(connection, 'select :v::int as a', { input: { v: text }, values: { v: hidden } }),
      await run(connection, 'insert into items (id, name) values (1, :v)', {
        effect: 'write',
        input: { v: text },
        values: { v: hidden },
      }),
    ];
    for (const execution of executions) {
      if (execution.kind !== 'failed') throw new Error(outcome(execution));
      expect(execution.error.code).toBe('STATEMENT_FAILED');
      expect(JSON.stringify([execution.error.message, String(execution.error.cause)])).not.toContain(hidden);
      expect(String(execution.error.cause)).toMatch(/^Error: ERROR [0-9A-Z]{5} in \w+$/);
    }
  });

  it('cuts rows and bytes, and says so', async () => {
    const connection = shop.connect();
    const rows = await run(connection, 'select g from generate_series(1, 1000) as g', { maxRows: 3 });
    expect(rows).toMatchObject({ kind: 'replied', isTruncated: true });
    expect(rowsOf(rows)).toEqual([{ g: 1 }, { g: 2 }, { g: 3 }]);
    const exact = await run(connection, 'select g from generate_series(1, 3) as g', { maxRows: 3 });
    expect(exact).toMatchObject({ kind: 'replied', isTruncated: false });
    const wide = `select g, replace('xxxxxxxxxx', 'x', '0123456789') as a from generate_series(1, 90) as g`;
    const bytes = await run(connection, wide, { maxBytes: 500 });
    expect(bytes).toMatchObject({ kind: 'replied', isTruncated: true });
    expect(rowsOf(bytes)).toHaveLength(4);
    expect(outcome(await run(connection, 'select 1 as a'))).toBe('[{"a":1}]');
  });

  it('reads no reply without an end', async () => {
    const sql = `select string_agg('0123456789', '') as a from generate_series(1, 1000000)`;
    expect(outcome(await run(shop.connect(), sql, { maxBytes: 1_000 }))).toBe('failed UPSTREAM_REPLY_TOO_LARGE');
  });

  it('commits a write whose rows are more than wanted', async () => {
    const sql = `insert into items (id) select g from generate_series(1001, 1500) as g returning id`;
    const execution = await run(shop.connect(), sql, { effect: 'write', maxRows: 2 });
    expect(execution).toMatchObject({ kind: 'replied', isTruncated: true });
    expect(shop.sql('with d as (delete from items where id > 1000 returning 1) select count(*) from d')).toBe('500');
  });

  it('lets the server give up first', async () => {
    const slow = 'select count(*) as n from generate_series(1, 1000000000) as g';
    const connection = shop.connect();
    expect(outcome(await run(connection, slow, { access: { timeoutMs: 300 } }))).toBe('failed UPSTREAM_TIMEOUT');
    const slowWrite = `insert into items (id) ${slow}`;
    const options = { effect: 'write', access: { timeoutMs: 300 } } as const;
    expect(outcome(await run(connection, slowWrite, options))).toBe('failed UPSTREAM_TIMEOUT');
    expect(outcome(await run(connection, 'select 1 as a'))).toBe('[{"a":1}]');
  });

  it('F4: ends a call that is cut short, stops it at the server, and changes nothing', async () => {
    const slow = 'select count(*)::int as n from generate_series(1, 100000000000) as g';
    const before = shop.state();
    for (const [effect, sql] of [
      ['read', slow],
      ['write', `insert into items (id) ${slow}`],
    ] as const) {
      const agent = new AbortController();
      const running = run(shop.connect(), sql, { effect, access: { signal: agent.signal, timeoutMs: 60_000 } });
      await expect.poll(activeStatements).toBe('1');
      agent.abort();
      expect(outcome(await running)).toBe('failed CALL_CUT');
      // Long before the timeout of the statement.
      await expect.poll(activeStatements, { timeout: 10_000 }).toBe('0');
    }
    expect(outcome(await run(shop.connect(), slow, { access: { signal: AbortSignal.abort() } }))).toBe(
      'not-sent CALL_CUT',
    );
    expect(shop.state()).toBe(before);
  });

  it('calls a write failed whose connection was lost before its COMMIT, and indeterminate after it', async () => {
    shop.sql(`create table slow_items (id int);
      create function slow_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$;
      create constraint trigger slow after insert on slow_items deferrable initially deferred
        for each row execute function slow_commit();
      grant insert on slow_items to agent`);
    const lose = async (running: Promise<Execution>) => {
      await expect.poll(activeStatements).toBe('1');
      shop.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'agent'`);
      return outcome(await running);
    };
    const slow = 'select count(*)::int + 90000 as n from generate_series(1, 100000000000) as g';
    const write = (sql: string) => run(shop.connect(), sql, { effect: 'write', access: { timeoutMs: 60_000 } });
    expect(await lose(run(shop.connect(), slow))).toBe('failed UPSTREAM_UNREACHABLE');
    expect(await lose(write(`insert into items (id) ${slow}`))).toBe('failed UPSTREAM_UNREACHABLE');
    const committing = write('insert into slow_items values (1)');
    await expect.poll(() => shop.sql(`select count(*) from pg_stat_activity where wait_event = 'PgSleep'`)).toBe('1');
    expect(await lose(committing)).toBe('indeterminate UPSTREAM_INDETERMINATE');
    shop.sql('drop table slow_items');
  });

  it('waits for no lock for longer than half of its time', async () => {
    shop.sql(`create function hold() returns int language plpgsql security definer as
      $$ begin update orders set status = status where id = 1; perform pg_sleep(1.5); return 1; end $$;
      create view v_hold as select hold() as id; grant select on v_hold to agent`);
    const holder = run(shop.connect(), 'select id from v_hold', { effect: 'write' });
    await expect.poll(() => shop.sql(`select count(*) from pg_stat_activity where wait_event = 'PgSleep'`)).toBe('1');
    // The statement's own timeout would have another code.
    const changed = 'update orders set status = status where id = 1';
    const waiter = await run(shop.connect(), changed, { effect: 'write', access: { timeoutMs: 800 } });
    expect(outcome(waiter)).toBe('failed STATEMENT_FAILED');
    expect(outcome(await holder)).toBe('[{"id":1}]');
  });

  it('P08: settings of a transaction end with it, and none of the database change what is read', async () => {
    shop.sql(`alter role agent set search_path = evil; alter role agent set datestyle = 'German';
      alter role agent set standard_conforming_strings = off; alter role agent set statement_timeout = 0`);
    const connection = shop.connect();
    const sql = `select name, setting from v_settings order by name`;
    for (const round of [1, 2]) {
      const rows = rowsOf(await run(connection, sql, { access: { timeoutMs: 1_000 } }));
      expect(rows.slice(0, 2), String(round)).toEqual([
        { name: 'search_path', setting: '"pg_catalog", "public", "pg_temp"' },
        { name: 'standard_conforming_strings', setting: 'on' },
      ]);
      expect(Number(rows[2]?.['setting'])).toBeLessThan(1_000);
      expect(rows[3]).toEqual({ name: 'transaction_read_only', setting: 'on' });
    }
    expect(outcome(await run(connection, `select date '2026-02-28' as a, 'a\\b' as b`))).toBe(
      '[{"a":"2026-02-28","b":"a\\\\b"}]',
    );
    shop.sql('alter role agent reset all');
  });

  it('P08: leaves nothing of what the server lets pass in a read-only transaction', async () => {
    const connection = shop.connect();
    const before = shop.state();
    // PostgreSQL 16 and later refuse it themselves.
    expect(outcome(await run(connection, 'select id from v_large_object'))).toMatch(/4711|failed STATEMENT_FAILED/);
    expect(outcome(await run(connection, 'select text from v_setting'))).toBe('[{"text":"left"}]');
    expect(shop.state()).toBe(before);
    expect(rowsOf(await run(connection, 'select text from v_setting_left'))[0]?.['text']).not.toBe('left');
  });

  it('P08, control: a write keeps both', async () => {
    const connection = shop.connect();
    const before = shop.state();
    await run(connection, 'select id from v_large_object', { effect: 'write' });
    await run(connection, 'select text from v_setting', { effect: 'write' });
    expect(shop.state()).not.toBe(before);
    expect(outcome(await run(connection, 'select text from v_setting_left'))).toBe('[{"text":"left"}]');
    shop.sql('select lo_unlink(4711)');
  });

  it('keeps one connection for many statements, and none for a version that was replaced', async () => {
    const connection = shop.connect();
    const count = () =>
      Number(
        shop.sql(`select count(*) from pg_stat_activity where usename = 'agent' and application_name = 'sallyport'`),
      );
    const open = count();
    for (let round = 0; round < 5; round += 1) await run(connection, 'select 1 as a');
    expect(count() - open).toBe(1);
    const next = { credential: fields('agent', agentPassword), credentialVersion: 2 };
    await run(connection, 'select 1 as a', { access: next });
    await expect.poll(() => count() - open).toBe(1);
    // The old version's connection is gone: with a wrong password for it nothing runs.
    const wrong = { credential: fields('agent', 'wrong'), credentialVersion: 1 };
    expect(outcome(await run(connection, 'select 1 as a', { access: wrong }))).toBe(
      'not-sent UPSTREAM_REFUSED_CREDENTIAL',
    );
    await connection.close();
    await expect.poll(() => count() - open).toBe(0);
    expect(outcome(await run(connection, 'select 1 as a'))).toBe('not-sent SHUTTING_DOWN');
  });

  it('runs at most eight at once, and lets the others wait', async () => {
    await expect.poll(() => shop.sql(`select count(*) from pg_stat_activity where usename = 'agent'`)).toBe('0');
    const connection = shop.connect();
    const statements = Array.from({ length: 30 }, () =>
      run(connection, 'select count(*) as n from generate_series(1, 20000) as g'),
    );
    const outcomes = new Set((await Promise.all(statements)).map(outcome));
    expect([...outcomes]).toEqual(['[{"n":20000}]']);
    expect(Number(shop.sql(`select count(*) from pg_stat_activity where usename = 'agent'`))).toBeLessThanOrEqual(8);
  });
});
