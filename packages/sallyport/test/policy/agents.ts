// Short ways to make an agent with grants and denials, and a usage that answers with fixed numbers.
import type { AgentDefinition, AgentId } from '../../src/domain/agent.ts';
import type { Denial, Grant } from '../../src/domain/grant.ts';
import type { OperationId, OperationInput } from '../../src/domain/operation.ts';
import type { RateUsage } from '../../src/domain/rate-usage.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import type { CompiledPolicy, DecisionSubject } from '../../src/policy/policy.ts';

type Rules = {
  readonly may?: readonly Partial<Grant>[];
  readonly mayNot?: readonly Partial<Denial>[];
  readonly effect?: AgentDefinition['effectCeiling'];
};

/** An agent; rules take their place in the list as their path. */
export function agentWith({ may = [], mayNot = [], effect = 'destroy' }: Rules): AgentDefinition {
  const rule = (key: string, index: number) => ({ path: `agents.bot.${key}[${index}]`, line: index + 1 });
  return {
    id: 'bot' as AgentId,
    rule: { path: 'agents.bot', line: 99 },
    tokenMaxLifetimeMs: 1,
    sessionMaxLifetimeMs: 1,
    isLocal: false,
    effectCeiling: effect,
    ceilingRule: { path: 'agents.bot.effect', line: 98 },
    grants: may.map((grant, index) => ({
      rule: rule('may', index),
      operations: 'a.b',
      where: {},
      rate: null,
      during: null,
      effectCeiling: null,
      approval: 'none',
      ...grant,
    })),
    denials: mayNot.map((denial, index) => ({
      rule: rule('may-not', index),
      operations: 'a.b',
      where: {},
      ...denial,
    })),
  };
}

/** The compiled policy of an agent whose rules have no fault. */
export function policyOf(rules: Rules): CompiledPolicy {
  const result = compilePolicy(agentWith(rules));
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.policy;
}

/** A call of `a.b`. */
export function subject(input: OperationInput = {}, rest: Partial<DecisionSubject> = {}): DecisionSubject {
  return { operation: 'a.b' as OperationId, effect: 'read', input, ...rest };
}

/** A usage that was counted `count` times and waits `waitMs`. */
export function used(count: number, waitMs = 1): RateUsage {
  return { count: () => count, untilNextMs: () => waitMs };
}
