// Sixth stage: sends the request that was built before the decision, once. Nothing is ever sent again here (I3).
import { hash } from 'node:crypto';
import type { Call } from '../domain/call.ts';
import type { Executed, Opened, Stages } from './stages.ts';

/** Executes the request; every end is an Execution, or `cut` when Sallyport stopped first. */
export function execute(
  { load }: Stages,
  { authorised, credential, credentialVersion }: Opened,
): Promise<Executed['execution']> {
  const { call, caller, operation, planned } = authorised;
  const isRead = operation.definition.effect === 'read';
  const running = operation.plan.execute(planned, {
    credential,
    credentialVersion,
    idempotencyKey: upstreamKey(call),
    timeoutMs: operation.definition.timeoutMs,
    // An agent that leaves ends its reads. A write goes on: cutting it would only make its outcome unknown.
    signal: isRead ? caller.request.signal : load.signal,
  });
  return load.untilCut(isRead, running);
}

// All agents share the service's credential, and so its keys: two agents that chose the same one must not meet there.
function upstreamKey({ agent, operation, idempotencyKey }: Call): string | null {
  if (idempotencyKey === null) return null;
  return hash('sha256', JSON.stringify([agent, operation, idempotencyKey]));
}
