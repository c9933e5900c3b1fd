// Sixth stage: sends the request that was built before the decision, once. Nothing is ever sent again here (I3).
import type { Executed, Opened, Stages } from './stages.ts';

/** Executes the request; every end is an Execution, or `cut` when Sallyport stopped first. */
export async function execute({ load }: Stages, { authorised, credential }: Opened): Promise<Executed> {
  const { call, caller, operation, planned } = authorised;
  const isRead = operation.definition.effect === 'read';
  const execution = await load.untilCut(isRead, () =>
    operation.plan.execute(planned, {
      credential,
      idempotencyKey: call.idempotencyKey,
      timeoutMs: operation.definition.timeoutMs,
      // An agent that leaves ends its reads. A write goes on: cutting it would only make its outcome unknown.
      signal: isRead ? caller.request.signal : load.signal,
    }),
  );
  return { stage: 'executed', authorised, execution };
}
