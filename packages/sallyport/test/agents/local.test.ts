// Local agents: declared as such, let in by `agent add`, and ended by `agent revoke` like every other one.
import { describe, expect, it } from 'vitest';
import type { AgentDefinition } from '../../src/domain/agent.ts';
import { agent, codeOf, dayMs, declared, Fixture } from './fixture.ts';

const bot: AgentDefinition = { ...agent(), isLocal: true };
const name = { local: bot.id };

describe('a local agent', () => {
  it('is known by its name once it was added, also after a restart, until its token ends', async () => {
    const fixture = await Fixture.open();
    await (await fixture.registry()).addToken(bot);
    const registry = await fixture.registry();
    expect(registry.authenticate(name, declared(bot))).toBe(bot);
    fixture.clock.advance(31 * dayMs);
    expect(codeOf(() => registry.authenticate(name, declared(bot)))).toBe('TOKEN_EXPIRED');
    await registry.renewToken(bot);
    expect(registry.authenticate(name, declared(bot))).toBe(bot);
  });

  it('is refused with one answer when it is not local, not declared, never added, revoked or nobody', async () => {
    const registry = await (await Fixture.open()).registry();
    const refusals = [refusal(() => registry.authenticate(name, declared(bot)))];
    await registry.addToken(bot);
    refusals.push(refusal(() => registry.authenticate(name, declared({ ...bot, isLocal: false }))));
    refusals.push(refusal(() => registry.authenticate(name, () => undefined)));
    refusals.push(refusal(() => registry.authenticate({ local: 'nobody' }, declared(bot))));
    await registry.revoke(bot.id);
    refusals.push(refusal(() => registry.authenticate(name, declared(bot))));
    expect(new Set(refusals).size).toBe(1);
    expect(codeOf(() => registry.authenticate(name, declared(bot)))).toBe('TOKEN_UNKNOWN');
  });
});

function refusal(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    return String(error);
  }
  return 'let in';
}
