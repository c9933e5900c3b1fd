// The path of a call: the order of its stages, what each refuses, and what stands in the records afterwards (I2, I3, I4, I10).
import { beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../../src/connectors/connector.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { isOpen } from '../../src/vault/permit.ts';
import { type Installation, install, refusalIn, replied, replyIn, secretValue } from './installation.ts';

let site: Installation;
beforeEach(async () => {
  site = await install();
});

describe('a call that is allowed', () => {
  it('goes through its stages in order: decided, recorded, opened, sent, scrubbed, recorded', async () => {
    site.service = () => replied({ id: 7, name: 'lamp', internal: 'x', tags: [{ label: 'a', n: 1 }, { n: 2 }] });
    const outcome = await site.call('items.get', { id: 7 });
    expect(replyIn(outcome)).toEqual({ id: 7, name: 'lamp', tags: [{ label: 'a' }] });
    expect(site.events).toEqual(['authenticate', 'build', 'scrub', 'begin', 'open', 'execute', 'scrub', 'end']);
  });

  it('takes the rate in the turn of the decision, before the intent', async () => {
    await site.call('items.all', { id: 7 });
    expect(site.events.slice(0, 5)).toEqual(['authenticate', 'build', 'take', 'scrub', 'begin']);
  });

  it('has an intent and an outcome that belong together and hold no argument', async () => {
    const outcome = await site.call('items.put', { id: 7, note: 'a private remark' });
    const [intent, end] = site.journal.entries;
    expect(intent).toMatchObject({
      kind: 'call.intent',
      call: outcome.callId,
      agent: 'bot',
      operation: 'items.put',
      effect: 'write',
      rule: 'agents.bot.may[2]',
      request: 'items.put template',
      credentialVersion: 3,
    });
    expect(end).toMatchObject({ kind: 'call.outcome', call: outcome.callId, result: 'ok', code: null, replyBytes: 8 });
    expect(JSON.stringify(site.journal.entries)).not.toContain('remark');
    expect(site.journal.details).toEqual([{ input: { id: 7, note: 'a private remark' } }]);
  });

  it('B11, I3: executes the very object that was decided on, frozen', async () => {
    const input = { id: 7, note: 'x' };
    site.service = (built) => {
      expect(Object.isFrozen(built)).toBe(true);
      expect(() => Object.assign(built, { id: 8 })).toThrow(TypeError);
      return replied({ id: 7 });
    };
    const pending = site.call('items.put', input);
    // The door's own object changes while the call waits for its record.
    input.id = 666;
    await pending;
    expect(site.sent[0]?.input).toEqual({ id: 7, note: 'x' });
    expect(site.journal.details).toEqual([{ input: { id: 7, note: 'x' } }]);
  });

  it('I4: opens the credential with a permit that is closed when the request is sent', async () => {
    site.service = () => {
      expect(site.vault.permits.map(isOpen)).toEqual([false]);
      return replied({ id: 1 });
    };
    await site.call('items.get', { id: 1 });
    expect(site.vault.permits).toHaveLength(1);
    expect(site.vault.permits[0]).toMatchObject({ credential: 'api', version: 3 });
  });

  it('waits for a session that is being opened', async () => {
    expect(replyIn(await site.call('items.get', { id: 1 }, { token: 'token-of-slow-bot' }))).toEqual({ id: 1 });
  });

  it('ends a read when the agent leaves, and not a write', async () => {
    const leaving = new AbortController();
    site.service = (_, { signal }) => {
      leaving.abort();
      return replied({ id: signal.aborted ? 1 : 0 });
    };
    expect(replyIn(await site.call('items.get', { id: 1 }, { signal: leaving.signal }))).toEqual({ id: 1 });
    expect(replyIn(await site.call('items.put', { id: 1, note: '' }, { signal: leaving.signal }))).toEqual({ id: 0 });
  });
});

describe('a call that is refused', () => {
  it('A6: answers alike, byte for byte, for what does not exist and for what is not granted', async () => {
    const answers = [];
    for (const name of [
      { operation: 'items.nope' },
      { operation: 'items.delete' },
      { tool: 'nope' },
      { tool: 'items_delete' },
    ]) {
      const outcome = await site.call('', { any: 'input' }, { name });
      answers.push(JSON.stringify({ ...outcome, callId: null }));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('OPERATION_NOT_AVAILABLE');
    const reasons = ['operation-unknown', 'grant-missing', 'operation-unknown', 'grant-missing'];
    expect(site.reports.map(({ reason }) => reason)).toEqual(reasons);
    expect(site.journal.entries).toMatchObject(
      reasons.map((reason) => ({
        kind: 'call.refused',
        reason,
        operation: reason === 'grant-missing' ? 'items.delete' : null,
      })),
    );
  });

  it('keeps the name that an agent chose in the sealed details only, cut short', async () => {
    await site.call(`items.${'x'.repeat(500)}`, {});
    expect(JSON.stringify(site.journal.entries)).not.toContain('xxx');
    expect(site.journal.details).toEqual([{ name: `items.${'x'.repeat(194)}` }]);
  });

  it('is answered when its record is durable, and with AUDIT_UNAVAILABLE when it cannot be', async () => {
    site.journal.failing = 'refuse';
    expect(refusalIn(await site.call('items.get', { id: 'x' })).code).toBe('AUDIT_UNAVAILABLE');
  });

  const cases: readonly [string, string, Parameters<Installation['call']>, string][] = [
    ['INPUT_INVALID', 'input-invalid', ['items.get', { id: 'seven' }], 'the input does not fit'],
    ['INPUT_UNSAFE', 'input-unsafe', ['items.put', { id: 1, note: 'unsafe' }], 'cannot stand'],
    ['CALL_DENIED', 'condition-not-met', ['items.get', { id: 100 }], 'do not repeat it unchanged'],
    [
      'APPROVAL_UNAVAILABLE',
      'approval-required',
      ['items.put', { id: 1, note: '' }, { token: 'token-of-slow-bot' }],
      'an operator must',
    ],
    [
      'IDEMPOTENCY_KEY_MALFORMED',
      'idempotency-key-malformed',
      ['items.put', { id: 1, note: '' }, { idempotencyKey: 'a b' }],
      'visible',
    ],
  ];
  for (const [code, reason, args, message] of cases) {
    it(`is ${code} with the reason ${reason} for the operator, before anything is opened or sent`, async () => {
      const refusal = refusalIn(await site.call(...args));
      expect(refusal).toMatchObject({ code, message: expect.stringContaining(message) });
      expect(refusal.message).not.toMatch(/may\[|bot|rule/);
      expect(site.journal.entries).toMatchObject([{ kind: 'call.refused', code, reason, session: expect.any(String) }]);
      expect(site.reports).toMatchObject([{ code, reason, operation: args[0] }]);
      expect(site.events).not.toContain('begin');
      expect(site.sent).toEqual([]);
    });
  }

  it('names every issue of an input, and no value', async () => {
    const refusal = refusalIn(await site.call('items.put', { id: 0, note: 5, extra: 'private' }));
    expect(refusal.issues.length).toBeGreaterThan(1);
    expect(JSON.stringify(refusal)).not.toContain('private');
  });

  it('is CALL_RATE_EXCEEDED with the time to wait when the rate is used up', async () => {
    await Promise.all([site.call('items.all', { id: 1 }), site.call('items.all', { id: 1 })]);
    const refusal = refusalIn(await site.call('items.all', { id: 1 }));
    expect(refusal).toMatchObject({ code: 'CALL_RATE_EXCEEDED', status: 429, retryAfterMs: 3_600_000 });
  });

  it('R: shares no rate between calls that wait side by side', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => site.call('items.all', { id: 1 })));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(2);
    expect(site.sent).toHaveLength(2);
  });

  it('E6: is CREDENTIAL_MISSING before the intent when no value was added', async () => {
    site.vault.version = undefined;
    expect(refusalIn(await site.call('items.get', { id: 1 })).code).toBe('CREDENTIAL_MISSING');
    expect(site.journal.entries).toMatchObject([{ kind: 'call.refused', code: 'CREDENTIAL_MISSING' }]);
  });

  it('I11: is CREDENTIAL_WEAK for a weak credential where the reply has no allow-list, and only there', async () => {
    if (site.vault.version !== undefined) site.vault.version = { ...site.vault.version, isWeak: true };
    expect(refusalIn(await site.call('items.all', { id: 1 })).code).toBe('CREDENTIAL_WEAK');
    expect(replyIn(await site.call('items.get', { id: 1 }))).toEqual({ id: 1 });
  });

  it('is SESSION_REVOKED, and recorded, when an operator ended the session', async () => {
    site.agents.revoked.add('bot');
    expect(refusalIn(await site.call('items.get', { id: 1 })).code).toBe('SESSION_REVOKED');
    expect(site.journal.entries).toMatchObject([{ kind: 'call.refused', code: 'SESSION_REVOKED', session: null }]);
  });

  it('I2: runs nothing when the intent cannot be recorded', async () => {
    site.journal.failing = 'begin';
    expect(refusalIn(await site.call('items.put', { id: 1, note: '' })).code).toBe('AUDIT_UNAVAILABLE');
    expect(site.vault.permits).toEqual([]);
    expect(site.sent).toEqual([]);
  });

  it('is counted and not recorded before it is known who calls', async () => {
    for (const [token, code] of [
      [undefined, 'TOKEN_MISSING'],
      ['token-of-nobody', 'TOKEN_UNKNOWN'],
    ] as const) {
      const outcome = await site.call('items.get', { id: 1 }, { token });
      expect(outcome).toMatchObject({ ok: false, callId: null, refusal: { code, status: 401 } });
    }
    site.pipeline.refusedAtDoor(new SallyportError('REQUEST_HOST', 'no'));
    expect(site.atDoor).toEqual(['TOKEN_MISSING', 'TOKEN_UNKNOWN', 'REQUEST_HOST']);
    expect(site.journal.entries).toEqual([]);
  });
});

describe('a call that fails after it was allowed', () => {
  const error = new SallyportError('UPSTREAM_UNREACHABLE', 'the service cannot be reached');
  const ends: readonly [Execution, string, string][] = [
    [{ kind: 'not-sent', error }, 'failed', 'UPSTREAM_UNREACHABLE'],
    [
      { kind: 'failed', error: new SallyportError('UPSTREAM_REFUSED', 'refused'), upstreamStatus: 409 },
      'failed',
      'UPSTREAM_REFUSED',
    ],
    [
      { kind: 'indeterminate', error: new SallyportError('UPSTREAM_INDETERMINATE', 'unknown') },
      'indeterminate',
      'UPSTREAM_INDETERMINATE',
    ],
  ];
  for (const [execution, result, code] of ends) {
    it(`I3: is recorded as ${result} with ${code}, and sent once`, async () => {
      site.service = () => execution;
      expect(refusalIn(await site.call('items.put', { id: 1, note: '' }))).toMatchObject({ code });
      expect(site.journal.entries.at(-1)).toMatchObject({ kind: 'call.outcome', result, code });
      expect(site.sent).toHaveLength(1);
      expect(site.reports).toMatchObject([{ code, operation: 'items.put' }]);
    });
  }

  it('tells the agent the status that the service answered with', async () => {
    site.service = () => ({ kind: 'failed', error: new SallyportError('UPSTREAM_REFUSED', 'no'), upstreamStatus: 409 });
    expect(refusalIn(await site.call('items.get', { id: 1 })).upstreamStatus).toBe(409);
  });

  it('is recorded as failed when the credential does not open, and the permit is closed', async () => {
    site.vault.openError = new SallyportError('CREDENTIAL_EXPIRED', 'past its lifetime');
    expect(refusalIn(await site.call('items.get', { id: 1 })).code).toBe('CREDENTIAL_EXPIRED');
    expect(site.journal.entries.at(-1)).toMatchObject({ result: 'failed', code: 'CREDENTIAL_EXPIRED' });
    expect(site.vault.permits.map(isOpen)).toEqual([false]);
    expect(site.sent).toEqual([]);
  });

  it('H6: has its reply withheld when the outcome cannot be recorded', async () => {
    site.journal.failing = 'end';
    const outcome = await site.call('items.get', { id: 1 });
    expect(refusalIn(outcome).code).toBe('AUDIT_UNAVAILABLE');
  });

  it('L02, G6: hides what it does not know behind INTERNAL and an id; the cause is for the operator', async () => {
    const cause = new TypeError(`connect postgres://admin:${secretValue}@db.internal`);
    site.service = () => Promise.reject(cause);
    const outcome = await site.call('items.put', { id: 1, note: '' });
    expect(refusalIn(outcome)).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(String(outcome.callId)),
    });
    expect(JSON.stringify(outcome)).not.toMatch(/postgres|internal\b.*db|sk_live/);
    expect(site.reports).toMatchObject([{ code: 'INTERNAL', cause }]);
    expect(site.journal.entries.at(-1)).toMatchObject({ result: 'indeterminate', code: 'INTERNAL' });
  });

  it('I1: scrubs even the fixed text of an error', async () => {
    site.service = () => ({ kind: 'not-sent', error: new SallyportError('UPSTREAM_TIMEOUT', `slow ${secretValue}`) });
    expect(refusalIn(await site.call('items.get', { id: 1 })).message).toBe('slow [redacted]');
  });
});

describe('an idempotency key', () => {
  const key = { idempotencyKey: 'order-1' };

  it('gives the same reply again and sends nothing', async () => {
    const first = await site.call('items.put', { id: 1, note: '' }, key);
    const second = await site.call('items.put', { note: '', id: 1 }, key);
    expect(second).toEqual(first);
    expect(site.sent).toHaveLength(1);
    expect(site.sent[0]?.access.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
  });

  it('E5: of two agents does not meet at the service', async () => {
    await site.call('items.get', { id: 1 }, key);
    await site.call('items.get', { id: 1 }, { ...key, token: 'token-of-slow-bot' });
    const [first, second] = site.sent.map(({ access }) => access.idempotencyKey);
    expect(first).not.toBe(second);
  });

  it('gives the same code again after a failure', async () => {
    site.service = () => ({ kind: 'failed', error: new SallyportError('UPSTREAM_REFUSED', 'no'), upstreamStatus: 400 });
    await site.call('items.put', { id: 1, note: '' }, key);
    expect(refusalIn(await site.call('items.put', { id: 1, note: '' }, key)).code).toBe('UPSTREAM_REFUSED');
    expect(site.sent).toHaveLength(1);
  });

  it('may be used again when nothing was sent', async () => {
    site.service = () => ({ kind: 'not-sent', error: new SallyportError('UPSTREAM_UNREACHABLE', 'no') });
    await site.call('items.put', { id: 1, note: '' }, key);
    site.service = () => replied({ id: 1 });
    expect(replyIn(await site.call('items.put', { id: 1, note: '' }, key))).toEqual({ id: 1 });
  });

  it('is refused for another input', async () => {
    await site.call('items.put', { id: 1, note: '' }, key);
    expect(refusalIn(await site.call('items.put', { id: 2, note: '' }, key)).code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(site.journal.entries.at(-1)).toMatchObject({ kind: 'call.refused', code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('the list of operations', () => {
  it('holds what the agent may see, in the order of ids', () => {
    expect(site.pipeline.list('token-of-bot').map(({ operation }) => operation)).toEqual([
      'items.all',
      'items.get',
      'items.put',
    ]);
    expect(site.pipeline.list('token-of-bot')[1]).toMatchObject({
      tool: 'items_get',
      effect: 'read',
      inputSchema: { type: 'object' },
    });
  });

  it('is refused to who is not known, and after a session was revoked', () => {
    expect(() => site.pipeline.list(undefined)).toThrow(expect.objectContaining({ code: 'TOKEN_MISSING' }));
    site.agents.revoked.add('bot');
    expect(() => site.pipeline.list('token-of-bot')).toThrow(expect.objectContaining({ code: 'SESSION_REVOKED' }));
  });
});
