// The path of a call over a real store: audit, idempotency and agents are those of the product (I4, H6).
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AgentRegistry } from '../../src/agents/agent-registry.ts';
import { createAgentRegistry } from '../../src/agents/create-agent-registry.ts';
import { readAudit, readDetails } from '../../src/audit/read-audit.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import type { AgentDefinition, AgentId } from '../../src/domain/agent.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { openAudit } from '../audit/audit-fixture.ts';
import { detailsKey } from '../audit/entries.ts';
import { install, installedConfig, refusalIn, replied, replyIn } from './installation.ts';

async function installDurably() {
  const { store, journal, log, clock } = await openAudit();
  const agents: AgentRegistry = await createAgentRegistry({
    store,
    journal: log,
    tokenKey: Buffer.alloc(32, 3),
    clock,
    random: { bytes: (count) => randomBytes(count) },
  });
  const bot: AgentDefinition | undefined = installedConfig().agents.get('bot' as AgentId);
  if (bot === undefined) throw new Error('the config declares no bot');
  const token = (await agents.addToken(bot)).reveal();
  const site = await install(undefined, { journal, agents });
  // The registry's clock is that of the store.
  site.clock.now = clock.nowMs();
  const call: typeof site.call = (operation, input, options) => site.call(operation, input, { token, ...options });
  const kinds = async (): Promise<readonly string[]> =>
    (await readAudit(store, { limit: 1000 })).map(({ entry }) => entry.kind);
  return { store, site, call, agents, bot, kinds };
}

describe('calls over a real store', () => {
  it('have both records each, in a log that verifies', async () => {
    const { store, call } = await installDurably();
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, i) => call('items.get', { id: i + 1 })));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    const entries = (await readAudit(store, { limit: 1000 })).map(({ entry }) => entry);
    for (const { callId } of outcomes) {
      expect(entries.filter((entry) => 'call' in entry && entry.call === callId).map(({ kind }) => kind)).toEqual([
        'call.intent',
        'call.outcome',
      ]);
    }
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, intents: 40 });
  });

  it('keep arguments in sealed details only', async () => {
    const { store, call } = await installDurably();
    await call('items.put', { id: 1, note: 'a private remark' });
    const intent = (await readAudit(store, { limit: 10 })).find(({ entry }) => entry.kind === 'call.intent');
    expect(JSON.stringify(intent)).not.toContain('remark');
    expect(await readDetails(store, detailsKey, intent?.leaf ?? -1)).toContain('a private remark');
  });

  it('with one idempotency key at once: one is sent, the other waits or gets its reply', async () => {
    const { site, call } = await installDurably();
    const key = { idempotencyKey: 'one' };
    const outcomes = await Promise.all([1, 2, 3].map(() => call('items.put', { id: 1, note: '' }, key)));
    expect(site.sent).toHaveLength(1);
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome.refusal.code).toBe('IDEMPOTENCY_IN_PROGRESS');
    expect(replyIn(await call('items.put', { id: 1, note: '' }, key))).toEqual({ id: 1 });
    expect(refusalIn(await call('items.put', { id: 2, note: '' }, key)).code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(site.sent).toHaveLength(1);
  });

  it('remember an unknown outcome where the service does not honour the key', async () => {
    const { site, call } = await installDurably();
    site.service = () => ({ kind: 'indeterminate', error: new SallyportError('UPSTREAM_INDETERMINATE', 'unknown') });
    await call('items.put', { id: 1, note: '' }, { idempotencyKey: 'k' });
    site.service = () => replied({ id: 1 });
    expect(refusalIn(await call('items.put', { id: 1, note: '' }, { idempotencyKey: 'k' })).code).toBe(
      'UPSTREAM_INDETERMINATE',
    );
    expect(site.sent).toHaveLength(1);
  });

  it('E7: are refused from the next one on when a session or an agent was revoked', async () => {
    const { call, agents, bot, kinds } = await installDurably();
    await call('items.get', { id: 1 });
    const [session] = agents.sessions();
    if (session === undefined) throw new Error('no session');
    await agents.revokeSession(session.id);
    expect(refusalIn(await call('items.get', { id: 1 })).code).toBe('SESSION_REVOKED');
    expect((await kinds()).at(-1)).toBe('call.refused');
    await agents.openSession(bot);
    expect(replyIn(await call('items.get', { id: 1 }))).toEqual({ id: 1 });
    await agents.revoke(bot.id);
    expect(refusalIn(await call('items.get', { id: 1 })).code).toBe('TOKEN_UNKNOWN');
  });

  it('are withheld when the store is gone', async () => {
    const { store, call, site } = await installDurably();
    await call('items.get', { id: 1 });
    await store.close();
    expect(refusalIn(await call('items.put', { id: 1, note: '' })).code).toBe('AUDIT_UNAVAILABLE');
    expect(site.sent).toHaveLength(1);
  });
});
