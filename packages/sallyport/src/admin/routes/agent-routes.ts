// Agents: their tokens and sessions. A token is shown once, to the operator who made it.
import { Hono } from 'hono';
import { suggestion } from '../../config/nearest-name.ts';
import type { AgentDefinition } from '../../domain/agent.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { AdminContext } from '../admin-context.ts';
import type { AgentView, SessionView } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';

/** `POST /:id/token`, `POST /:id/token/renew`, `POST /:id/revoke`, `POST /sessions/:id/revoke`, `POST /:id/session`. */
export function agentRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.post('/sessions/:id/revoke', async (c) => {
    const session = context.agents.sessions().find((each) => each.id === c.req.param('id'));
    if (session === undefined)
      throw new SallyportError('ADMIN_INPUT', 'there is no such open session; see `sallyport session list`');
    await context.agents.revokeSession(session.id);
    return c.json({ revoked: session.id });
  });
  routes.post('/:id/token', async (c) => {
    const agent = declaredAgent(context, c.req.param('id'));
    const token = await context.agents.addToken(agent);
    return c.json({ token: token.reveal(), ...usesOf(context, agent) });
  });
  routes.post('/:id/token/renew', async (c) => {
    const agent = declaredAgent(context, c.req.param('id'));
    const token = await context.agents.renewToken(agent);
    return c.json({ token: token.reveal(), ...usesOf(context, agent) });
  });
  routes.post('/:id/session', async (c) => {
    const session = await context.agents.openSession(declaredAgent(context, c.req.param('id')));
    return c.json({ ...session, state: 'open' });
  });
  routes.post('/:id/revoke', async (c) => {
    const agent = [...context.config.agents.keys(), ...context.agents.tokens().map((token) => token.agent)].find(
      (id) => id === c.req.param('id'),
    );
    if (agent === undefined) throw unknownAgent(context, c.req.param('id'));
    await context.agents.revoke(agent, await context.approvals.ending(agent, context.clock.nowMs()));
    return c.json({ revoked: agent });
  });
  return routes;
}

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

// Where the agent connects: what the server listens on, or would by the config.
function usesOf(
  context: AdminContext,
  { isLocal }: AgentDefinition,
): { readonly url: string; readonly isLocal: boolean } {
  const { host, port, tls } = context.config.listen;
  const name = host.includes(':') ? `[${host}]` : host;
  const url = context.server()?.url ?? `${tls === null ? 'http' : 'https'}://${name}:${port}`;
  return { url, isLocal };
}

function declaredAgent(context: AdminContext, id: string): AgentDefinition {
  for (const agent of context.config.agents.values()) if (agent.id === id) return agent;
  throw unknownAgent(context, id);
}

/** `AGENT_UNKNOWN` with what was probably meant, and what brings a new agent into force. */
export function unknownAgent(context: ReadingContext, id: string): SallyportError {
  const { config } = context;
  const declare = `declare it in ${config.file}${context.server() === null ? '' : ', then run `sallyport reload`'}`;
  const hint = suggestion(id, config.agents.keys());
  return new SallyportError('AGENT_UNKNOWN', `the config that is in force declares no such agent: ${declare}${hint}`);
}
