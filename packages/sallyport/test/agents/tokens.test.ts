// Who presents which token is decided from memory; what is stored cannot be turned back into a token.
import { describe, expect, it } from 'vitest';
import { isWellFormedToken, newTokenText } from '../../src/agents/agent-token.ts';
import type { AgentDefinition, AgentId } from '../../src/domain/agent.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { agent, codeOf, dayMs, declared, Fixture } from './fixture.ts';

const bot = agent();
const other = agent('other-bot');

describe('the text of a token', () => {
  it('has a prefix, 43 characters for 256 bits, and a checksum of 6', () => {
    const zeros = newTokenText({ bytes: (count) => Buffer.alloc(count) });
    const ones = newTokenText({ bytes: (count) => Buffer.alloc(count, 0xff) });
    for (const text of [zeros, ones]) expect(text).toMatch(/^spt_[0-9A-Za-z]{49}$/);
    expect([zeros, ones].every(isWellFormedToken)).toBe(true);
  });

  it('does not pass with any one character changed, cut or added', () => {
    const text = newTokenText({ bytes: (count) => Buffer.alloc(count, 7) });
    for (let at = 0; at < text.length; at += 1) {
      const changed = text.charAt(at) === 'x' ? 'y' : 'x';
      expect(isWellFormedToken(text.slice(0, at) + changed + text.slice(at + 1))).toBe(false);
    }
    for (const wrong of [
      '',
      text.slice(1),
      text.slice(0, -1),
      `${text}0`,
      `${text}\n`,
      ` ${text}`,
      'x'.repeat(1_000_000),
    ]) {
      expect(isWellFormedToken(wrong)).toBe(false);
    }
  });
});

describe('authenticate', () => {
  it('knows the agent of a token, also after a restart', async () => {
    const fixture = await Fixture.open();
    const token = await (await fixture.registry()).addToken(bot);
    const registry = await fixture.registry();
    expect(registry.authenticate(token.reveal(), declared(bot))).toBe(bot);
  });

  it('E6: refuses a missing token', async () => {
    const registry = await (await Fixture.open()).registry();
    expect(codeOf(() => registry.authenticate(undefined, declared(bot)))).toBe('TOKEN_MISSING');
    expect(codeOf(() => registry.authenticate('', declared(bot)))).toBe('TOKEN_MISSING');
  });

  it('tells a mistyped token from one that nobody holds', async () => {
    const registry = await (await Fixture.open()).registry();
    const stranger = newTokenText({ bytes: (count) => Buffer.alloc(count, 3) });
    expect(codeOf(() => registry.authenticate(stranger.toLowerCase(), declared(bot)))).toBe('TOKEN_MALFORMED');
    expect(codeOf(() => registry.authenticate(stranger, declared(bot)))).toBe('TOKEN_UNKNOWN');
  });

  it('refuses a token from its maximum lifetime on', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const token = await registry.addToken(bot);
    fixture.clock.advance(30 * dayMs - 1);
    expect(registry.authenticate(token.reveal(), declared(bot))).toBe(bot);
    fixture.clock.advance(1);
    expect(codeOf(() => registry.authenticate(token.reveal(), declared(bot)))).toBe('TOKEN_EXPIRED');
  });

  it('H3: does not let a clock that is set back lengthen a lifetime', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const token = await registry.addToken(bot);
    fixture.clock.advance(30 * dayMs);
    fixture.clock.wallMs -= 20 * dayMs;
    expect(codeOf(() => registry.authenticate(token.reveal(), declared(bot)))).toBe('TOKEN_EXPIRED');
  });

  it('E7: refuses a revoked token from the next call on, also after a restart', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const token = await registry.addToken(bot);
    await registry.revoke(bot.id);
    for (const one of [registry, await fixture.registry()]) {
      expect(codeOf(() => one.authenticate(token.reveal(), declared(bot)))).toBe('TOKEN_UNKNOWN');
    }
  });

  it('A6: answers a stranger, a revoked token and an undeclared agent alike, and tells the operator which it was', async () => {
    const registry = await (await Fixture.open()).registry();
    const revoked = await registry.addToken(bot);
    await registry.revoke(bot.id);
    const undeclared = await registry.addToken(other);
    const texts = [newTokenText({ bytes: (count) => Buffer.alloc(count, 3) }), revoked.reveal(), undeclared.reveal()];
    const errors = texts.map((text) => {
      try {
        return registry.authenticate(text, declared(bot));
      } catch (error) {
        return error;
      }
    });
    const [first, second, third] = errors.map((error) => (error instanceof SallyportError ? error : undefined));
    expect(new Set([first?.message, second?.message, third?.message]).size).toBe(1);
    expect([first?.code, second?.code, third?.code]).toEqual(['TOKEN_UNKNOWN', 'TOKEN_UNKNOWN', 'TOKEN_UNKNOWN']);
    expect(String(second?.cause)).toContain('revoked');
    expect(String(third?.cause)).toContain('does not declare');
  });
});

describe('tokens', () => {
  it('are stored and recorded without their value', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const values = [await registry.addToken(bot), await registry.renewToken(bot)].map((token) => token.reveal());
    const dump = (await fixture.dump()) + JSON.stringify(registry.tokens());
    for (const value of values) expect(dump).not.toContain(value.slice(4, 47));
    expect(await fixture.kinds()).toEqual(['agent.added', 'agent.renewed']);
  });

  it('end at once when the agent gets a new one', async () => {
    const registry = await (await Fixture.open()).registry();
    const first = await registry.addToken(bot);
    const second = await registry.renewToken(bot);
    expect(codeOf(() => registry.authenticate(first.reveal(), declared(bot)))).toBe('TOKEN_UNKNOWN');
    expect(registry.authenticate(second.reveal(), declared(bot))).toBe(bot);
    expect(registry.tokens().map(({ state }) => state)).toEqual(['revoked', 'active']);
  });

  it('are not added twice, also by two operators at once', async () => {
    const registry = await (await Fixture.open()).registry();
    const results = await Promise.allSettled([registry.addToken(bot), registry.addToken(bot)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(registry.addToken(bot)).rejects.toMatchObject({
      code: 'ADMIN_INPUT',
      message: expect.stringContaining(`sallyport agent renew ${bot.id}`),
    });
  });

  it('of a revoked agent are renewed, not added, and no session is opened for it before', async () => {
    const registry = await (await Fixture.open()).registry();
    await registry.addToken(bot);
    await registry.revoke(bot.id);
    const refused = { code: 'ADMIN_INPUT', message: expect.stringMatching(/was revoked.*agent renew support-bot`/) };
    await expect(registry.addToken(bot)).rejects.toMatchObject(refused);
    await expect(registry.openSession(bot)).rejects.toMatchObject(refused);
    const token = await registry.renewToken(bot);
    expect(registry.authenticate(token.reveal(), declared(bot))).toBe(bot);
    expect(await registry.openSession(bot)).toMatchObject({ agent: bot.id });
  });

  it('are renewed and revoked only where there was one', async () => {
    const registry = await (await Fixture.open()).registry();
    await expect(registry.renewToken(bot)).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
    await expect(registry.revoke('nobody' as AgentId)).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
  });

  it('stay listed when the config no longer declares the agent', async () => {
    const fixture = await Fixture.open();
    await (await fixture.registry()).addToken(other);
    expect((await fixture.registry()).tokens()).toMatchObject([{ agent: 'other-bot', state: 'active' }]);
  });

  it('are neither made nor ended when the audit cannot be written', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const token = await registry.addToken(bot);
    await fixture.store.close();
    await expect(registry.renewToken(bot)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(registry.tokens()).toHaveLength(1);
    expect(registry.authenticate(token.reveal(), declared(bot))).toBe(bot);
  });
});

describe('a local agent', () => {
  const local: AgentDefinition = { ...agent('local-bot'), isLocal: true };

  it('F2: is known by its name while it has a token, and not past the lifetime of that token', async () => {
    const fixture = await Fixture.open();
    const registry = await fixture.registry();
    const definitionOf = declared(local, bot);
    expect(codeOf(() => registry.authenticate({ local: 'local-bot' }, definitionOf))).toBe('TOKEN_UNKNOWN');
    await registry.addToken(local);
    expect(registry.authenticate({ local: 'local-bot' }, definitionOf)).toBe(local);
    fixture.clock.advance(local.tokenMaxLifetimeMs);
    expect(codeOf(() => registry.authenticate({ local: 'local-bot' }, definitionOf))).toBe('TOKEN_EXPIRED');
  });
});
