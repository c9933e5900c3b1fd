// Explains a decision through the same function that decides calls, with the line of the config that made it.
import { Hono } from 'hono';
import { z } from 'zod';
import type { AgentView } from '../../catalogue/catalogue.ts';
import { assertNever } from '../../domain/assert-never.ts';
import type { Decision } from '../../domain/decision.ts';
import type { RuleReference } from '../../domain/grant.ts';
import { parseStrictJson } from '../../domain/strict-json.ts';
import type { Explanation } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';
import { unknownAgent } from './agent-routes.ts';
import { requestBody } from './request-body.ts';

const questionShape = z.strictObject({ agent: z.string(), operation: z.string(), input: z.string() });

const maxInputDepth = 32;

/** `POST /` with agent, operation and the input as JSON text. */
export function explainRoutes(context: ReadingContext): Hono {
  const routes = new Hono();
  routes.post('/', async (c) => c.json(explain(context, await requestBody(c, questionShape))));
  return routes;
}

/** The decision on a call that is not made: nothing is recorded, no rate is taken. */
function explain(context: ReadingContext, question: z.infer<typeof questionShape>): Explanation {
  const view = viewOf(context, question.agent);
  const operation = [...context.catalogue.operations.values()].find(
    (each) => each.id === question.operation || each.toolName === question.operation,
  );
  if (operation === undefined) {
    return denied('operation-unknown', null, 'OPERATION_NOT_AVAILABLE');
  }
  if (!view.operations.has(operation.id)) {
    const hidden = view.policy.hides(operation.id, operation.definition.effect);
    const rule = located(context, hidden?.rule ?? null);
    return denied(hidden?.reason ?? 'grant-missing', rule, 'OPERATION_NOT_AVAILABLE');
  }
  const validation = operation.validate(
    parseStrictJson(question.input, { maxDepth: maxInputDepth, numbers: 'refuse' }),
  );
  if (!validation.ok) {
    return {
      verdict: 'invalid-input',
      reason: null,
      rule: null,
      agentSees: 'INPUT_INVALID',
      issues: [...validation.issues],
    };
  }
  const subject = { operation: operation.id, effect: operation.definition.effect, input: validation.input };
  return described(context, view.policy.decide(subject, context.agents.rates(view.agent.id), context.clock.nowMs()));
}

function described(context: ReadingContext, decision: Decision): Explanation {
  switch (decision.verdict) {
    case 'allow':
      return {
        verdict: 'allow',
        reason: null,
        rule: located(context, decision.rule),
        agentSees: 'the reply',
        issues: [],
      };
    case 'hold':
      return {
        verdict: 'hold',
        reason: decision.reason,
        rule: located(context, decision.rule),
        agentSees: 'CALL_NEEDS_APPROVAL',
        issues: [],
      };
    case 'deny':
      return denied(
        decision.reason,
        located(context, decision.rule),
        decision.reason === 'rate-exceeded' ? 'CALL_RATE_EXCEEDED' : 'CALL_DENIED',
      );
    default:
      return assertNever(decision);
  }
}

function denied(reason: string, rule: Explanation['rule'], agentSees: string): Explanation {
  return { verdict: 'deny', reason, rule, agentSees, issues: [] };
}

function located(context: ReadingContext, rule: RuleReference | null): Explanation['rule'] {
  return rule === null ? null : { path: rule.path, file: context.config.file, line: rule.line };
}

function viewOf(context: ReadingContext, agent: string): AgentView {
  for (const view of context.catalogue.views.values()) if (view.agent.id === agent) return view;
  throw unknownAgent(context, agent);
}
