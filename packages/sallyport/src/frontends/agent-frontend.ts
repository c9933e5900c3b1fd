// The agents' door: four paths, everything else does not exist. It translates; the pipeline decides.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SallyportError } from '../domain/errors.ts';
import type { RequestHandler } from '../net/listener.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { asSallyportError, type FrontendOptions, type Route, type Via } from './exchange.ts';
import { type HttpAnswer, jsonAnswer, sendAnswer } from './http-answer.ts';
import { createMcpRoute } from './mcp/mcp-route.ts';
import { problemAnswer, problemAnswerWithHeaders } from './problem-details.ts';
import { readHeaders } from './request-headers.ts';
import { createApprovalRoute } from './tools-api/approval-route.ts';
import { createCallRoute } from './tools-api/call-route.ts';
import { createOperationsRoute } from './tools-api/operations-route.ts';

/**
 * Handles the requests of agents that have passed the listener's guard: `POST /mcp`, `GET /v1/operations`,
 * `POST /v1/operations/{id}/call`, `GET /v1/approvals/{id}`, `GET /healthz`. It answers every request, and never throws.
 */
export function createAgentFrontend(options: FrontendOptions): RequestHandler {
  const { pipeline, bodyTimeoutMs = 10_000, via = 'network' } = options;
  const parts = { pipeline, bodyTimeoutMs, via, routeOf: createRouter(options) };
  return (request, response) => {
    answerTo(request, response, parts)
      .then((answer) => sendAnswer(request, response, answer))
      // An answer that cannot be given must not end the process: the client sees a cut connection.
      .catch(() => response.destroy());
  };
}

type Router = (path: string) => Route | undefined;

interface Parts {
  readonly pipeline: Pipeline;
  readonly bodyTimeoutMs: number;
  readonly via: Via;
  readonly routeOf: Router;
}

async function answerTo(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<HttpAnswer> {
  let refuse: (error: SallyportError) => HttpAnswer = problemAnswer;
  try {
    const path = pathOf(request);
    const route = parts.routeOf(path);
    if (route === undefined) {
      throw new SallyportError('REQUEST_NOT_FOUND', 'there is nothing at this path; agents use /mcp or /v1/operations');
    }
    if (request.method !== route.method) {
      refuse = (error) => problemAnswerWithHeaders(error, ['allow', route.method]);
      throw new SallyportError('REQUEST_METHOD', `this path answers ${route.method} only`);
    }
    refuse = (error) => route.refuse(error);
    const { bodyTimeoutMs, via } = parts;
    return await route.serve({ request, response, headers: readHeaders(request), via, bodyTimeoutMs });
  } catch (caught) {
    const error = asSallyportError(caught);
    parts.pipeline.refusedAtDoor(error);
    return refuse(error);
  }
}

// Paths are compared as they were sent: no decoding, no normalising, so there is nothing to be read in two ways.
function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '';
  if (target.includes('?') || target.includes('#')) {
    throw new SallyportError('REQUEST_MALFORMED', 'queries are not used here; send inputs in the body');
  }
  return target;
}

// Every character of an operation's id stands for itself in a path; an encoded one is another path.
const callPath = /^\/v1\/operations\/([A-Za-z0-9][A-Za-z0-9._-]{0,199})\/call$/;
const approvalPath = /^\/v1\/approvals\/([0-9a-f-]{36})$/;

function createRouter(options: FrontendOptions): Router {
  const fixed = new Map<string, Route>([
    ['/mcp', createMcpRoute(options)],
    ['/v1/operations', createOperationsRoute(options.pipeline)],
    ['/healthz', healthRoute],
  ]);
  return (path) => {
    const route = fixed.get(path);
    if (route !== undefined) return route;
    const operation = callPath.exec(path)?.[1];
    if (operation !== undefined) return createCallRoute(options.pipeline, operation);
    const approval = approvalPath.exec(path)?.[1];
    return approval === undefined ? undefined : createApprovalRoute(options.pipeline, approval);
  };
}

const healthRoute: Route = {
  method: 'GET',
  serve: () => Promise.resolve(jsonAnswer(200, '{"status":"ok"}')),
  refuse: problemAnswer,
};
