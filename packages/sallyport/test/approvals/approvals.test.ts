// Contract: an operator's yes is for one call to the byte, once, and for a time; nothing that an agent sends gives one.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAgentRegistry } from '../../src/agents/create-agent-registry.ts';
import type { ApprovalDesk } from '../../src/approvals/approval-desk.ts';
import { createApprovalDesk } from '../../src/approvals/create-approval-desk.ts';
import { readAudit } from '../../src/audit/read-audit.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import type { AgentId } from '../../src/domain/agent.ts';
import { approvalLifetimeMs, maxPendingApprovals } from '../../src/domain/approval.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { CallOutcome } from '../../src/domain/reply.ts';
import { openAudit } from '../audit/audit-fixture.ts';
import { detailsKey } from '../audit/entries.ts';
import { type Installation, install, installedConfig, replied } from '../pipeline/installation.ts';

const random = { bytes: (count: number) => randomBytes(count) };
const input = { id: 7, note: 'please' };

let audit: Awaited<ReturnType<typeof openAudit>>;
let desk: ApprovalDesk;
let site: Installation;
let tokens: Readonly<Record<string, string>>;
let nowMs: () => number;

/** Two agents that may put items, both with approval. */
const config = (change: (text: string) => string = (text) => text) =>
  installedConfig((text) =>
    change(text)
      .replace('- items.put\n  slow-bot', '- items.put: { approval: required }\n  slow-bot')
      .replace('    reply: none', '    reply: none\n'),
  );

beforeEach(async () => {
  audit = await openAudit();
  const { store, log, clock } = audit;
  desk = createApprovalDesk({ store, audit: log, detailsKey, random });
  nowMs = clock.nowMs;
  site = await reinstall(config());
});

async function reinstall(configuration: ReturnType<typeof config>): Promise<Installation> {
  const { store, log, journal, clock } = audit;
  const agents = await createAgentRegistry({
    store,
    journal: log,
    tokenKey: Buffer.alloc(32, 3),
    clock,
    random,
    agents: configuration.agents.values(),
  });
  const made: Record<string, string> = {};
  for (const id of ['bot', 'slow-bot']) {
    const definition = configuration.agents.get(id as AgentId);
    if (definition === undefined) throw new Error('not declared');
    const isNew = agents.tokens().every((token) => token.agent !== definition.id);
    made[id] = (await (isNew ? agents.addToken(definition) : agents.renewToken(definition))).reveal();
  }
  tokens = made;
  const installed = await install(undefined, { journal, agents, approvals: desk }, configuration);
  installed.clock.now = clock.nowMs();
  installed.service = (sent) => replied({ id: sent['id'] ?? null });
  return installed;
}

async function revoke(agent: string): Promise<void> {
  const { store, log, clock } = audit;
  const registry = await createAgentRegistry({ store, journal: log, tokenKey: Buffer.alloc(32, 3), clock, random });
  await registry.revoke(agent as AgentId, await desk.ending(agent as AgentId, nowMs()));
}

function put(sent: JsonValue = input, agent = 'bot', operation = 'items.put'): Promise<CallOutcome> {
  return site.call(operation, sent, { token: tokens[agent] });
}

function codeOf(outcome: CallOutcome): string {
  return outcome.ok ? 'ok' : outcome.refusal.code;
}

function approvalIn(outcome: CallOutcome): string {
  const id = outcome.ok ? undefined : outcome.refusal.approval?.id;
  if (id === undefined) throw new Error(`no approval in ${codeOf(outcome)}`);
  return id;
}

describe('a held call', () => {
  it('is one request however often it is made, and nothing is sent', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => put()));
    expect(new Set(outcomes.map(codeOf))).toEqual(new Set(['CALL_NEEDS_APPROVAL']));
    expect(new Set(outcomes.map(approvalIn)).size).toBe(1);
    expect(await desk.list('pending', nowMs())).toHaveLength(1);
    expect(site.sent).toHaveLength(0);
  });

  it('runs once it was allowed; its repetitions get the same outcome', async () => {
    const id = approvalIn(await put());
    await desk.decide(id, 'allowed', nowMs());
    const first = await put();
    const again = await put();
    expect([codeOf(first), codeOf(again)]).toEqual(['ok', 'ok']);
    expect(again).toEqual({ ...first, callId: first.callId });
    expect(site.sent).toHaveLength(1);
  });

  it('A03: of twenty at once on one yes, one is sent', async () => {
    await desk.decide(approvalIn(await put()), 'allowed', nowMs());
    const outcomes = (await Promise.all(Array.from({ length: 20 }, () => put()))).map(codeOf);
    expect(site.sent).toHaveLength(1);
    expect(outcomes.filter((code) => code !== 'ok' && code !== 'IDEMPOTENCY_IN_PROGRESS')).toEqual([]);
    expect(codeOf(await put())).toBe('ok');
    expect(site.sent).toHaveLength(1);
  });

  it('names its approval in the record', async () => {
    const id = approvalIn(await put());
    await desk.decide(id, 'allowed', nowMs());
    await put();
    const entries = (await readAudit(audit.store, { limit: 100 })).map(({ entry }) => entry);
    expect(entries.find((entry) => entry.kind === 'call.intent')).toMatchObject({ approval: id });
    expect(entries.filter(({ kind }) => kind.startsWith('approval.')).map(({ kind }) => kind)).toEqual([
      'approval.requested',
      'approval.allowed',
    ]);
  });

  it('is refused for an hour after an operator refused it', async () => {
    await desk.decide(approvalIn(await put()), 'refused', nowMs());
    expect(codeOf(await put())).toBe('APPROVAL_REFUSED');
    site.clock.now += approvalLifetimeMs + 1;
    audit.time.nowMs += approvalLifetimeMs + 1;
    expect(codeOf(await put())).toBe('CALL_NEEDS_APPROVAL');
    expect(site.sent).toHaveLength(0);
  });

  it('E7: ends with its agent, pending or allowed, and the record of it says so', async () => {
    const [pending, allowed] = [approvalIn(await put()), approvalIn(await put({ ...input, id: 8 }))];
    const foreign = approvalIn(await put(input, 'slow-bot'));
    await desk.decide(allowed, 'allowed', nowMs());
    await revoke('bot');
    const states = new Map((await desk.list('all', nowMs())).map(({ id, state }): [string, string] => [id, state]));
    expect([pending, allowed, foreign].map((id) => states.get(id))).toEqual(['expired', 'expired', 'pending']);
    await expect(desk.decide(pending, 'allowed', nowMs())).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
    const [record] = await readAudit(audit.store, { limit: 1, kinds: ['agent.revoked'] });
    expect(record?.entry).toMatchObject({ subject: 'bot', facts: { approvals: [pending, allowed].toSorted() } });
    site = await reinstall(config());
    for (const id of [7, 8]) expect(codeOf(await put({ ...input, id }))).toBe('CALL_NEEDS_APPROVAL');
    expect(site.sent).toHaveLength(0);
  });

  it('needs a new yes when nothing was sent on the first', async () => {
    await desk.decide(approvalIn(await put()), 'allowed', nowMs());
    site.vault.openError = new (await import('../../src/domain/errors.ts')).SallyportError(
      'CREDENTIAL_EXPIRED',
      'over',
    );
    expect(codeOf(await put())).toBe('CREDENTIAL_EXPIRED');
    site.vault.openError = null;
    expect(codeOf(await put())).toBe('CALL_NEEDS_APPROVAL');
    expect(site.sent).toHaveLength(0);
  });

  it('A08: cannot be asked for without end', async () => {
    for (let id = 1; id <= maxPendingApprovals; id += 1)
      expect(codeOf(await put({ id, note: 'x' }))).toBe('CALL_NEEDS_APPROVAL');
    expect(codeOf(await put({ id: 999, note: 'x' }))).toBe('APPROVAL_QUEUE_FULL');
  });

  it('E9: shows an agent the state of its own request, and nobody else’s', async () => {
    const id = approvalIn(await put());
    expect(await site.pipeline.approval(tokens['bot'], id)).toMatchObject({ id, state: 'pending' });
    await expect(site.pipeline.approval(tokens['slow-bot'], id)).rejects.toMatchObject({ code: 'APPROVAL_UNKNOWN' });
    await expect(site.pipeline.approval(undefined, id)).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
  });
});

describe('A01, A02, E10: an approval that was given', () => {
  beforeEach(async () => {
    await desk.decide(approvalIn(await put()), 'allowed', nowMs());
  });

  const others: readonly JsonValue[] = [
    ...Array.from({ length: 20 }, (_, nth) => ({ id: 8 + nth, note: 'please' })),
    ...[
      'Please',
      'please ',
      ' please',
      'plеase',
      'ple\u200base',
      'please!',
      'plea\u017fe',
      '\uff50lease',
      'p1ease',
      'PLEASE',
      '',
    ].map((note) => ({
      id: 7,
      note,
    })),
  ];
  for (const [nth, other] of others.entries()) {
    it(`cannot be used for another argument (${nth + 1} of ${others.length})`, async () => {
      expect(codeOf(await put(other))).toBe('CALL_NEEDS_APPROVAL');
      expect(site.sent).toHaveLength(0);
    });
  }

  it('cannot be used by another agent', async () => {
    expect(codeOf(await put(input, 'slow-bot'))).toBe('CALL_NEEDS_APPROVAL');
    expect(site.sent).toHaveLength(0);
  });

  const changes: Readonly<Record<string, (text: string) => string>> = {
    'another version of the operation': (text) =>
      text.replace("path: '/items/{id}', body: { note: $note }", "path: '/things/{id}', body: { note: $note }"),
    'another method': (text) => text.replace('method: PUT', 'method: PATCH'),
    'another host': (text) => text.replace('api.example.com', 'api.example.org'),
    'another reply policy': (text) =>
      text.replace(
        "path: '/items/{id}', body: { note: $note } }\n    reply: [/id]",
        "path: '/items/{id}', body: { note: $note } }\n    reply: [/id, /note]",
      ),
    'another config in something else': (text) => text.replace('max-lifetime: 90d', 'max-lifetime: 91d'),
    'another description': (text) => text.replace('Changes an item.', 'Changes one item.'),
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`cannot be used for ${name}`, async () => {
      site = await reinstall(config(change));
      expect(codeOf(await put())).toBe('CALL_NEEDS_APPROVAL');
      expect(site.sent).toHaveLength(0);
    });
  }

  it('cannot be used after its expiry, to the millisecond', async () => {
    site.clock.now = nowMs() + approvalLifetimeMs;
    audit.time.nowMs = site.clock.now;
    expect(codeOf(await put())).toBe('CALL_NEEDS_APPROVAL');
    expect(site.sent).toHaveLength(0);
  });

  it('cannot be used twice, not even long after the outcome was forgotten', async () => {
    expect(codeOf(await put())).toBe('ok');
    site.clock.now += 2 * 86_400_000;
    audit.time.nowMs = site.clock.now;
    expect(codeOf(await put())).toBe('CALL_NEEDS_APPROVAL');
    expect(site.sent).toHaveLength(1);
  });

  it('cannot be decided again', async () => {
    const [given] = await desk.list('all', nowMs());
    await expect(desk.decide(given?.id ?? '', 'refused', nowMs())).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
  });
});

describe('A04, E10: a yes that was written into the table', () => {
  const change = (sql: string) => audit.store.write({ statements: [{ sql, parameters: [] }], leaves: [] });

  it('lets nothing run, and is not shown to the agent as one', async () => {
    const id = approvalIn(await put());
    await change(`update approval set state = 'allowed', decided_at = requested_at`);
    expect(codeOf(await put())).toBe('AUDIT_INVALID');
    await expect(site.pipeline.approval(tokens['bot'], id)).rejects.toMatchObject({ code: 'AUDIT_INVALID' });
    expect(site.sent).toHaveLength(0);
  });

  it('is none when it was copied from another request, or made to last', async () => {
    const given = approvalIn(await put());
    await desk.decide(given, 'allowed', nowMs());
    const other = { id: 8, note: 'please' };
    const asked = approvalIn(await put(other));
    await change(
      `update approval set state = 'allowed', proof = (select proof from approval where id = '${given}') where id = '${asked}'`,
    );
    await change(`update approval set expires_at = expires_at + 1 where id = '${given}'`);
    expect([codeOf(await put(other)), codeOf(await put())]).toEqual(['AUDIT_INVALID', 'AUDIT_INVALID']);
    expect(site.sent).toHaveLength(0);
  });

  it('shows in the audit when it was used again', async () => {
    await desk.decide(approvalIn(await put()), 'allowed', nowMs());
    await put();
    expect(await verifyAudit(audit.store, null)).toMatchObject({ ok: true });
    await change(`update approval set state = 'allowed'`);
    await change('delete from idempotency');
    await put();
    const { problems } = await verifyAudit(audit.store, null);
    expect(problems.map(({ what }) => what)).toEqual([expect.stringContaining('a call on an approval that no record')]);
  });
});

describe('P10: the rate of a grant that needs approval', () => {
  const rated = () =>
    installedConfig((text) =>
      text.replace('- items.put\n  slow-bot', '- items.put: { approval: required, rate: 1/h }\n  slow-bot'),
    );
  const others: readonly JsonValue[] = [8, 9].map((id) => ({ id, note: 'please' }));

  beforeEach(async () => {
    site = await reinstall(rated());
  });

  async function allowAll(): Promise<void> {
    for (const sent of [input, ...others]) await desk.decide(approvalIn(await put(sent)), 'allowed', nowMs());
  }

  it('is not used by asking, however often', async () => {
    for (let nth = 0; nth < 5; nth += 1) expect(codeOf(await put())).toBe('CALL_NEEDS_APPROVAL');
    await desk.decide(approvalIn(await put()), 'allowed', nowMs());
    expect(codeOf(await put())).toBe('ok');
  });

  it('is used by the call that begins; its repetition is answered all the same', async () => {
    await allowAll();
    expect(await Promise.all([input, ...others].map(async (sent) => codeOf(await put(sent))))).toEqual([
      'ok',
      'CALL_RATE_EXCEEDED',
      'CALL_RATE_EXCEEDED',
    ]);
    expect([codeOf(await put()), codeOf(await put(others[0] ?? null))]).toEqual(['ok', 'CALL_RATE_EXCEEDED']);
    expect(site.sent).toHaveLength(1);
  });

  it('stays used through a restart, and the repetition is still answered', async () => {
    await allowAll();
    expect(codeOf(await put())).toBe('ok');
    site = await reinstall(rated());
    expect([codeOf(await put()), codeOf(await put(others[0] ?? null))]).toEqual(['ok', 'CALL_RATE_EXCEEDED']);
    expect(site.sent).toHaveLength(0);
  });
});
