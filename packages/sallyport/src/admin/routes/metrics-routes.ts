// The token of the metrics: made on demand, shown once.
import { Hono } from 'hono';
import type { AdminContext } from '../admin-context.ts';

/** `POST /token`. */
export function metricsRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.post('/token', async (c) => {
    const token = await context.metricsToken.make();
    return c.json({ token: token.reveal() });
  });
  return routes;
}
