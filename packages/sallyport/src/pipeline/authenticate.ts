// First stage: who calls, by token, and in which session; the snapshot that the whole call keeps is taken here.
import type { Session } from '../domain/agent.ts';
import { callId } from '../domain/call.ts';
import { newId } from '../domain/id.ts';
import type { Arrived, Authenticated, InSession, Reached, Stages } from './stages.ts';

/** Finds the agent. @throws SallyportError TOKEN_MISSING, TOKEN_MALFORMED, TOKEN_UNKNOWN, TOKEN_EXPIRED */
export function authenticate(stages: Stages, { request }: Arrived): Authenticated {
  const receivedAtMs = stages.clock.nowMs();
  const snapshot = stages.snapshot();
  const declared = snapshot.catalogue.config.agents;
  const agent = stages.agents.authenticate(request.token, (id) => declared.get(id));
  return {
    stage: 'authenticated',
    request,
    callId: callId(newId(receivedAtMs, stages.random)),
    receivedAtMs,
    snapshot,
    agent,
  };
}

/** Joins the agent's session, and takes a place in flight. @throws SallyportError SESSION_REVOKED, OVERLOADED */
export function joinSession(stages: Stages, caller: Authenticated): InSession | Promise<InSession> {
  const session = stages.agents.session(caller.agent);
  return session instanceof Promise
    ? session.then((opened) => joined(stages, caller, opened))
    : joined(stages, caller, session);
}

function joined(stages: Stages, caller: Authenticated, session: Session): InSession {
  stages.load.enterAgent(caller.agent.id);
  return { stage: 'in-session', caller, session };
}

/** Gives the place in flight back, if the call came as far as taking one. */
export function leaveSession({ load }: Stages, reached: Reached): void {
  if (reached.stage === 'arrived' || reached.stage === 'authenticated') return;
  const { agent } = 'caller' in reached ? reached.caller : reached.authorised.caller;
  load.leaveAgent(agent.id);
}
