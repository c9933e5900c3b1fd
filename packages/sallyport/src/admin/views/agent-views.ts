// Agents as operators see them: who is declared, who has a token and until when, and what their sessions are.
import { suggestion } from '../../config/nearest-name.ts';
import type { AgentDefinition } from '../../domain/agent.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { AgentView, SessionView } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';

/** Every agent that the config declares or that has a token. */
export function agentViews(context: ReadingContext): readonly AgentView[] {
  const tokens = context.agents.tokens();
  const sessions = context.agents.sessions();
  const ids = [...new Set([...context.config.agents.keys(), ...tokens.map((token) => token.agent)])].toSorted();
  return ids.map((id) => {
    const definition = context.config.agents.get(id);
    const session = sessions.find((each) => each.agent === id);
    const own = tokens.filter((token) => token.agent === id);
    const active = own.find((token) => token.state === 'active');
    const dueAtMs =
      active === undefined || definition === undefined ? null : active.createdAtMs + definition.tokenMaxLifetimeMs;
    return {
      id,
      isDeclared: definition !== undefined,
      isLocal: definition?.isLocal === true,
      operations: context.catalogue.views.get(id)?.operations.size ?? 0,
      tokenCreatedAtMs: active?.createdAtMs ?? null,
      tokenDueAtMs: dueAtMs,
      state: stateOf({
        definition,
        hasToken: active !== undefined,
        hadToken: own.length > 0,
        dueAtMs,
        nowMs: context.clock.nowMs(),
      }),
      session: session?.id ?? null,
      sessionState: session?.state ?? null,
      sessionEndsAtMs: session?.expiresAtMs ?? null,
    };
  });
}

function stateOf(facts: {
  readonly definition: AgentDefinition | undefined;
  readonly hasToken: boolean;
  readonly hadToken: boolean;
  readonly dueAtMs: number | null;
  readonly nowMs: number;
}): AgentView['state'] {
  if (facts.definition === undefined) return 'undeclared';
  if (!facts.hasToken) return facts.hadToken ? 'revoked' : 'no-token';
  return facts.dueAtMs !== null && facts.dueAtMs <= facts.nowMs ? 'token-expired' : 'ready';
}

/** Sessions that are open or revoked. */
export function sessionViews(context: ReadingContext): readonly SessionView[] {
  return context.agents.sessions().map(({ id, agent, openedAtMs, expiresAtMs, openedBy, state }) => ({
    id,
    agent,
    openedAtMs,
    expiresAtMs,
    openedBy,
    state,
  }));
}

/** `AGENT_UNKNOWN` with what was probably meant, and what brings a new agent into force. */
export function unknownAgent(context: ReadingContext, id: string): SallyportError {
  const { config } = context;
  const declare = `declare it in ${config.file}${context.server() === null ? '' : ', then run `sallyport reload`'}`;
  const hint = suggestion(id, config.agents.keys());
  return new SallyportError('AGENT_UNKNOWN', `the config that is in force declares no such agent: ${declare}${hint}`);
}
