// The one decision function: default deny, denials win, and nothing that cannot be compared ever allows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/domain/effect.ts';
import type { Grant } from '../../src/domain/grant.ts';
import type { JsonObject, JsonValue } from '../../src/domain/json-value.ts';
import type { OperationId } from '../../src/domain/operation.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { agentWith, policyOf, subject, used } from './agents.ts';

const nowMs = Date.UTC(2026, 0, 5, 12); // a Monday
const none = used(0);
const id = (text: string) => text as OperationId;

function verdict(rules: Parameters<typeof policyOf>[0], input = {}) {
  return policyOf(rules).decide(subject(input), none, nowMs);
}

describe('a decision', () => {
  it('denies what no grant names', () => {
    expect(verdict({})).toEqual({ verdict: 'deny', reason: 'grant-missing', rule: null, retryAfterMs: null });
    expect(verdict({ may: [{ operations: 'a.bc' }, { operations: 'a.b.*' }] })).toMatchObject({
      reason: 'grant-missing',
    });
  });

  it('allows by the first grant that does, and says by which', () => {
    const rate = { count: 5, windowMs: 1000 };
    expect(verdict({ may: [{ effectCeiling: 'read', where: { x: { const: 1 } } }, { rate }, {}] })).toEqual({
      verdict: 'allow',
      rule: { path: 'agents.bot.may[1]', line: 2 },
      rate,
    });
  });

  it('lets a prefix end at its dot', () => {
    expect(verdict({ may: [{ operations: 'a.*' }] }).verdict).toBe('allow');
    const policy = policyOf({ may: [{ operations: 'a.*' }] });
    expect(policy.decide(subject({}, { operation: id('ab.c') }), none, nowMs).verdict).toBe('deny');
  });

  it('denies by a denial whatever else allows', () => {
    expect(verdict({ may: [{}], mayNot: [{ operations: 'x.y' }, { operations: 'a.*' }] })).toEqual({
      verdict: 'deny',
      reason: 'denied-by-rule',
      rule: { path: 'agents.bot.may-not[1]', line: 2 },
      retryAfterMs: null,
    });
  });

  it('denies by a denial only where its condition is met', () => {
    const rules = { may: [{}], mayNot: [{ where: { x: { minimum: 10 } } }] };
    expect(verdict(rules, { x: 10 })).toMatchObject({ reason: 'denied-by-rule' });
    expect(verdict(rules, { x: 9 }).verdict).toBe('allow');
    expect(verdict(rules, {}).verdict).toBe('allow');
  });

  it('P10: denies where a number cannot be compared, by grant and by denial', () => {
    const where = { x: { maximum: 10 } };
    expect(verdict({ may: [{ where }] }, { x: Number.NaN })).toMatchObject({ reason: 'condition-not-met' });
    expect(verdict({ may: [{}], mayNot: [{ where }] }, { x: Number.NaN })).toMatchObject({ reason: 'denied-by-rule' });
  });

  it('reads arguments from own keys only', () => {
    const rules = { may: [{ where: { toString: { minLength: 0 }, constructor: { minLength: 0 } } }] };
    expect(verdict(rules, {})).toMatchObject({ reason: 'condition-not-met' });
  });

  it('holds a call that needs approval, unless another grant allows it', () => {
    expect(verdict({ may: [{ approval: 'required' }] })).toEqual({
      verdict: 'hold',
      rate: null,
      rule: { path: 'agents.bot.may[0]', line: 1 },
      reason: 'approval-required',
    });
    expect(verdict({ may: [{ approval: 'required' }, {}] }).verdict).toBe('allow');
    expect(verdict({ may: [{ approval: 'required' }, { where: { x: { const: 1 } } }] }).verdict).toBe('hold');
  });

  it('keeps effects under the ceilings of agent and grant', () => {
    const decide = (effect: Effect, rules: Parameters<typeof policyOf>[0]) =>
      policyOf(rules).decide(subject({}, { effect }), none, nowMs);
    expect(decide('destroy', { may: [{}], effect: 'write' })).toMatchObject({
      reason: 'effect-above-ceiling',
      rule: { path: 'agents.bot.effect' },
    });
    expect(decide('write', { may: [{ effectCeiling: 'read' }] })).toMatchObject({
      reason: 'effect-above-ceiling',
      rule: { path: 'agents.bot.may[0]' },
    });
    expect(decide('write', { may: [{ effectCeiling: 'write' }], effect: 'write' }).verdict).toBe('allow');
    expect(decide('unknown' as Effect, { may: [{}] })).toMatchObject({ reason: 'effect-above-ceiling' });
  });

  it('denies beyond the rate, and says when to come back', () => {
    const policy = policyOf({ may: [{ rate: { count: 2, windowMs: 60_000 } }] });
    expect(policy.decide(subject(), used(1), nowMs).verdict).toBe('allow');
    expect(policy.decide(subject(), used(2, 1500.2), nowMs)).toEqual({
      verdict: 'deny',
      reason: 'rate-exceeded',
      rule: { path: 'agents.bot.may[0]', line: 1 },
      retryAfterMs: 1501,
    });
  });

  it('counts by rule, window and time', () => {
    const asked: unknown[] = [];
    const usage = { count: (...args: unknown[]) => asked.push(args), untilNextMs: () => 1 };
    policyOf({ may: [{ rate: { count: 9, windowMs: 60_000 } }] }).decide(subject(), usage, nowMs);
    expect(asked).toEqual([['agents.bot.may[0]', 60_000, nowMs]]);
  });

  it('holds a call that needs approval to its rate first', () => {
    const policy = policyOf({ may: [{ approval: 'required', rate: { count: 1, windowMs: 1000 } }] });
    expect(policy.decide(subject(), used(1), nowMs)).toMatchObject({ reason: 'rate-exceeded' });
  });

  it('P10: takes a count that is not a number for an exceeded rate', () => {
    const policy = policyOf({ may: [{ rate: { count: 2, windowMs: 60_000 } }] });
    for (const count of [Number.NaN, undefined as unknown as number]) {
      expect(policy.decide(subject(), used(count, Number.NaN), nowMs)).toMatchObject({
        reason: 'rate-exceeded',
        retryAfterMs: 60_000,
      });
    }
  });

  it('names the closest reason', () => {
    const during = { days: [7], fromMinute: 0, toMinute: 1440, zone: 'UTC' };
    const rate = { count: 1, windowMs: 1000 };
    const far: readonly Partial<Grant>[] = [
      { effectCeiling: 'read' },
      { where: { x: { const: 1 } } },
      { during },
      { rate },
    ];
    const reasons = far.map((_, index) =>
      policyOf({ may: far.slice(0, index + 1).reverse() }).decide(subject({}, { effect: 'write' }), used(1), nowMs),
    );
    expect(reasons.map((decision) => ('reason' in decision ? decision.reason : decision.verdict))).toEqual([
      'effect-above-ceiling',
      'condition-not-met',
      'outside-time-window',
      'rate-exceeded',
    ]);
  });
});

describe('a policy', () => {
  it('sees what a grant names and no unconditional denial takes away', () => {
    const policy = policyOf({
      may: [{ operations: 'a.*', where: { x: { const: 1 } } }, { operations: 'c.d' }],
      mayNot: [{ operations: 'a.secret' }, { operations: 'a.b', where: { x: { const: 2 } } }],
    });
    const reasons = ['a.b', 'a.secret', 'c.d', 'c.e'].map((name) => policy.hides(id(name), 'read')?.reason);
    expect(reasons).toEqual([undefined, 'denied-by-rule', undefined, 'grant-missing']);
  });

  it('A6: hides what is above every ceiling, and names the lowest one that is in the way', () => {
    const hides = (rules: Parameters<typeof policyOf>[0]) => policyOf(rules).hides(id('a.b'), 'write');
    expect(hides({ may: [{}], effect: 'read' })).toMatchObject({
      reason: 'effect-above-ceiling',
      rule: { path: 'agents.bot.effect' },
    });
    expect(hides({ may: [{ effectCeiling: 'read' }] })).toMatchObject({ rule: { path: 'agents.bot.may[0]' } });
    expect(hides({ may: [{ effectCeiling: 'read' }, { where: { x: { const: 1 } } }] })).toBeNull();
  });

  it.each<[string, JsonObject, string]>([
    ['an unknown keyword', { x: { maximun: 5 } }, 'agents.bot.may.0.a.b.where.x.maximun'],
    ['an empty condition', { x: {} }, 'agents.bot.may.0.a.b.where.x'],
    ['a limit that is text', { x: { maximum: '5' } }, 'agents.bot.may.0.a.b.where.x.maximum'],
    ['a limit that is not a number', { x: { minimum: Number.NaN } }, 'agents.bot.may.0.a.b.where.x.minimum'],
    ['a limit that is empty', { x: { maximum: null } }, 'agents.bot.may.0.a.b.where.x.maximum'],
    ['an infinite limit', { x: { exclusiveMaximum: Infinity } }, 'agents.bot.may.0.a.b.where.x.exclusiveMaximum'],
    ['a length below zero', { x: { maxLength: -1 } }, 'agents.bot.may.0.a.b.where.x.maxLength'],
    ['an empty enum', { x: { enum: [] } }, 'agents.bot.may.0.a.b.where.x.enum'],
    ['a pattern that is not linear', { x: { pattern: '(?=a)b' } }, 'agents.bot.may.0.a.b.where.x.pattern'],
    ['a pattern that is a number', { x: { pattern: 5 } }, 'agents.bot.may.0.a.b.where.x.pattern'],
  ])('P10: with %s is refused, with its path', (_, where, path) => {
    const may = [{ where: where as Grant['where'] }];
    const result = compilePolicy(agentWith({ may }));
    expect(result.ok ? [] : result.problems.map((problem) => problem.path.join('.'))).toEqual([path]);
    const denied = compilePolicy(agentWith({ mayNot: may }));
    expect(denied.ok ? [] : denied.problems.map((problem) => problem.path.join('.'))).toEqual([
      path.replace('.may.', '.may-not.'),
    ]);
  });

  it('P10: with a rate or hours that are no numbers is refused', () => {
    const hours = { days: [1], fromMinute: Number.NaN, toMinute: 5, zone: 'UTC' };
    const rules: readonly Partial<Grant>[] = [
      { rate: { count: Number.NaN, windowMs: 1000 } },
      { rate: { count: 1, windowMs: undefined as unknown as number } },
      { during: hours },
      { during: { ...hours, fromMinute: 0, zone: 'Mars/Base' } },
    ];
    for (const grant of rules) expect(compilePolicy(agentWith({ may: [grant] })).ok).toBe(false);
  });
});

// A second reading of the same rules, as plain as it can be.
const conditions = fc.constantFrom<JsonObject>(
  { const: 1 },
  { enum: [1, 'b'] },
  { minimum: 1 },
  { maximum: 1 },
  { pattern: '^a' },
);
const rule = fc.record({
  operations: fc.constantFrom('a.b', 'a.*', 'a.c', 'b.*'),
  where: fc.dictionary(fc.constantFrom('x', 'y'), conditions, { maxKeys: 2 }),
});
const grant = fc.record({
  operations: rule.map(({ operations }) => operations),
  where: rule.map(({ where }) => where),
  effectCeiling: fc.constantFrom<Effect | null>('read', 'write', 'destroy', null),
  approval: fc.constantFrom<'none' | 'required'>('none', 'required'),
});
const values = fc.constantFrom<JsonValue>(0, 1, 2, 'a', 'b', null, true, [1]);
const inputs = fc.dictionary(fc.constantFrom('x', 'y'), values, { maxKeys: 2 });
const order = ['read', 'write', 'destroy'];

function names(operations: string): boolean {
  return operations === 'a.b' || operations === 'a.*';
}

function meets(where: Readonly<Record<string, JsonObject>>, input: Readonly<Record<string, JsonValue>>): boolean {
  return Object.entries(where).every(([name, condition]) => {
    const value = input[name];
    if ('const' in condition) return value === condition.const;
    if ('enum' in condition) return value === 1 || value === 'b';
    if ('minimum' in condition) return typeof value === 'number' && value >= 1;
    if ('maximum' in condition) return typeof value === 'number' && value <= 1;
    return typeof value === 'string' && value.startsWith('a');
  });
}

describe('every set of rules', () => {
  it('decides like the plain reading of it', () => {
    const all = fc.record({
      may: fc.array(grant, { maxLength: 4 }),
      mayNot: fc.array(rule, { maxLength: 2 }),
      effect: fc.constantFrom<Effect>('read', 'write', 'destroy'),
      input: inputs,
      wanted: fc.constantFrom<Effect>('read', 'write', 'destroy'),
    });
    fc.assert(
      fc.property(all, ({ input, wanted, ...rules }) => {
        const decision = policyOf(rules).decide(subject(input, { effect: wanted }), none, nowMs);
        const isDenied = rules.mayNot.some(({ operations, where }) => names(operations) && meets(where, input));
        const fitting = rules.may.filter(
          ({ operations, where, effectCeiling }) =>
            names(operations) &&
            meets(where, input) &&
            order.indexOf(wanted) <= order.indexOf(rules.effect) &&
            order.indexOf(wanted) <= order.indexOf(effectCeiling ?? 'destroy'),
        );
        const allowed = fitting.some(({ approval }) => approval === 'none');
        const expected = isDenied || fitting.length === 0 ? 'deny' : allowed ? 'allow' : 'hold';
        expect(decision.verdict).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('never allows what an unconditional denial names, whatever is granted', () => {
    const rules = fc.record({
      may: fc.array(grant, { maxLength: 5 }),
      mayNot: fc.array(rule, { maxLength: 3 }),
      input: inputs,
    });
    fc.assert(
      fc.property(rules, fc.constantFrom('a.b', 'a.*'), ({ may, mayNot, input }, operations) => {
        const policy = policyOf({ may, mayNot: [...mayNot, { operations, where: {} }] });
        expect(policy.hides(id('a.b'), 'read')).toMatchObject({ reason: 'denied-by-rule' });
        expect(policy.decide(subject(input), none, nowMs)).toMatchObject({ verdict: 'deny', reason: 'denied-by-rule' });
      }),
    );
  });
});
