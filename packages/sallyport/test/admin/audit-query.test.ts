// What an operator asks the audit for, and what is said when it cannot be asked for.
import { describe, expect, it } from 'vitest';
import { auditQuery } from '../../src/admin/routes/audit-query.ts';

describe('a filter of the audit', () => {
  it('has defaults', () => {
    expect(auditQuery({ kind: 'call.refused' })).toEqual({ limit: 50, kind: 'call.refused' });
  });

  it.each([
    [{ kind: 'nope' }, 'kind is "nope", and may be one of call.intent, call.outcome, call.refused'],
    [{ limit: '0' }, 'limit is "0", and may be a whole number from 1 to 1000'],
    [{ limit: '7.5' }, 'limit is "7.5", and may be'],
    [{ after: 'x' }, 'after is "x", and may be the number of a record'],
    [
      { kind: '\u001b[2J', limit: 'many' },
      'limit is "many", and may be a whole number from 1 to 1000; kind is "\\u001b[2J"',
    ],
    [{ kind: 'k'.repeat(60) }, `kind is "${'k'.repeat(40)}…"`],
    [{ colour: 'red' }, 'the audit is filtered by after, limit, kind, call, agent, operation'],
  ])('that is %j is refused with what was given and what may be', (given, said) => {
    expect(() => auditQuery(given)).toThrow(said);
  });
});
