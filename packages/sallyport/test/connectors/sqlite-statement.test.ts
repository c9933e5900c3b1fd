// Tests how the text of a statement is read: nothing hides a parameter, a second statement or the first word.
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../src/connectors/sqlite-statement.ts';

describe('readStatement', () => {
  it('finds each named parameter once, wherever it stands', () => {
    const sql = `select :a, ':no', "x:no", [y:no], \`z:no\`, -- :no\n /* :no */ :b||:a, :c1_x`;
    expect(readStatement(sql).parameters).toEqual(['a', 'b', 'c1_x']);
  });

  it('finds parameters of other forms', () => {
    expect(readStatement('select ?, ?2, @a, $b, $c::d').otherParameters).toEqual(['?', '?2', '@a', '$b', '$c::d']);
  });

  it('is not misled by quotes inside quotes', () => {
    expect(readStatement(`select 'it''s :no', "a"":no", :yes`).parameters).toEqual(['yes']);
  });

  it.each([
    ['select 1; select 2', true],
    ['select 1;;', true],
    ["select ';' ; drop table t", true],
    ['select 1; -- more', false],
    ['select 1; /* more */ ', false],
    ["select ';'", false],
    ['select 1;', false],
  ])('D1: sees what follows the end of %j', (sql, expected) => {
    expect(readStatement(sql).hasTrailingText).toBe(expected);
  });

  it('finds the first word behind comments', () => {
    expect(readStatement('/* x */ -- y\n  select 1').firstWord).toBe('SELECT');
    expect(readStatement('-- select').firstWord).toBe('');
    expect(readStatement("'select'").firstWord).toBe("'select'");
    expect(readStatement('(select 1)').firstWord).toBe('(');
  });
});
