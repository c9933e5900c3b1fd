// Explains a call that is not made: the decision, by the function that decides calls, and everything else that it would meet.
import { Hono } from 'hono';
import { z } from 'zod';
import type { AgentView, CompiledOperation } from '../../catalogue/catalogue.ts';
import { pathText } from '../../config/spot.ts';
import { assertNever } from '../../domain/assert-never.ts';
import type { Decision } from '../../domain/decision.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { RuleReference } from '../../domain/grant.ts';
import type { OperationInput } from '../../domain/operation.ts';
import type { ConfigPath } from '../../domain/problem.ts';
import type { InputIssue } from '../../domain/reply.ts';
import { parseStrictJson } from '../../domain/strict-json.ts';
import type { Explanation } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';
import { unknownAgent } from '../views/agent-views.ts';
import { agentObstacles, credentialObstacles, type Obstacle } from '../views/obstacles.ts';
import { requestBody } from './request-body.ts';

const questionShape = z.strictObject({ agent: z.string(), operation: z.string(), input: z.string() });

const maxInputDepth = 32;

/** What an agent sees of a call that goes through. */
const goesThrough = 'the reply';

/** `POST /` with agent, operation and the input as JSON text. */
export function explainRoutes(context: ReadingContext): Hono {
  const routes = new Hono();
  routes.post('/', async (c) => c.json(explain(context, await requestBody(c, questionShape))));
  return routes;
}

/** What policy says of a call, and what the agent would see if nothing else stood in its way. */
type Judged = Omit<Explanation, 'obstacles'>;

/** The end of a call that is not made: nothing is recorded, no rate is taken. */
function explain(context: ReadingContext, question: z.infer<typeof questionShape>): Explanation {
  const view = viewOf(context, question.agent);
  const operation = [...context.catalogue.operations.values()].find(
    (each) => each.id === question.operation || each.toolName === question.operation,
  );
  const judged = judge(context, view, { operation, input: question.input });
  const before = agentObstacles(context, view.agent.id);
  const isRefused = judged.verdict === 'deny' || judged.verdict === 'invalid-input';
  const after = isRefused || operation === undefined ? [] : credentialObstacles(context, operation);
  return { ...judged, agentSees: firstMet(before, judged.agentSees, after), obstacles: [...before, ...after] };
}

// The order of the stages of a call: who calls, what is decided, which credential is opened.
function firstMet(before: readonly Obstacle[], decided: string, after: readonly Obstacle[]): string {
  if (before[0] !== undefined) return before[0].code;
  return decided === goesThrough ? (after[0]?.code ?? decided) : decided;
}

interface Asked {
  readonly operation: CompiledOperation | undefined;
  readonly input: string;
}

function judge(context: ReadingContext, view: AgentView, { operation, input }: Asked): Judged {
  if (operation === undefined) return denied('operation-unknown', null, 'OPERATION_NOT_AVAILABLE');
  const { id, definition } = operation;
  if (!view.operations.has(id)) {
    const hidden = view.policy.hides(id, definition.effect);
    return denied(hidden?.reason ?? 'grant-missing', located(context, hidden?.rule ?? null), 'OPERATION_NOT_AVAILABLE');
  }
  const validation = operation.validate(parseStrictJson(input, { maxDepth: maxInputDepth, numbers: 'refuse' }));
  if (!validation.ok) return invalid(context, operation, { code: 'INPUT_INVALID', issues: validation.issues });
  const unsafe = buildFault(operation, validation.input);
  if (unsafe !== undefined) {
    return invalid(context, operation, { code: unsafe.code, issues: [{ pointer: '', rule: unsafe.message }] });
  }
  const subject = { operation: id, effect: definition.effect, input: validation.input };
  return described(context, view.policy.decide(subject, context.agents.rates(view.agent.id), context.clock.nowMs()));
}

// A call builds its request before anything is decided, and is refused where a value cannot stand in it.
function buildFault(operation: CompiledOperation, input: OperationInput): SallyportError | undefined {
  try {
    operation.plan.build(input);
    return undefined;
  } catch (error) {
    if (error instanceof SallyportError) return error;
    throw error;
  }
}

interface InputFault {
  readonly code: string;
  readonly issues: readonly InputIssue[];
}

// The line is that of the input which does not fit, or of all inputs where there is none of that name.
function invalid(context: ReadingContext, { id, definition }: CompiledOperation, { code, issues }: InputFault): Judged {
  const name = issues[0]?.pointer.split('/')[1] ?? '';
  const isDeclared = Object.hasOwn(definition.input, name);
  const path: ConfigPath = ['operations', id, 'input', ...(isDeclared ? [name] : [])];
  const rule = { path: pathText(path), line: context.config.locate(path).line };
  return {
    verdict: 'invalid-input',
    reason: code.toLowerCase().replaceAll('_', '-'),
    rule: located(context, rule),
    agentSees: code,
    issues: [...issues],
  };
}

function described(context: ReadingContext, decision: Decision): Judged {
  switch (decision.verdict) {
    case 'allow':
      return {
        verdict: 'allow',
        reason: null,
        rule: located(context, decision.rule),
        agentSees: goesThrough,
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

function denied(reason: string, rule: Explanation['rule'], agentSees: string): Judged {
  return { verdict: 'deny', reason, rule, agentSees, issues: [] };
}

function located(context: ReadingContext, rule: RuleReference | null): Explanation['rule'] {
  return rule === null ? null : { path: rule.path, file: context.config.file, line: rule.line };
}

function viewOf(context: ReadingContext, agent: string): AgentView {
  for (const view of context.catalogue.views.values()) if (view.agent.id === agent) return view;
  throw unknownAgent(context, agent);
}
