// What happens to a call that a stage stopped: it is recorded as far as it came, reported, and answered with a safe reason (I10).
import { assertNever } from '../domain/assert-never.ts';
import type { CallRefused } from '../domain/audit-entry.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { SallyportError } from '../domain/errors.ts';
import { newId } from '../domain/id.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { CallOutcome } from '../domain/reply.ts';
import { recordEnding } from './record.ts';
import { RefusedCall } from './refused-call.ts';
import { refusalOf } from './reply.ts';
import { scrubInput } from './scrub-input.ts';
import type { Authenticated, Authorised, Ending, InSession, Matched, Reached, Stages, Validated } from './stages.ts';

/** A call of a known agent that was not authorised. */
type Unauthorised = Authenticated | InSession | Matched | Validated;

/** Agent-chosen names are kept for the operator, sealed, up to this many characters. */
const maxNameCharacters = 200;

/** Inputs of refused calls are kept up to this size. */
const maxInputBytes = 4096;

/** Ends a call that was stopped at `reached`; never rejects. */
export function refuse(stages: Stages, reached: Reached, error: unknown): CallOutcome | Promise<CallOutcome> {
  switch (reached.stage) {
    case 'arrived':
      return refuseAtDoor(stages, error);
    case 'authenticated':
    case 'in-session':
    case 'matched':
    case 'validated':
      return refuseKnown(stages, reached, error);
    case 'authorised':
      return fail(stages, reached, { error, result: 'failed', isUnsent: true });
    case 'opened':
      return fail(stages, reached.authorised, { error, ...unknownEnd(reached.authorised) });
    case 'executed':
      return fail(stages, reached.authorised, { error, result: 'failed', isUnsent: false });
    case 'scrubbed':
    case 'recorded':
      return answer(stages, factsOf(reached.authorised), error);
    default:
      return assertNever(reached);
  }
}

/** Refuses before authentication: counted, not written one by one, or anybody could fill the audit. */
export function refuseAtDoor(stages: Stages, error: unknown): CallOutcome {
  const id = newId(stages.clock.nowMs(), stages.random);
  const refusal = refusalOf(error, { scrubber: stages.snapshot().scrubber, id, upstreamStatus: null });
  stages.doorCounter.count(refusal.code);
  if (refusal.code === 'INTERNAL') {
    stages.report.refusal({ call: id, agent: null, operation: null, code: 'INTERNAL', reason: null, cause: error });
  }
  return { ok: false, callId: null, refusal };
}

async function refuseKnown(stages: Stages, reached: Unauthorised, error: unknown): Promise<CallOutcome> {
  const facts = { ...factsOf(reached), reason: reasonOf(error) };
  try {
    await stages.journal.refuse(refusedEntry(stages, reached, error), canonicalJson(detailsOf(reached)));
  } catch (cause) {
    return answer(stages, facts, unrecorded(cause));
  }
  return answer(stages, facts, error);
}

type Failure = Pick<Extract<Ending, { readonly error: SallyportError }>, 'result' | 'isUnsent'> & {
  readonly error: unknown;
};

// An execution that throws breaks its contract: for a write nobody knows how far it came.
function unknownEnd({ operation }: Authorised): Pick<Failure, 'result' | 'isUnsent'> {
  return { result: operation.definition.effect === 'read' ? 'failed' : 'indeterminate', isUnsent: false };
}

async function fail(
  stages: Stages,
  authorised: Authorised,
  { error, result, isUnsent }: Failure,
): Promise<CallOutcome> {
  const known = error instanceof SallyportError ? error : new SallyportError('INTERNAL', 'internal error');
  try {
    await recordEnding(stages, authorised, { result, error: known, upstreamStatus: null, isUnsent });
  } catch (unwritten) {
    return answer(stages, factsOf(authorised), unwritten);
  }
  return answer(stages, { ...factsOf(authorised), reason: result }, error);
}

interface Facts {
  readonly caller: Authenticated;
  readonly operation: string | null;
  readonly reason: string | null;
}

function answer(stages: Stages, { caller, operation, reason }: Facts, error: unknown): CallOutcome {
  const { callId: id, agent, snapshot } = caller;
  const refusal = refusalOf(error, { scrubber: snapshot.scrubber, id, upstreamStatus: null });
  const named = operation ?? (error instanceof RefusedCall ? (error.details.operation ?? null) : null);
  stages.report.refusal({ call: id, agent: agent.id, operation: named, code: refusal.code, reason, cause: error });
  return { ok: false, callId: id, refusal };
}

function factsOf(reached: Unauthorised | Authorised): Facts {
  const caller = reached.stage === 'authenticated' ? reached : reached.caller;
  return { caller, operation: 'operation' in reached ? reached.operation.id : null, reason: null };
}

function refusedEntry(stages: Stages, reached: Unauthorised, error: unknown): CallRefused {
  const { caller, operation } = factsOf(reached);
  const details = error instanceof RefusedCall ? error.details : undefined;
  return {
    kind: 'call.refused',
    at: stages.clock.nowMs(),
    call: caller.callId,
    door: caller.request.door,
    agent: caller.agent.id,
    session: 'session' in reached ? reached.session.id : null,
    operation: operation ?? details?.operation ?? null,
    configDigest: caller.snapshot.catalogue.config.digest,
    code: codeOf(error),
    reason: reasonOf(error),
    rule: details?.rule ?? null,
  };
}

function detailsOf(reached: Unauthorised): JsonValue {
  const { request, snapshot } = reached.stage === 'authenticated' ? reached : reached.caller;
  const name = 'tool' in request.name ? request.name.tool : request.name.operation;
  const cut = snapshot.scrubber.scrub(name.slice(0, maxNameCharacters).toWellFormed()).text;
  if (!('operation' in reached)) return { name: cut };
  // Refusals cost the agent nothing: they must not fill the disk.
  const inputBytes = Buffer.byteLength(JSON.stringify(request.input));
  if (inputBytes > maxInputBytes) return { name: cut, inputBytes };
  return { name: cut, input: scrubInput(request.input, snapshot.scrubber) };
}

function codeOf(error: unknown): string {
  return error instanceof SallyportError ? error.code : 'INTERNAL';
}

function reasonOf(error: unknown): string {
  if (error instanceof RefusedCall) return error.details.reason;
  return codeOf(error).toLowerCase().replaceAll('_', '-');
}

function unrecorded(cause: unknown): SallyportError {
  return new SallyportError('AUDIT_UNAVAILABLE', 'this call could not be recorded, so it was not made', { cause });
}
