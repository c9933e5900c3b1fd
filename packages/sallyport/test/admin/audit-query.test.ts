// What an operator asks the audit for, and what is said when it cannot be asked for.
import { describe, expect, it } from 'vitest';
import { auditQuery } from '../../src/admin/routes/audit-query.ts';
import { SallyportError } from '../../src/domain/errors.ts';

describe('a filter of the audit', () => {
  it('has defaults', () => {
    expect(auditQuery({ kind: 'call.refused' })).toEqual({ limit: 50, kind: 'call.refused' });
  });

  it.each([
    [{ kind: 'PASTED' }, /^kind must be one of call\.intent, call\.outcome, call\.refused/],
    [{ limit: '0' }, /^limit must be a whole number from 1 to 1000$/],
    [{ limit: '7.5' }, /^limit must be/],
    [{ after: 'PASTED' }, /^after must be the number of a record, as `audit show` prints it$/],
    [
      { kind: '\u001b[2J', limit: 'PASTED' },
      /^limit must be a whole number from 1 to 1000; kind must be one of [a-z., -]+$/,
    ],
    [{ PASTED: 'red' }, /^the audit is filtered by after, limit, kind, call, agent, operation, and by nothing else$/],
  ])('L03: that is %j is refused with what it must be, and without what was given', (given, said) => {
    expect(refusal(given)).toMatch(said);
    expect(refusal(given)).not.toContain('PASTED');
  });
});

function refusal(given: Readonly<Record<string, string>>): string {
  try {
    return JSON.stringify(auditQuery(given));
  } catch (error) {
    return error instanceof SallyportError ? error.message : String(error);
  }
}
