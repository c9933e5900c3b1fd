// Eighth stage: the outcome is durable before the agent hears of it; a reply that cannot be recorded is withheld.
import type { EarlierOutcome } from '../audit/call-journal.ts';
import type { CallOutcomeEntry } from '../domain/audit-entry.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Authorised, Ending, Scrubbed, Stages } from './stages.ts';

/** Records how the call ended. @throws SallyportError AUDIT_UNAVAILABLE */
export function record(stages: Stages, { authorised, ending }: Scrubbed): Promise<void> {
  return recordEnding(stages, authorised, ending);
}

/** Writes the outcome of an authorised call. @throws SallyportError AUDIT_UNAVAILABLE */
export async function recordEnding(stages: Stages, authorised: Authorised, ending: Ending): Promise<void> {
  try {
    await stages.journal.end(outcomeOf(authorised, ending, stages.clock.nowMs()), earlierOf(authorised, ending));
  } catch (cause) {
    throw new SallyportError(
      'AUDIT_UNAVAILABLE',
      'the call ended, but its outcome could not be recorded, so the reply is withheld',
      { cause },
    );
  }
}

function outcomeOf({ call }: Authorised, ending: Ending, nowMs: number): CallOutcomeEntry {
  const isOk = ending.result === 'ok';
  // In the order of canonical JSON, which is then written in one pass.
  return {
    at: nowMs,
    call: call.id,
    code: isOk ? null : ending.error.code,
    // The wall clock may be set back while a call runs.
    durationMs: Math.max(0, nowMs - call.receivedAtMs),
    kind: 'call.outcome',
    redactions: isOk ? ending.redactions : 0,
    replyBytes: isOk ? Buffer.byteLength(ending.reply.json) : 0,
    result: ending.result,
    upstreamStatus: ending.upstreamStatus,
  };
}

// What was not sent leaves nothing to remember: the same key may be used for another try.
function earlierOf({ call, isRemembered }: Authorised, ending: Ending): EarlierOutcome | null {
  if (!isRemembered) return null;
  if (ending.result === 'ok') return { ok: true, call: call.id, ...ending.reply };
  return ending.isUnsent ? null : { ok: false, call: call.id, code: ending.error.code };
}
