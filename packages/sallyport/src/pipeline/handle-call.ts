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
import type { Arrived, Executed, Reached, Recorded, Stages } from './stages.ts';
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
    const execution = await execute(stages, opened);
    const executed: Executed = { stage: 'executed', authorised, execution };
    reached = executed;
    const scrubbed = scrubReply(executed);
    reached = scrubbed;
    await record(stages, scrubbed);
    const recorded: Recorded = { ...scrubbed, stage: 'recorded' };
    reached = recorded;
    return reply(stages, recorded);
  } catch (error) {
    return await refuse(stages, reached, error);
  } finally {
    leaveSession(stages, reached);
  }
}
