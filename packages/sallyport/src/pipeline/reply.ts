// Last stage: the answer. The one function that turns errors into refusals stands here; what it does not know becomes INTERNAL.
import type { PendingApproval } from '../domain/approval.ts';
import { callId } from '../domain/call.ts';
import { SallyportError } from '../domain/errors.ts';
import type { CallOutcome, Refusal } from '../domain/reply.ts';
import { RefusedCall } from './refused-call.ts';
import type { Scrubber } from './scrubber.ts';
import type { Recorded, Repeated, Stages } from './stages.ts';

/** The answer to a call that ran. */
export function reply(stages: Stages, { authorised, ending }: Recorded): CallOutcome {
  const { call, caller } = authorised;
  if (ending.result === 'ok') return { ok: true, callId: call.id, reply: ending.reply };
  const { error, upstreamStatus } = ending;
  stages.report.refusal({
    call: call.id,
    agent: call.agent,
    operation: call.operation,
    code: error.code,
    reason: ending.result,
    cause: error,
  });
  const refusal = refusalOf(error, { scrubber: caller.snapshot.scrubber, id: call.id, upstreamStatus });
  return { ok: false, callId: call.id, refusal };
}

/** The answer to a call that was made before with the same idempotency key. */
export function replyAgain({ caller, earlier }: Repeated): CallOutcome {
  const id = callId(earlier.call);
  if (earlier.ok) return { ok: true, callId: id, reply: { json: earlier.json, isTruncated: earlier.isTruncated } };
  const error = new SallyportError(
    earlier.code,
    'the first call with this idempotency key ended with this code; use a new key to try again',
  );
  return {
    ok: false,
    callId: id,
    refusal: refusalOf(error, { scrubber: caller.snapshot.scrubber, id, upstreamStatus: null }),
  };
}

/** What a refusal is made with. */
export interface RefusalContext {
  readonly scrubber: Scrubber;
  /** Names the event to the operator when the agent may know nothing else of it. */
  readonly id: string;
  readonly upstreamStatus: number | null;
}

/** Turns any error into what an agent may know of it; messages are fixed texts, and are scrubbed nevertheless. */
export function refusalOf(error: unknown, { scrubber, id, upstreamStatus }: RefusalContext): Refusal {
  const known = error instanceof SallyportError ? error : internal(id);
  const details = error instanceof RefusedCall ? error.details : undefined;
  return {
    code: known.code,
    status: known.status,
    fault: known.fault,
    message: scrubber.scrub(known.message).text,
    issues: details?.issues ?? [],
    retryAfterMs: details?.retryAfterMs ?? null,
    upstreamStatus,
    approval: details?.approval === undefined ? null : pendingOf(details.approval),
  };
}

function pendingOf({ id, state, expiresAtMs }: PendingApproval): PendingApproval {
  return { id, state, expiresAtMs };
}

function internal(id: string): SallyportError {
  return new SallyportError('INTERNAL', `Sallyport failed; tell the operator this id: ${id}`);
}
