// Compiles an agent's grants and denials into the one decision function.
import type { AgentDefinition } from '../domain/agent.ts';
import type { Decision, DenialReason, Denied } from '../domain/decision.ts';
import { type Effect, effects, isWithin } from '../domain/effect.ts';
import type { Grant, RuleReference } from '../domain/grant.ts';
import type { OperationId } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import type { RateUsage } from '../domain/rate-usage.ts';
import type { CompiledDenial, CompiledGrant } from './compile-rules.ts';
import { compileDenials, compileGrants, conditionsResult } from './compile-rules.ts';
import type { CompiledPolicy, DecisionSubject } from './policy.ts';

/** An agent's policy, or everything that is wrong with its rules. */
export type PolicyResult =
  | { readonly ok: true; readonly policy: CompiledPolicy }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Compiles the rules of one agent. */
export function compilePolicy(agent: AgentDefinition): PolicyResult {
  const problems: Problem[] = [];
  const grants = compileGrants(agent, problems);
  const denials = compileDenials(agent, problems);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    policy: {
      hides: (operation, effect) => neverAllowed({ agent, grants, denials }, operation, effect),
      decide: (subject, usage, nowMs) =>
        firstDenial(denials, subject) ?? bestGrant(grants, { agent, subject, usage, nowMs }),
    },
  };
}

interface Rules {
  readonly agent: AgentDefinition;
  readonly grants: readonly CompiledGrant[];
  readonly denials: readonly CompiledDenial[];
}

function neverAllowed({ agent, grants, denials }: Rules, operation: OperationId, effect: Effect): Denied | null {
  const denial = denials.find(({ matches, where }) => where.length === 0 && matches(operation));
  if (denial !== undefined) return deny('denied-by-rule', denial.denial.rule);
  let closest = deny('grant-missing', null);
  for (const { grant, matches } of grants) {
    if (!matches(operation)) continue;
    const ceiling = ceilingBelow(effect, agent, grant);
    if (ceiling === null) return null;
    closest = deny('effect-above-ceiling', ceiling);
  }
  return closest;
}

interface DecisionContext {
  readonly agent: AgentDefinition;
  readonly subject: DecisionSubject;
  readonly usage: RateUsage;
  readonly nowMs: number;
}

// A condition that cannot be decided denies: only `unmet` lets a call past a denial.
function firstDenial(denials: readonly CompiledDenial[], { operation, input }: DecisionSubject): Denied | undefined {
  for (const { matches, where, denial } of denials) {
    if (!matches(operation) || conditionsResult(where, input) === 'unmet') continue;
    return deny('denied-by-rule', denial.rule);
  }
  return undefined;
}

// From far to close: `explain` names the rule that came closest.
const closeness: readonly Denied['reason'][] = [
  'grant-missing',
  'effect-above-ceiling',
  'condition-not-met',
  'outside-time-window',
  'rate-exceeded',
];

function bestGrant(grants: readonly CompiledGrant[], context: DecisionContext): Decision {
  let held: Decision | undefined;
  let closest = deny('grant-missing', null);
  for (const grant of grants) {
    if (!grant.matches(context.subject.operation)) continue;
    const decision = decideGrant(grant, context);
    if (decision.verdict === 'allow') return decision;
    if (decision.verdict === 'hold') held ??= decision;
    else if (isCloser(decision, closest)) closest = decision;
  }
  return held ?? closest;
}

function isCloser(left: Denied, right: Denied): boolean {
  const distance = closeness.indexOf(left.reason) - closeness.indexOf(right.reason);
  const isSooner = (left.retryAfterMs ?? 0) < (right.retryAfterMs ?? 0);
  return distance > 0 || (distance === 0 && left.reason === 'rate-exceeded' && isSooner);
}

function decideGrant({ grant, where, isOpen }: CompiledGrant, context: DecisionContext): Decision {
  const { agent, subject, nowMs } = context;
  const { rule, rate } = grant;
  const ceiling = ceilingBelow(subject.effect, agent, grant);
  if (ceiling !== null) return deny('effect-above-ceiling', ceiling);
  if (conditionsResult(where, subject.input) !== 'met') return deny('condition-not-met', rule);
  if (!isOpen(nowMs)) return deny('outside-time-window', rule);
  const retryAfterMs = untilRateAllows(grant, context);
  if (retryAfterMs !== null) return { verdict: 'deny', reason: 'rate-exceeded', rule, retryAfterMs };
  if (grant.approval !== 'none') return { verdict: 'hold', rule, reason: 'approval-required', rate };
  return { verdict: 'allow', rule, rate };
}

/** The rule whose ceiling is below an effect; null when none is. */
function ceilingBelow(effect: Effect, agent: AgentDefinition, grant: Grant): RuleReference | null {
  // An effect outside the table would compare as the lowest of all.
  if (!effects.includes(effect)) return grant.rule;
  if (!isWithin(effect, agent.effectCeiling)) return agent.ceilingRule;
  return grant.effectCeiling === null || isWithin(effect, grant.effectCeiling) ? null : grant.rule;
}

function deny(reason: DenialReason, rule: RuleReference | null): Denied {
  return { verdict: 'deny', reason, rule, retryAfterMs: null };
}

// P10: written so that a count that is not a number exceeds the rate.
function untilRateAllows({ rate, rule }: CompiledGrant['grant'], { usage, nowMs }: DecisionContext): number | null {
  if (rate === null) return null;
  const isBelow = usage.count(rule.path, rate.windowMs, nowMs) < rate.count;
  if (isBelow) return null;
  const waitMs = usage.untilNextMs(rule.path, rate.windowMs, nowMs);
  return Number.isFinite(waitMs) ? Math.min(Math.max(1, Math.ceil(waitMs)), rate.windowMs) : rate.windowMs;
}
