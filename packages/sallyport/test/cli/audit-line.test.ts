// A record as people read it: facts by name, moments as times of the wall clock.
import { expect, it } from 'vitest';
import { auditLine } from '../../src/cli/audit-line.ts';
import { localTime } from '../../src/domain/local-time.ts';

const at = 1_795_528_540_567;

it('has the facts of an administrative record by name, and its times as local times', () => {
  const facts = {
    agent: 'bob',
    rule: 'agents.bob.may[0]',
    expiresAtMs: at,
    maxLifetimeMs: 86_400_000,
    ended: [],
    was: null,
  };
  const line = auditLine({ leaf: 7, entry: { kind: 'approval.requested', at, subject: 'a-1', facts } });
  const time = localTime(at);
  expect(line).toBe(
    `     7 ${time} approval.requested subject=a-1 agent=bob rule=agents.bob.may[0] expiresAt=${time} maxLifetime=1d`,
  );
});

it('has the lists, counts and spans of other records', () => {
  const window = { kind: 'door.unauthenticated', at, fromMs: at, counts: { TOKEN_MISSING: 3 } };
  expect(auditLine({ leaf: 1, entry: window })).toContain(`from=${localTime(at)} TOKEN_MISSING=3`);
  const outcome = { kind: 'call.outcome', at, durationMs: 12, code: null, isKept: false, ids: ['a', 'b'] };
  expect(auditLine({ leaf: 1, entry: outcome })).toMatch(/call\.outcome durationMs=12 isKept=false ids=a,b$/);
});

it('A01: writes out what an agent hid in details', () => {
  const entry = { kind: 'call.intent', at };
  expect(auditLine({ leaf: 1, entry, details: { input: { text: 'a\u202eb' } } })).toContain(
    String.raw`{"input":{"text":"a\u{202e}b"}}`,
  );
});
