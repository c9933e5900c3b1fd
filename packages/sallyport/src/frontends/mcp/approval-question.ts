// A call that waits for an operator, as a question to the user of a client that can show one (MCP 2026-07-28, basic/patterns/mrtr).
// Nothing is asked that could be answered with a yes: whoever answers stands on the agent's side of the door (I2). The answer only
// says that it is time to look again, and the call is looked up as it is, like any repetition. No `requestState` is ever given, so
// there is none to trust, and whatever claims to be one is refused.
import type { PendingApproval } from '../../domain/approval.ts';
import { errorCodes, SallyportError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json-value.ts';
import type { CallOutcome } from '../../domain/reply.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import { approvalMembers } from '../pending-approval.ts';
import { clientCapability } from './envelope.ts';
import type { MethodCall } from './protocol-version.ts';
import { resultAnswer } from './rpc-answer.ts';
import { asObject } from './rpc-message.ts';
import { requireOnly, toolOutcome } from './tool-methods.ts';
import { metaOf, outcomeAnswer } from './tool-result.ts';

type UserAnswer = 'none' | 'go-on' | 'stop';

// The key of the question and of its answer.
const key = 'approval';

/**
 * Calls one tool; where it is held, the client's user is asked to turn to an operator, once for each call that carries no answer.
 * @throws SallyportError REQUEST_PARAMS, IDEMPOTENCY_KEY_MALFORMED, TOKEN_*, SESSION_REVOKED
 */
export async function callToolOrAsk(call: MethodCall): Promise<HttpAnswer> {
  requireOnly(call.params, ['name', 'arguments', 'inputResponses', '_meta']);
  const answer = userAnswer(call.params);
  // A user who wants no more of it is heard, whatever an operator says meanwhile.
  if (answer === 'stop') return outcomeAnswer(call, declined(call));
  const outcome = await toolOutcome(call);
  const approval = outcome.ok ? null : outcome.refusal.approval;
  // Asked once: a client that answers by itself would be asked again and again until it gives up without a result.
  if (approval === null || answer !== 'none' || !takesForms(call.params)) return outcomeAnswer(call, outcome);
  return question(call, outcome, approval);
}

/** @throws SallyportError REQUEST_PARAMS */
function userAnswer(params: JsonObject): UserAnswer {
  if (!Object.hasOwn(params, 'inputResponses')) return 'none';
  const answers = asObject(params['inputResponses']);
  if (answers === undefined) throw new SallyportError('REQUEST_PARAMS', 'params.inputResponses must be an object');
  // Answers to other questions are not looked at (basic/patterns/mrtr, error handling).
  if (!Object.hasOwn(answers, key)) return 'none';
  switch (asObject(answers[key])?.['action']) {
    case 'accept':
      return 'go-on';
    case 'decline':
    case 'cancel':
      return 'stop';
    default:
      throw new SallyportError('REQUEST_PARAMS', `params.inputResponses.${key} must have an action of an elicitation`);
  }
}

// client/elicitation: an empty object means forms; a client of URLs only must not be sent one.
function takesForms(params: JsonObject): boolean {
  const elicitation = asObject(clientCapability(params, 'elicitation'));
  if (elicitation === undefined) return false;
  return asObject(elicitation['form']) !== undefined || !Object.hasOwn(elicitation, 'url');
}

function question(call: MethodCall, outcome: CallOutcome, approval: PendingApproval): HttpAnswer {
  const { id, expiresAt } = approvalMembers(approval);
  const message =
    `This call of ${JSON.stringify(call.params['name'])} waits for an operator. Ask yours to look at it (\`sallyport approval show ${id}\`) and ` +
    `to allow it (\`sallyport approval allow ${id}\`) before ${expiresAt}, then continue. Continuing by itself approves nothing.`;
  const request = {
    method: 'elicitation/create',
    params: { mode: 'form', message, requestedSchema: { type: 'object', properties: {} } },
  };
  const members = `"resultType":"input_required","inputRequests":${JSON.stringify({ [key]: request })}`;
  return resultAnswer(call.id, `${members}${metaOf(call, outcome)}`);
}

function declined({ pipeline, token }: MethodCall): CallOutcome {
  // Only a known agent is told anything.
  pipeline.list(token);
  const error = new SallyportError(
    'CALL_DECLINED',
    'the user of this client chose not to wait for an operator; nothing was sent, and the call can be repeated later',
  );
  pipeline.refusedAtDoor(error);
  const { code, message } = error;
  const nothingElse = { issues: [], retryAfterMs: null, upstreamStatus: null, approval: null };
  return { ok: false, callId: null, refusal: { code, message, ...errorCodes[code], ...nothingElse } };
}
