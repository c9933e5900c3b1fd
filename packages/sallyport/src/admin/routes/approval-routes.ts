// Approvals for operators: what waits, what exactly would be executed, and the decision.
import { Hono } from 'hono';
import type { AdminContext } from '../admin-context.ts';
import { approvalDetail, approvalView } from '../views/approval-views.ts';

/** `GET /:id`, `POST /:id/allow`, `POST /:id/refuse`. */
export function approvalRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  const { approvals, clock } = context;
  routes.get('/:id', async (c) => c.json(await approvalDetail(context, c.req.param('id'))));
  routes.post('/:id/allow', async (c) =>
    c.json(approvalView(context, await approvals.decide(c.req.param('id'), 'allowed', clock.nowMs()))),
  );
  routes.post('/:id/refuse', async (c) =>
    c.json(approvalView(context, await approvals.decide(c.req.param('id'), 'refused', clock.nowMs()))),
  );
  return routes;
}
