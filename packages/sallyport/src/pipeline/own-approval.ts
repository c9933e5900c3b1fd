// What an agent may learn of its own requests for approval: their state and their end, and nothing of anybody else's.
import type { Presented } from '../domain/agent.ts';
import type { PendingApproval } from '../domain/approval.ts';
import { SallyportError } from '../domain/errors.ts';
import type { PipelineDependencies } from './pipeline.ts';

/** One of the agent's own requests. @throws SallyportError TOKEN_*, APPROVAL_UNKNOWN */
export async function ownApproval(
  { agents, snapshot, approvals, clock }: PipelineDependencies,
  token: Presented,
  id: string,
): Promise<PendingApproval> {
  const { config } = snapshot().catalogue;
  const agent = agents.authenticate(token, (known) => config.agents.get(known));
  const approval = await approvals?.ownedBy(agent.id, id, clock.nowMs());
  if (approval === undefined)
    throw new SallyportError('APPROVAL_UNKNOWN', 'you have made no such request for approval');
  return { id: approval.id, state: approval.state, expiresAtMs: approval.expiresAtMs };
}
