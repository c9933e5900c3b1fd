// Tests what may be declared as the statement of an operation on a SQLite database.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operation } from './operation-definition.ts';
import { connectTo, ShopDatabase } from './shop-database.ts';

const shop = new ShopDatabase();

describe('prepare', () => {
  it('takes reads of tables, views, harmless functions and recursive queries', async () => {
    for (const sql of [
      'select id, upper(name) as name from item',
      'select id, name from cheap;',
      "select json_extract('[1]', '$[0]') as one",
      'with recursive c(x) as (select 1 union all select x + 1 from c where x < 5) select x from c',
      'values (1, 2)',
    ]) {
      expect(await shop.problems(sql)).toEqual([]);
    }
  });

  it.each([
    'insert into item (name) values (1)',
    'update item set name = 1',
    'delete from item',
    'replace into item (id, name) values (1, 2)',
    'with x as (select 1) delete from item',
  ])('refuses %j as a read', async (sql) => {
    expect(await shop.problems(sql)).toEqual(['error: the statement is refused: it writes, but its effect is read']);
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
    const found = await shop.prepare(sql, { effect: 'destroy' });
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
    expect((await shop.prepare(sql)).ok).toBe(false);
  });

  it('P08: refuses to write the schema, and lets it be read', async () => {
    expect((await shop.prepare("delete from sqlite_master where name = 'item'", { effect: 'destroy' })).ok).toBe(false);
    expect(await shop.problems('select name from sqlite_schema')).toEqual([]);
  });

  it('D1: refuses a second statement and the engine’s other forms of parameters', async () => {
    expect(await shop.problems('select 1; delete from item')).toEqual([
      'error: sql is one statement: nothing may follow the first semicolon',
    ]);
    expect(await shop.problems('select ?1, @a')).toEqual([
      'error: write the parameter ?1 as :name, after an input',
      'error: write the parameter @a as :name, after an input',
    ]);
  });

  it('refuses parameters without an input and inputs without a parameter', async () => {
    expect(await shop.problems('select :a as a', { input: { b: {} } })).toEqual([
      'error: there is no input a for the parameter :a',
      'error: the input b is used nowhere in the statement',
    ]);
  });

  it('refuses two columns of one name, unknown tables, and text in double quotes that is no name', async () => {
    expect(await shop.problems('select id, name as id from item')).toEqual([
      'error: two columns are named id: rename one with AS',
    ]);
    expect((await shop.problems('select x from nowhere'))[0]).toMatch(/no such table/);
    expect((await shop.problems('select "nowhere" from item'))[0]).toMatch(/no such column/);
  });

  it('warns of a write that deletes', async () => {
    expect(await shop.problems('delete from log', { effect: 'write' })).toEqual([
      'warning: the statement deletes rows; declare effect: destroy',
    ]);
    expect(await shop.problems('delete from log', { effect: 'destroy' })).toEqual([]);
  });

  it('refuses a database that does not exist with its path, once for all operations, and does not create it', async () => {
    const missing = join(shop.folder, 'missing.db');
    const other = connectTo(missing);
    const problems = await other.check();
    const prepared = await other.prepare(operation({ request: { type: 'sqlite', sql: 'select 1' }, input: {} }));
    await other.close();
    expect(problems).toMatchObject([{ path: ['file'], message: `the database file ${missing} does not exist` }]);
    expect(prepared).toEqual({ ok: false, problems: [] });
    expect(existsSync(missing)).toBe(false);
  });

  it('refuses an HTTP operation', async () => {
    expect((await shop.connection.prepare(operation())).ok).toBe(false);
  });
});
