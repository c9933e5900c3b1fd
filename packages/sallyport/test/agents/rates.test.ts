// A rate holds exactly: in every window, for every order of calls, and through restarts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentRates } from '../../src/agents/agent-registry.ts';
import type { CallIntent } from '../../src/domain/audit-entry.ts';
import { agent, Fixture, hourMs } from './fixture.ts';

const rule = 'agents.support-bot.may[0]';

function tryUse(rates: AgentRates, limit: number, nowMs: number): boolean {
  if (rates.count(rule, hourMs, nowMs) >= limit) return false;
  rates.take(rule, nowMs);
  return true;
}

function intent(atMs: number, by = rule): CallIntent {
  return {
    kind: 'call.intent',
    at: atMs,
    call: 'c',
    door: 'mcp',
    agent: 'support-bot',
    session: 's',
    operation: 'orders.list',
    operationDigest: 'd',
    configDigest: 'd',
    effect: 'read',
    decision: 'allow',
    approval: null,
    rule: by,
    service: 'shop',
    request: 'GET /orders',
    credential: null,
    credentialVersion: null,
    inputBytes: 2,
  };
}

describe('rates', () => {
  it('let exactly as many calls through as they say when a thousand come at once', async () => {
    const rates = (await (await Fixture.open()).registry()).rates(agent().id);
    const results = await Promise.all(Array.from({ length: 1000 }, async () => tryUse(rates, 10, 5000)));
    expect(results.filter(Boolean)).toHaveLength(10);
    expect(rates.untilNextMs(rule, hourMs, 5000)).toBe(hourMs);
  });

  it('never let more through in any window, and no less than they could', async () => {
    const registry = await (await Fixture.open()).registry();
    let run = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(hourMs / 2), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
        run += 1;
        const rates = registry.rates({ ...agent(`bot-${run}`) }.id);
        const taken: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          const within = taken.filter((at) => at > now - hourMs).length;
          expect(tryUse(rates, limit, now)).toBe(within < limit);
          if (within < limit) taken.push(now);
          else
            expect(rates.untilNextMs(rule, hourMs, now)).toBe(
              (taken.find((at) => at > now - hourMs) ?? 0) + hourMs - now,
            );
        }
      }),
    );
  });

  it('H3: give nothing back when the clock is set back', async () => {
    const rates = (await (await Fixture.open()).registry()).rates(agent().id);
    expect(tryUse(rates, 2, 10 * hourMs)).toBe(true);
    expect(tryUse(rates, 2, 2 * hourMs)).toBe(true);
    expect(tryUse(rates, 2, 2 * hourMs)).toBe(false);
    expect(tryUse(rates, 2, 10.5 * hourMs)).toBe(false);
  });

  it('belong to the agent, not to the session', async () => {
    const registry = await (await Fixture.open()).registry();
    const bot = agent();
    expect(tryUse(registry.rates(bot.id), 1, 0)).toBe(true);
    await registry.openSession(bot);
    expect(tryUse(registry.rates(bot.id), 1, 1)).toBe(false);
    expect(tryUse(registry.rates(agent('other-bot').id), 1, 1)).toBe(true);
  });

  it('are restored from the audit after a restart', async () => {
    const fixture = await Fixture.open();
    const now = fixture.clock.nowMs();
    for (const at of [now - 2 * hourMs, now - hourMs + 1, now - 1000]) await fixture.log.record(intent(at));
    await fixture.log.record(intent(now - 500, 'agents.support-bot.may[1]'));
    const bot = agent('support-bot', { count: 2, windowMs: hourMs });
    const rates = (await fixture.registry([bot])).rates(bot.id);
    expect(rates.count(rule, hourMs, now)).toBe(2);
    expect(rates.untilNextMs(rule, hourMs, now)).toBe(1);
    expect(rates.count(rule, hourMs, now + 1)).toBe(1);
  });

  it('H5: count a damaged record as a use of every rule', async () => {
    const fixture = await Fixture.open();
    const now = fixture.clock.nowMs();
    for (const at of [now - 2000, now - 1000]) await fixture.log.record(intent(at, 'agents.support-bot.may[1]'));
    const damage = { sql: 'update audit_leaf set leaf = zeroblob(9) where seq = 0', parameters: [] };
    await fixture.store.write({ statements: [damage], leaves: [] });
    const bot = agent('support-bot', { count: 2, windowMs: hourMs });
    expect((await fixture.registry([bot])).rates(bot.id).count(rule, hourMs, now)).toBe(1);
  });

  it('count uses from before a rate was declared', async () => {
    const rates = (await (await Fixture.open()).registry()).rates(agent().id);
    for (let use = 0; use < 5; use += 1) rates.take(rule, 1000 + use);
    expect(rates.count(rule, hourMs, 2000)).toBe(5);
  });

  it('are restored from the audit when a config that is loaded anew gives a rule a rate', async () => {
    const fixture = await Fixture.open();
    for (const beforeMs of [2 * hourMs, hourMs - 1000, 1000]) {
      await fixture.log.record(intent(fixture.clock.nowMs() - beforeMs));
    }
    const registry = await fixture.registry([agent()]);
    fixture.clock.advance(10);
    const now = fixture.clock.nowMs();
    registry.rates(agent().id).take(rule, now);
    await fixture.log.record(intent(now));
    const rated = agent('support-bot', { count: 5, windowMs: hourMs });
    await registry.adopt([rated]);
    expect(registry.rates(rated.id).count(rule, hourMs, now)).toBe(3);
    // Again, and with a longer window: nothing is counted twice.
    await registry.adopt([agent('support-bot', { count: 5, windowMs: 3 * hourMs })]);
    expect(registry.rates(rated.id).count(rule, 3 * hourMs, now)).toBe(4);
  });

  it('V01: remember a bounded number of uses, and refuse rather than forget', async () => {
    const rates = (await (await Fixture.open()).registry()).rates(agent().id);
    for (let use = 0; use < 10_001; use += 1) rates.take(rule, use);
    expect(rates.count(rule, hourMs, 10_001)).toBe(Number.POSITIVE_INFINITY);
    expect(rates.count(rule, hourMs, hourMs + 10_000)).toBe(0);
  });
});
