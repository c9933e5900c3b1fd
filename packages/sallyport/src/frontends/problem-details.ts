// Refusals as problem details (RFC 9457) for the doors that speak plain HTTP.
import type { PendingApproval } from '../domain/approval.ts';
import type { CallId } from '../domain/call.ts';
import { SallyportError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { Refusal } from '../domain/reply.ts';
import { type HttpAnswer, jsonAnswer } from '../net/http-answer.ts';
import { problemOf } from '../net/problem-response.ts';
import { challengeFor } from './bearer-token.ts';
import { approvalMembers } from './pending-approval.ts';

// The same words for an operation that does not exist and for one that the agent may not know of.
const notAvailable = 'this agent has no such operation; list the operations to see those that it may call';

/** An error as a problem+json answer. */
export function problemAnswer(error: SallyportError): HttpAnswer {
  return problemAnswerWith(error, {});
}

/** An error as a problem+json answer with further headers, as a flat list of names and values. */
export function problemAnswerWithHeaders(error: SallyportError, headers: readonly string[]): HttpAnswer {
  return problemAnswerWith(error, {}, headers);
}

/** A refused call as a problem+json answer. */
export function refusalAnswer(refusal: Refusal, callId: CallId | null): HttpAnswer {
  const { code, issues, retryAfterMs, upstreamStatus } = refusal;
  // Unknown and denied must not differ by a byte: neither the text nor the call id of the refusal goes out.
  if (code === 'OPERATION_NOT_AVAILABLE') return problemAnswer(new SallyportError(code, notAvailable));
  const { approval } = refusal;
  if (code === 'CALL_NEEDS_APPROVAL' && approval !== null) return heldAnswer(refusal, approval, callId);
  const members = {
    ...(callId === null ? {} : { call: callId }),
    ...(issues.length === 0 ? {} : { issues: issues.map(({ pointer, rule }) => ({ pointer, rule })) }),
    ...(upstreamStatus === null ? {} : { upstreamStatus }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
  const headers = retryAfterMs === null ? [] : ['retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))];
  return problemAnswerWith(new SallyportError(code, refusal.message), members, headers);
}

// Not a problem: the call is accepted, and waits (RFC 9110 §15.3.3).
function heldAnswer(refusal: Refusal, approval: PendingApproval, callId: CallId | null): HttpAnswer {
  const members = { code: refusal.code, detail: refusal.message, call: callId, approval: approvalMembers(approval) };
  const answer = jsonAnswer(refusal.status, JSON.stringify(members));
  return { ...answer, headers: [...answer.headers, 'location', members.approval.status, 'retry-after', '10'] };
}

function problemAnswerWith(
  error: SallyportError,
  members: Readonly<Record<string, JsonValue>>,
  headers: readonly string[] = [],
): HttpAnswer {
  const challenge = error.status === 401 ? ['www-authenticate', challengeFor(error)] : [];
  return problemOf(error, { members, headers: [...headers, ...challenge] });
}
