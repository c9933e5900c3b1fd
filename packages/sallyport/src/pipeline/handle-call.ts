// The path of a call, from the token to the reply. Each stage takes what the one before it gave.
import type { CallRequest } from '../domain/call.ts';
import type { CallOutcome } from '../domain/reply.ts';
import { authenticate, joinSession, leaveSession } from './authenticate.ts';
import { authorise } from './authorise.ts';
import { execute } from './execute.ts';
import { matchOperation } from './match-operation.ts';
import { openCredential } from './open-credential.ts';
import { record } from './record.ts';
import { refuse } from './refuse.ts';
import { reply, replyAgain } from './reply.ts';
import { scrubReply } from './scrub-reply.ts';
import type { Arrived, Reached, Stages } from './stages.ts';
import { validateInput } from './validate-input.ts';

/** Runs one call to its end; never rejects. A stage that throws stops the call where `reached` says. */
export async function handleCall(stages: Stages, request: CallRequest): Promise<CallOutcome> {
  const arrived: Arrived = { stage: 'arrived', request };
  let reached: Reached = arrived;
  try {
    const caller = authenticate(stages, arrived);
    reached = caller;
    const joining = joinSession(stages, caller);
    const inSession = joining instanceof Promise ? await joining : joining;
    reached = inSession;
    const matched = matchOperation(inSession);
    reached = matched;
    const validated = validateInput(matched);
    reached = validated;
    const authorised = await authorise(stages, validated);
    if (authorised.stage === 'repeated') return replyAgain(authorised);
    reached = authorised;
    const opened = openCredential(stages, authorised);
    reached = opened;
    const executed = await execute(stages, opened);
    reached = executed;
    const scrubbed = scrubReply(executed);
    reached = scrubbed;
    const recorded = await record(stages, scrubbed);
    reached = recorded;
    return reply(stages, recorded);
  } catch (error) {
    return await refuse(stages, reached, error);
  } finally {
    leaveSession(stages, reached);
  }
}
