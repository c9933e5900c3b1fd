// The agents' door: four paths, everything else does not exist. It translates; the pipeline decides.
import { SallyportError } from '../domain/errors.ts';
import type { DoorHandler, DoorRequest } from '../net/door-request.ts';
import { type HttpAnswer, jsonAnswer } from '../net/http-answer.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { asSallyportError, type FrontendOptions, type Route, type Via } from './exchange.ts';
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
export function createAgentFrontend(options: FrontendOptions): DoorHandler {
  const { pipeline, bodyTimeoutMs = 10_000, via = 'network' } = options;
  const parts = { pipeline, bodyTimeoutMs, via, routeOf: createRouter(options) };
  return (request) => {
    const answer = answerTo(request, parts);
    if (answer instanceof Promise) answer.then((late) => give(request, late)).catch(() => request.cut());
    else give(request, answer);
  };
}

// An answer that cannot be given must not end the process: the client sees a cut connection.
function give(request: DoorRequest, answer: HttpAnswer): void {
  try {
    request.answer(answer);
  } catch {
    request.cut();
  }
}

type Router = (path: string) => Route | undefined;

interface Parts {
  readonly pipeline: Pipeline;
  readonly bodyTimeoutMs: number;
  readonly via: Via;
  readonly routeOf: Router;
}

type Refuse = (error: SallyportError) => HttpAnswer;

function answerTo(request: DoorRequest, parts: Parts): HttpAnswer | Promise<HttpAnswer> {
  let refuse: Refuse = problemAnswer;
  const refused = (caught: unknown): HttpAnswer => {
    const error = asSallyportError(caught);
    parts.pipeline.refusedAtDoor(error);
    return refuse(error);
  };
  try {
    const route = parts.routeOf(pathOf(request));
    if (route === undefined) {
      throw new SallyportError('REQUEST_NOT_FOUND', 'there is nothing at this path; agents use /mcp or /v1/operations');
    }
    if (request.method !== route.method) {
      refuse = (error) => problemAnswerWithHeaders(error, ['allow', route.method]);
      throw new SallyportError('REQUEST_METHOD', `this path answers ${route.method} only`);
    }
    ({ refuse } = route);
    const { bodyTimeoutMs, via } = parts;
    const answer = route.serve({ request, headers: readHeaders(request), via, bodyTimeoutMs });
    return answer instanceof Promise ? answer.catch(refused) : answer;
  } catch (caught) {
    return refused(caught);
  }
}

// Paths are compared as they were sent: no decoding, no normalising, so there is nothing to be read in two ways.
function pathOf({ target }: DoorRequest): string {
  if (target.includes('?') || target.includes('#')) {
    throw new SallyportError('REQUEST_MALFORMED', 'queries are not used here; send inputs in the body');
  }
  return target;
}

// Every character of an operation's id stands for itself in a path; an encoded one is another path.
const callPath = /^\/v1\/operations\/([A-Za-z0-9][A-Za-z0-9._-]{0,199})\/call$/;
const maxRemembered = 1_000;
const approvalPath = /^\/v1\/approvals\/([0-9a-f-]{36})$/;

function createRouter(options: FrontendOptions): Router {
  const fixed = new Map<string, Route>([
    ['/mcp', createMcpRoute(options)],
    ['/v1/operations', createOperationsRoute(options.pipeline)],
    ['/healthz', healthRoute],
  ]);
  const calls = new Map<string, Route>();
  return (path) => {
    const route = fixed.get(path);
    if (route !== undefined) return route;
    const known = calls.get(path);
    if (known !== undefined) return known;
    const operation = callPath.exec(path)?.[1];
    if (operation !== undefined) return remembered(calls, path, createCallRoute(options.pipeline, operation));
    const approval = approvalPath.exec(path)?.[1];
    return approval === undefined ? undefined : createApprovalRoute(options.pipeline, approval);
  };
}

// Anybody can make up paths: those that are called in earnest are soon there again.
function remembered(routes: Map<string, Route>, path: string, route: Route): Route {
  if (routes.size >= maxRemembered) routes.clear();
  routes.set(path, route);
  return route;
}

const healthRoute: Route = {
  method: 'GET',
  serve: () => jsonAnswer(200, '{"status":"ok"}'),
  refuse: problemAnswer,
};
