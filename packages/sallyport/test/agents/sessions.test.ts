// A session opens with the first call, ends by time, and after a revocation only an operator opens the next.
import { describe, expect, it } from 'vitest';
import type { SessionId } from '../../src/domain/agent.ts';
import { query, statement } from '../../src/store/query.ts';
import { agent, codeOf, Fixture, hourMs } from './fixture.ts';

const bot = agent();

describe('session', () => {
  it('is opened by the first call, and returned without a promise from then on', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const opened = await registry.session(bot);
    expect(opened).toMatchObject({
      agent: bot.id,
      openedBy: 'first-call',
      expiresAtMs: fixture.clock.nowMs() + hourMs,
    });
    expect(registry.session(bot)).toBe(opened);
    expect(await fixture.kinds()).toEqual(['session.opened']);
  });

  it('is one for a hundred first calls at once', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const sessions = await Promise.all(Array.from({ length: 100 }, async () => registry.session(bot)));
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(1);
    expect(await fixture.kinds()).toEqual(['session.opened']);
  });

  it('goes on after a restart', async () => {
    const fixture = await Fixture.open();
    const { id } = await (await fixture.registry()).session(bot);
    expect(await (await fixture.registry()).session(bot)).toMatchObject({ id });
  });

  it('ends with its lifetime: the next call opens another, which inherits the labels', async () => {
    const fixture = await Fixture.open();
    const { id } = await (await fixture.registry()).session(bot);
    const label = query.updateTable('session').set({ has_read_private: 1 }).where('id', '=', id).compile();
    await fixture.store.write({ statements: [statement(label)], leaves: [] });
    const registry = await fixture.registry();
    fixture.clock.advance(hourMs - 1);
    expect(await registry.session(bot)).toMatchObject({ id });
    fixture.clock.advance(1);
    const next = await registry.session(bot);
    expect(next.id).not.toBe(id);
    expect(next.labels).toEqual({ hasReadPrivate: true, hasReadUntrusted: false });
  });

  it('H3: does not last longer when the clock is set back', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const { id } = await registry.session(bot);
    fixture.clock.advance(hourMs);
    fixture.clock.wallMs -= 2 * hourMs;
    expect((await registry.session(bot)).id).not.toBe(id);
  });

  it('E7: is refused once it was revoked, through time and restarts, until an operator opens one', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const { id } = await registry.session(bot);
    await registry.revokeSession(id);
    expect(codeOf(() => registry.session(bot))).toBe('SESSION_REVOKED');
    fixture.clock.advance(100 * hourMs);
    const restarted = await fixture.registry();
    expect(codeOf(() => restarted.session(bot))).toBe('SESSION_REVOKED');
    expect(restarted.sessions()).toMatchObject([{ id, state: 'revoked' }]);
    const opened = await restarted.openSession(bot);
    expect(restarted.session(bot)).toBe(opened);
    expect(await fixture.kinds()).toEqual(['session.opened', 'session.revoked', 'session.reopened']);
  });

  it('has no labels when an operator opened it', async () => {
    const fixture = await Fixture.open();
    const { id } = await (await fixture.registry()).session(bot);
    const label = query.updateTable('session').set({ has_read_untrusted: 1 }).where('id', '=', id).compile();
    await fixture.store.write({ statements: [statement(label)], leaves: [] });
    const opened = await (await fixture.registry()).openSession(bot);
    expect(opened).toMatchObject({ openedBy: 'operator', labels: { hasReadPrivate: false, hasReadUntrusted: false } });
  });

  it('E7: ends with the tokens of a revoked agent; renewed tokens get a new one', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    await registry.addToken(bot);
    const { id } = await registry.session(bot);
    await registry.revoke(bot.id);
    expect(registry.sessions()).toEqual([]);
    await registry.renewToken(bot);
    expect((await registry.session(bot)).id).not.toBe(id);
  });

  it('E7: stays revoked when the agent gets a new token', async () => {
    const registry = await (await Fixture.open()).registry();
    await registry.addToken(bot);
    await registry.revokeSession((await registry.session(bot)).id);
    await registry.revoke(bot.id);
    await registry.renewToken(bot);
    expect(codeOf(() => registry.session(bot))).toBe('SESSION_REVOKED');
  });

  it('is revoked once, and only while it is open', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const { id } = await registry.session(bot);
    await registry.revokeSession(id);
    await expect(registry.revokeSession(id)).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
    await expect(registry.revokeSession('nothing' as SessionId)).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
  });

  it('is not opened when the audit cannot be written', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    await fixture.store.close();
    await expect(registry.session(bot)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(registry.sessions()).toEqual([]);
  });

  it('stays with the revocation when a call and an operator race', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const { id } = await registry.session(bot);
    const revocation = registry.revokeSession(id);
    const reopened = registry.openSession(bot);
    const again = registry.revokeSession(id);
    await Promise.allSettled([revocation, reopened, again]);
    expect(registry.sessions()).toMatchObject([{ id: (await reopened).id, state: 'open' }]);
    await expect(again).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
  });
});
