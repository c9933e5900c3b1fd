// Entries and a key for the tests of the audit; no test runner in here, because a child process uses them too.
import type { CallIntent, CallOutcomeEntry, CallRefused } from '../../src/domain/audit-entry.ts';

export const detailsKey = Buffer.alloc(32, 7);

export function intentOf(call: string, agent = 'bot'): CallIntent {
  return {
    kind: 'call.intent',
    at: 1_000_000,
    call,
    door: 'mcp',
    agent,
    session: 's1',
    operation: 'orders.read',
    operationDigest: 'd1',
    configDigest: 'd2',
    effect: 'read',
    decision: 'allow',
    approval: null,
    rule: 'agents.bot.may[0]',
    service: 'shop',
    request: 'GET /orders/{id}',
    credential: 'shop',
    credentialVersion: 1,
    inputBytes: 12,
  };
}

export function outcomeOf(call: string, result: CallOutcomeEntry['result'] = 'ok'): CallOutcomeEntry {
  return {
    kind: 'call.outcome',
    at: 1_000_001,
    call,
    result,
    code: null,
    upstreamStatus: 200,
    replyBytes: 10,
    redactions: 0,
    durationMs: 1.5,
  };
}

export function refusalOf(call: string): CallRefused {
  return {
    kind: 'call.refused',
    at: 1_000_000,
    call,
    door: 'mcp',
    agent: 'bot',
    session: null,
    operation: null,
    configDigest: 'd2',
    code: 'OPERATION_NOT_AVAILABLE',
    reason: 'operation-unknown',
    rule: null,
  };
}
