// Tests the SQLite connector on real databases: what may be declared, how values travel, and how statements end.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  Execution,
  ExecutionAccess,
  OperationPlan,
  Prepared,
  ServiceConnection,
} from '../../src/connectors/connector.ts';
import { connectService } from '../../src/connectors/index.ts';
import type { Effect } from '../../src/domain/effect.ts';
import type { JsonObject } from '../../src/domain/json-value.ts';
import type { OperationInput } from '../../src/domain/operation.ts';
import type { ServiceId } from '../../src/domain/service.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { input, operation, replyAll } from './operation-definition.ts';

// One step of the engine that takes a second for a million or so: it has to be given up.
const slowCount =
  'with recursive c(x) as (select 1 union all select x + 1 from c limit :n) select count(*) as n from c';

let folder: string;
let file: string;
let connection: ServiceConnection;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'));
  file = join(folder, 'shop #1?.db');
  seed(file);
  connection = connectTo(file);
});

afterEach(async () => {
  await connection.close();
  rmSync(folder, { recursive: true });
});

function seed(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`
    create table item (id integer primary key, name text not null, price real, big integer, data blob);
    insert into item values (1, 'anvil', 9.5, 9007199254740993, x'00ff'), (2, 'rope', 2, 9007199254740991, null);
    create table part (id integer primary key, item integer references item(id) deferrable initially deferred);
    create table log (what text);
    create trigger logged after update on item begin insert into log values ('updated ' || new.id); end;
    create virtual table note using fts5(title, body);
    insert into note values ('a', 'hello world'), ('b', 'goodbye');
    create view cheap as select id, name from item where price < 5;
  `);
  db.close();
}

function connectTo(path: string): ServiceConnection {
  return connectService({ type: 'sqlite', id: 'shop' as ServiceId, file: path }, { network: createNetwork() });
}

interface Declared {
  readonly effect?: Effect;
  readonly input?: Readonly<Record<string, JsonObject>>;
  readonly maxRows?: number;
  readonly maxBytes?: number;
  readonly isSilent?: boolean;
}

function prepare(sql: string, declared: Declared = {}): Promise<Prepared> {
  const caps = { maxRows: declared.maxRows ?? 100, maxBytes: declared.maxBytes ?? 10_000, headers: [] };
  return connection.prepare(
    operation({
      request: { type: 'sqlite', sql },
      effect: declared.effect ?? 'read',
      input: declared.input ?? {},
      reply: declared.isSilent === true ? { ...caps, kind: 'none' } : { ...replyAll, ...caps, kind: 'rows' },
    }),
  );
}

async function plan(sql: string, declared: Declared = {}): Promise<OperationPlan> {
  const prepared = await prepare(sql, declared);
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  return prepared.plan;
}

async function problems(sql: string, declared: Declared = {}): Promise<readonly string[]> {
  return (await prepare(sql, declared)).problems.map(({ severity, message }) => `${severity}: ${message}`);
}

function execute(
  planned: OperationPlan,
  values: OperationInput = {},
  access: Partial<ExecutionAccess> = {},
): Promise<Execution> {
  return planned.execute(planned.build(input(values)), {
    credential: null,
    idempotencyKey: null,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...access,
  });
}

async function rowsOf(sql: string, values: OperationInput = {}, declared: Declared = {}): Promise<string> {
  const names = Object.fromEntries(Object.keys(values).map((name) => [name, {}]));
  const execution = await execute(await plan(sql, { input: names, ...declared }), values);
  return execution.kind === 'replied' && execution.body.kind === 'rows'
    ? JSON.stringify(execution.body.rows)
    : JSON.stringify(execution);
}

function stored(sql: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

function summary(execution: Execution): string {
  return execution.kind === 'replied' ? 'replied' : `${execution.kind} ${execution.error.code}`;
}

describe('prepare', () => {
  it('takes reads of tables, views, harmless functions and recursive queries', async () => {
    for (const sql of [
      'select id, upper(name) as name from item',
      'select id, name from cheap;',
      "select json_extract('[1]', '$[0]') as one",
      'with recursive c(x) as (select 1 union all select x + 1 from c where x < 5) select x from c',
      'values (1, 2)',
    ]) {
      expect(await problems(sql)).toEqual([]);
    }
  });

  it.each([
    'insert into item (name) values (1)',
    'update item set name = 1',
    'delete from item',
    'replace into item (id, name) values (1, 2)',
    'with x as (select 1) delete from item',
  ])('refuses %j as a read', async (sql) => {
    expect(await problems(sql)).toEqual(['error: the statement is refused: it writes, but its effect is read']);
  });

  it.each([
    'pragma table_info(item)',
    'attach :f as other',
    'begin',
    'commit',
    'savepoint a',
    'create table x (a)',
    'drop table item',
    'alter table item add column x',
    "vacuum into '/tmp/copy.db'",
    'vacuum',
    'reindex',
    'analyze',
    'explain select 1',
    '',
    ';',
    '-- nothing',
  ])('D1: refuses %j as any statement', async (sql) => {
    const found = await prepare(sql, { effect: 'destroy' });
    expect(found.ok).toBe(false);
  });

  it.each([
    "select load_extension('x')",
    "select * from pragma_table_info('item')",
    "select readfile('/etc/passwd')",
    'select zeroblob(1000000000)',
    "select fts3_tokenizer('x')",
    'select sqlite_version()',
    'select data from sqlite_dbpage',
  ])('P08: refuses %j', async (sql) => {
    expect((await prepare(sql)).ok).toBe(false);
  });

  it('P08: refuses to write the schema, and lets it be read', async () => {
    expect((await prepare("delete from sqlite_master where name = 'item'", { effect: 'destroy' })).ok).toBe(false);
    expect(await problems('select name from sqlite_schema')).toEqual([]);
  });

  it('D1: refuses a second statement and the engine’s other forms of parameters', async () => {
    expect(await problems('select 1; delete from item')).toEqual([
      'error: sql is one statement: nothing may follow the first semicolon',
    ]);
    expect(await problems('select ?1, @a')).toEqual([
      'error: write the parameter ?1 as :name, after an input',
      'error: write the parameter @a as :name, after an input',
    ]);
  });

  it('refuses parameters without an input and inputs without a parameter', async () => {
    expect(await problems('select :a as a', { input: { b: {} } })).toEqual([
      'error: there is no input a for the parameter :a',
      'error: the input b is used nowhere in the statement',
    ]);
  });

  it('refuses two columns of one name, unknown tables, and text in double quotes that is no name', async () => {
    expect(await problems('select id, name as id from item')).toEqual([
      'error: two columns are named id: rename one with AS',
    ]);
    expect((await problems('select x from nowhere'))[0]).toMatch(/no such table/);
    expect((await problems('select "nowhere" from item'))[0]).toMatch(/no such column/);
  });

  it('warns of a write that deletes', async () => {
    expect(await problems('delete from log', { effect: 'write' })).toEqual([
      'warning: the statement deletes rows; declare effect: destroy',
    ]);
    expect(await problems('delete from log', { effect: 'destroy' })).toEqual([]);
  });

  it('refuses a database that does not exist, and does not create it', async () => {
    const missing = join(folder, 'missing.db');
    const other = connectTo(missing);
    const prepared = await other.prepare(operation({ request: { type: 'sqlite', sql: 'select 1' }, input: {} }));
    await other.close();
    expect(prepared).toMatchObject({ ok: false, problems: [{ message: 'the database file cannot be opened' }] });
    expect(existsSync(missing)).toBe(false);
  });

  it('refuses an HTTP operation', async () => {
    expect((await connection.prepare(operation())).ok).toBe(false);
  });
});

describe('values', () => {
  it('D1: are bound, never read as SQL', async () => {
    const name = "anvil' or 1=1 --";
    expect(await rowsOf('select id from item where name = :name', { name })).toBe('[]');
    expect(await rowsOf('select id from item where name = :name', { name: 'anvil' })).toBe('[{"id":1}]');
  });

  it('B3: are exact in both directions', async () => {
    const big = parseStrictJson('9007199254740993', { maxDepth: 1, numbers: 'keep' });
    expect(await rowsOf('select big, price, typeof(:big) as type from item where big = :big', { big })).toBe(
      '[{"big":9007199254740993,"price":9.5,"type":"integer"}]',
    );
    expect(
      await rowsOf('select typeof(:a) as a, typeof(:b) as b, :c as c, :d as d', { a: 1, b: 1.5, c: true, d: null }),
    ).toBe('[{"a":"integer","b":"real","c":1,"d":null}]');
  });

  it('limit rows by an input', async () => {
    expect(await rowsOf('select id from item order by id limit :limit', { limit: 1 })).toBe('[{"id":1}]');
  });

  it('are NULL when they were left out', async () => {
    expect(JSON.stringify(await execute(await plan('select :a as a', { input: { a: {} } })))).toContain('[{"a":null}]');
  });

  it('come back as base64 when they are bytes', async () => {
    expect(await rowsOf('select data from item order by id')).toBe('[{"data":"AP8="},{"data":null}]');
  });

  it('B5: are refused when they are no scalars or cannot be held exactly', async () => {
    const planned = await plan('select :a as a', { input: { a: {} } });
    const huge = parseStrictJson('9223372036854775808', { maxDepth: 1, numbers: 'keep' });
    const long = parseStrictJson('0.12345678901234567890123', { maxDepth: 1, numbers: 'keep' });
    for (const a of [['a'], { $ne: 1 }, { rawJSON: '1' }, '\ud800', 'a\0b', huge, long]) {
      expect(() => planned.build(input({ a }))).toThrow(expect.objectContaining({ code: 'INPUT_UNSAFE' }));
    }
  });

  it('fail the statement when JSON cannot carry them', async () => {
    const execution = await execute(await plan('select 9e999 as a'));
    expect(summary(execution)).toBe('failed STATEMENT_FAILED');
  });
});

describe('a read', () => {
  it('stops at the row cap and at the byte cap, and says so', async () => {
    const sql = 'with recursive c(x) as (select 1 union all select x + 1 from c where x < 1000) select x from c';
    const byRows = await execute(await plan(sql, { maxRows: 3 }));
    const byBytes = await execute(await plan(sql, { maxRows: 2_000, maxBytes: 50 }));
    expect(byRows).toMatchObject({ isTruncated: true, body: { rows: [{ x: 1 }, { x: 2 }, { x: 3 }] } });
    expect(byBytes).toMatchObject({ isTruncated: true });
    expect(byBytes.kind === 'replied' && byBytes.bytes).toBeLessThanOrEqual(50);
    expect(await execute(await plan(sql, { maxRows: 1_000, maxBytes: 100_000 }))).toMatchObject({ isTruncated: false });
  });

  it('is given up at its deadline, and others go on', async () => {
    const slow = await plan(slowCount, { input: { n: {} } });
    expect(summary(await execute(slow, { n: 3_000_000 }, { timeoutMs: 100 }))).toBe('failed UPSTREAM_TIMEOUT');
    expect(await rowsOf('select id from item where id = :id', { id: 1 })).toBe('[{"id":1}]');
  });

  it('is given up when it is stopped, and never started when it was stopped before', async () => {
    const slow = await plan(slowCount, { input: { n: {} } });
    const signal = AbortSignal.timeout(50);
    expect(summary(await execute(slow, { n: 3_000_000 }, { signal }))).toBe('failed CALL_CUT');
    expect(summary(await execute(slow, { n: 1 }, { signal: AbortSignal.abort() }))).toBe('not-sent CALL_CUT');
  });

  it('cannot do what another statement was allowed after the schema changed under it', async () => {
    const planned = await plan('select id, name from cheap');
    expect(summary(await execute(planned))).toBe('replied');
    const db = new DatabaseSync(file);
    db.exec('drop view cheap; create view cheap as select id, data as name from item');
    db.close();
    expect(summary(await execute(planned))).toBe('failed STATEMENT_FAILED');
  });
});

describe('a write', () => {
  const rename = 'update item set name = :name where id = :id';
  const declared: Declared = { effect: 'write', input: { name: {}, id: {} } };

  it('says how many rows it changed, triggers included in the permission', async () => {
    expect(await rowsOf(rename, { name: 'chain', id: 2 }, declared)).toBe('[{"changes":1}]');
    expect(stored('select name, (select what from log) as what from item where id = 2')).toEqual([
      { name: 'chain', what: 'updated 2' },
    ]);
  });

  it('returns rows where the statement does', async () => {
    const sql = 'insert into item (name) values (:name) returning id, name';
    expect(await rowsOf(sql, { name: 'nail' }, { effect: 'write' })).toBe('[{"id":3,"name":"nail"}]');
    expect(
      await execute(await plan('update item set price = 1 returning id', { effect: 'write', maxRows: 1 })),
    ).toMatchObject({
      isTruncated: true,
      body: { rows: [{ id: 1 }] },
    });
    expect(stored('select count(*) as n from item where price = 1')).toEqual([{ n: 3 }]);
  });

  it('says nothing but that it was done when the policy is none', async () => {
    expect(await execute(await plan('delete from log', { effect: 'destroy', isSilent: true }))).toMatchObject({
      body: { kind: 'empty' },
    });
  });

  it('leaves nothing behind when it fails, and says nothing of the values', async () => {
    const failed = await execute(await plan(rename, declared), { name: null, id: 1 });
    expect(summary(failed)).toBe('failed STATEMENT_FAILED');
    expect('error' in failed && failed.error.message).toBe('the statement failed; nothing was changed');
    const atCommit = await execute(
      await plan('insert into part (item) values (:item)', { effect: 'write', input: { item: {} } }),
      { item: 99 },
    );
    expect(summary(atCommit)).toBe('failed STATEMENT_FAILED');
    expect(stored('select count(*) as n from part')).toEqual([{ n: 0 }]);
    expect(await rowsOf(rename, { name: 'ok', id: 1 }, declared)).toBe('[{"changes":1}]');
  });

  it('is not sent when somebody else holds the database', async () => {
    const planned = await plan(rename, declared);
    const db = new DatabaseSync(file);
    db.exec('begin immediate');
    const execution = await execute(planned, { name: 'x', id: 1 }, { timeoutMs: 200 });
    db.exec('rollback');
    db.close();
    expect(summary(execution)).toBe('not-sent STATEMENT_FAILED');
  });

  it('is indeterminate when it is given up', async () => {
    const sql = `insert into log select n from (${slowCount})`;
    const planned = await plan(sql, { effect: 'write', input: { n: {} } });
    expect(summary(await execute(planned, { n: 3_000_000 }, { timeoutMs: 100 }))).toBe(
      'indeterminate UPSTREAM_INDETERMINATE',
    );
  });

  it('is not sent when its turn does not come before the deadline', async () => {
    const slow = await plan(`insert into log select n from (${slowCount})`, { effect: 'write', input: { n: {} } });
    const first = execute(slow, { n: 3_000_000 }, { timeoutMs: 300 });
    const second = await execute(await plan(rename, declared), { name: 'x', id: 1 }, { timeoutMs: 50 });
    expect(summary(second)).toBe('not-sent UPSTREAM_TIMEOUT');
    expect(summary(await first)).toBe('indeterminate UPSTREAM_INDETERMINATE');
  });
});

describe('a full-text table', () => {
  it('is searched by a read', async () => {
    const sql =
      "select title, snippet(note, 1, '[', ']', '', 5) as text from note where note match :q order by bm25(note)";
    expect(await rowsOf(sql, { q: 'hello' })).toBe('[{"title":"a","text":"[hello] world"}]');
  });

  it('is changed by a write', async () => {
    const sql = 'insert into note (title, body) values (:title, :body)';
    expect(await rowsOf(sql, { title: 'c', body: 'hello again' }, { effect: 'write' })).toBe('[{"changes":1}]');
    expect(stored("select count(*) as n from note where note match 'hello'")).toEqual([{ n: 2 }]);
  });
});

describe('close', () => {
  it('ends what is under way and takes nothing more', async () => {
    const slow = await plan(slowCount, { input: { n: {} } });
    const running = execute(slow, { n: 3_000_000 });
    await connection.close();
    expect(summary(await running)).toBe('failed SHUTTING_DOWN');
    expect(summary(await execute(slow, { n: 1 }))).toBe('not-sent SHUTTING_DOWN');
    expect(
      summary(
        await slow.execute(
          { bytes: 0 },
          { credential: null, idempotencyKey: null, timeoutMs: 1, signal: AbortSignal.abort() },
        ),
      ),
    ).toBe('not-sent INTERNAL');
  });
});
