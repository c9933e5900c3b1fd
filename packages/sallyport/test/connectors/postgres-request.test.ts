// Contract: what an operator is shown of a held statement is the text that would be sent, and each value beside its place.
import { expect, it } from 'vitest';
import { parseStatement } from '../../src/connectors/postgres-grammar.ts';
import { PostgresPlannedRequest } from '../../src/connectors/postgres-request.ts';

it('shows the statement line by line, and every value in quotes but null', async () => {
  const parsed = await parseStatement('update orders set note = :note\nwhere id = :id and note is distinct from :note');
  if (!parsed.ok) throw new Error(parsed.messages.join());
  expect(new PostgresPlannedRequest(parsed.statement, ['null\n$2', null]).preview()).toEqual([
    { part: 'statement', lines: ['update orders set note =  $1 ', 'where id =  $2  and note is distinct from  $1'] },
    { part: 'values', lines: ['$1, :note = "null\\n$2"', '$2, :id = null'] },
  ]);
});

it('shows no values where there are none', async () => {
  const parsed = await parseStatement('select count(*) from orders');
  if (!parsed.ok) throw new Error(parsed.messages.join());
  const parts = new PostgresPlannedRequest(parsed.statement, []).preview().map(({ part }) => part);
  expect(parts).toEqual(['statement']);
});
