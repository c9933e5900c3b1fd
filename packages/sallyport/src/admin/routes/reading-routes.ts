// The questions that a locked vault answers as well: none of them needs a key.
import { Hono } from 'hono';
import type { ReadingContext } from '../reading-context.ts';
import { agentViews, sessionViews } from '../views/agent-views.ts';
import { approvalViews } from '../views/approval-views.ts';
import { credentialHistory, credentialViews, declaredCredential } from '../views/credential-views.ts';
import { auditQuery } from './audit-query.ts';
import { auditPage } from './audit-routes.ts';
import { explainRoutes } from './explain-routes.ts';
import { statusRoutes } from './status-routes.ts';

/** Status, explain, and the lists of credentials, agents, sessions, approvals and records; with their whole paths. */
export function readingRoutes(context: ReadingContext): Hono {
  const routes = new Hono();
  routes.route('/v1/status', statusRoutes(context));
  routes.route('/v1/explain', explainRoutes(context));
  routes.get('/v1/credentials', (c) => c.json({ credentials: credentialViews(context) }));
  routes.get('/v1/credentials/:id/history', async (c) => c.json(await credentialHistory(context, c.req.param('id'))));
  // A name that is not there is refused before anybody is asked to unlock the vault.
  routes.get('/v1/credentials/:id/:what{fields|rebind}', async (c, next) => {
    declaredCredential(context, c.req.param('id'));
    await next();
  });
  routes.get('/v1/agents', (c) => c.json({ agents: agentViews(context) }));
  routes.get('/v1/agents/sessions', (c) => c.json({ sessions: sessionViews(context) }));
  routes.get('/v1/approvals', async (c) => {
    const filter = c.req.query('all') === 'true' ? 'all' : 'pending';
    return c.json({ approvals: await approvalViews(context, filter) });
  });
  routes.get('/v1/audit', async (c) => c.json(await auditPage(context, auditQuery(c.req.query()))));
  return routes;
}
