// The config of a server that runs: loaded anew on demand.
import { Hono } from 'hono';
import { SallyportError } from '../../domain/errors.ts';
import type { AdminContext } from '../admin-context.ts';

/** `GET /`, `POST /reload`. */
export function configRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/', (c) => c.json({ file: context.config.file }));
  routes.post('/reload', async (c) => {
    if (context.reload === null)
      throw new SallyportError('SERVER_NOT_RUNNING', 'no server runs: the config is loaded by `sallyport up`');
    return c.json(await context.reload());
  });
  return routes;
}
