// The management API: what the command line, and later the console, may ask; reached through the operator socket only.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { SallyportError } from '../domain/errors.ts';
import type { AdminTransport } from './admin-client.ts';
import type { AdminContext } from './admin-context.ts';
import type { ReadingContext } from './reading-context.ts';
import { agentRoutes } from './routes/agent-routes.ts';
import { approvalRoutes } from './routes/approval-routes.ts';
import { auditRoutes } from './routes/audit-routes.ts';
import { configRoutes } from './routes/config-routes.ts';
import { credentialRoutes } from './routes/credential-routes.ts';
import { metricsRoutes } from './routes/metrics-routes.ts';
import { readingRoutes } from './routes/reading-routes.ts';

/** The management API over one set of parts. */
export type AdminApi = Hono;

/** Routes of the management API. Errors are `{ code, detail }` with the code's status. */
export function createAdminApi(context: AdminContext): AdminApi {
  const api = new Hono();
  api.route('/', readingRoutes(context));
  api.route('/v1/credentials', credentialRoutes(context));
  api.route('/v1/agents', agentRoutes(context));
  api.route('/v1/approvals', approvalRoutes(context));
  api.route('/v1/metrics', metricsRoutes(context));
  api.route('/v1/config', configRoutes(context));
  api.route('/v1/audit', auditRoutes(context));
  api.notFound((c) => c.json({ code: 'REQUEST_NOT_FOUND', detail: 'the management API has no such path' }, 404));
  api.onError((error) => errorResponse(error));
  return api;
}

/**
 * The API of a state whose vault is locked: it answers what needs no key, and unlocks when it is asked for anything else.
 * @param unlock asks for what it needs; called once at most
 */
export function createLockedApi(context: ReadingContext, unlock: () => Promise<AdminContext>): AdminApi {
  let unlocked: Promise<AdminApi> | undefined;
  const locked = readingRoutes(context);
  locked.notFound(async (c) => {
    unlocked ??= unlock().then(createAdminApi);
    return (await unlocked).fetch(c.req.raw);
  });
  locked.onError((error) => errorResponse(error));
  const api = new Hono();
  // What was unlocked may have changed: it alone answers from then on.
  api.all('*', async (c) => (unlocked === undefined ? locked : await unlocked).fetch(c.req.raw));
  api.onError((error) => errorResponse(error));
  return api;
}

/** The API as a handler for a listening socket. */
export function adminRequestHandler(api: AdminApi): (request: IncomingMessage, response: ServerResponse) => void {
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  return (request, response) => {
    listener(request, response).catch(() => response.destroy());
  };
}

/** The API without a socket: for a command that opened the state by itself. */
export function inProcessTransport(api: AdminApi): AdminTransport {
  return async ({ method, path, body }) => {
    const headers = { 'content-type': 'application/json' };
    const response = await api.request(path, body === undefined ? { method } : { method, body, headers });
    return { status: response.status, body: await response.text() };
  };
}

function errorResponse(error: Error): Response {
  const known =
    error instanceof SallyportError ? error : new SallyportError('INTERNAL', 'unexpected error', { cause: error });
  return Response.json({ code: known.code, detail: known.message }, { status: known.status });
}
