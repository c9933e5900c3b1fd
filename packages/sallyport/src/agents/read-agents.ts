// Agents as they are stored, for whoever only looks: no key is needed to see tokens that cannot be recognised without one.
import type { AgentDefinition } from '../domain/agent.ts';
import type { Clock } from '../domain/clock.ts';
import type { Store } from '../store/store.ts';
import { readUses, UseLogs } from './agent-rates.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { readSessions, readTokens } from './agent-rows.ts';
import { inForce } from './session-book.ts';

/** Tokens, sessions and rates in a store, as they are now. @throws SallyportError STORE_FAILED, STATE_UNSAFE */
export async function readAgents(
  store: Store,
  clock: Clock,
  agents: Iterable<AgentDefinition>,
): Promise<Pick<AgentRegistry, 'tokens' | 'sessions' | 'rates'>> {
  const tokens = (await readTokens(store)).map(({ id, agent, createdAtMs, state }) => ({
    id,
    agent,
    createdAtMs,
    state,
  }));
  const sessions = [...(await readSessions(store)).values()];
  const uses = await readUses(store, agents, clock.nowMs());
  return {
    tokens: () => tokens,
    sessions: () => inForce(sessions, clock.nowMs()),
    rates: (agent) => uses.get(agent) ?? new UseLogs(),
  };
}
