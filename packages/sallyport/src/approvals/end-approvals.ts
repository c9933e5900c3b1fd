// Ends what an agent waits for and what it was allowed but has not used: a revoked agent that comes back begins anew.
import type { AgentId } from '../domain/agent.ts';
import { query } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';

/** What ends the live requests of an agent within a batch of others, and the ids of those that it has now. */
export interface EndedApprovals {
  readonly approvals: readonly string[];
  readonly statements: readonly Statement[];
}

/** The end of every pending or allowed request of an agent. */
export async function endApprovals(store: Store, agent: AgentId, nowMs: number): Promise<EndedApprovals> {
  const live = await store.read(
    query
      .selectFrom('approval')
      .select('id')
      .where('agent', '=', agent)
      .where('state', 'in', ['pending', 'allowed'])
      .where('expires_at', '>', nowMs)
      .orderBy('id')
      .compile(),
  );
  // By agent, not by id: one that is asked for meanwhile ends as well.
  const sql = `update approval set state = 'expired', expires_at = ? where agent = ? and state in ('pending', 'allowed') and expires_at > ?`;
  return { approvals: live.map(({ id }) => id), statements: [{ sql, parameters: [nowMs, agent, nowMs] }] };
}
