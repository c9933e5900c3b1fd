// Agents: their tokens and sessions. A token is shown once, to the operator who made it.
import { Hono } from 'hono';
import type { AgentDefinition } from '../../domain/agent.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { AdminContext } from '../admin-context.ts';
import { unknownAgent } from '../views/agent-views.ts';

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
