// The agents' door: four paths, everything else does not exist. It translates; the pipeline decides.
import { SallyportError } from '../domain/errors.ts';
import type { DoorHandler, DoorRequest } from '../net/door-request.ts';
import { type HttpAnswer, jsonAnswer } from '../net/http-answer.ts';
import { asSallyportError, type FrontendOptions, type Route } from './exchange.ts';
import { createMcpRoute } from './mcp/mcp-route.ts';
import { problemAnswer, problemAnswerWithHeaders } from './problem-details.ts';
import { createApprovalRoute } from './tools-api/approval-route.ts';
import { createCallRoute } from './tools-api/call-route.ts';
import { createOperationsRoute } from './tools-api/operations-route.ts';

/**
 * Handles the requests of agents that have passed the listener's guard: `POST /mcp`, `GET /v1/operations`,
 * `POST /v1/operations/{id}/call`, `GET /v1/approvals/{id}`, `GET /healthz`. It answers every request, and never throws.
 */
export function createAgentFrontend(options: FrontendOptions): DoorHandler {
  const { pipeline, bodyTimeoutMs = 10_000, via = 'network' } = options;
  const routeOf = createRouter(options);
  return (request) => {
    const endpoint = endpointOf(request, routeOf);
    const refuse = (caught: unknown): void => {
      const error = asSallyportError(caught);
      pipeline.refusedAtDoor(error);
      give(request, endpoint.refuse(error));
    };
    try {
      const answer = endpoint.serve({ request, headers: request.headers, via, bodyTimeoutMs });
      if (answer instanceof Promise) answer.then((late) => give(request, late), refuse).catch(() => request.cut());
      else give(request, answer);
    } catch (caught) {
      refuse(caught);
    }
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
type Endpoint = Pick<Route, 'serve' | 'refuse'>;

// Paths are compared as they were sent: no decoding, no normalising, so there is nothing to be read in two ways.
function endpointOf({ method, target }: DoorRequest, routeOf: Router): Endpoint {
  if (target.includes('?') || target.includes('#')) {
    return refusal(new SallyportError('REQUEST_MALFORMED', 'queries are not used here; send inputs in the body'));
  }
  const route = routeOf(target);
  if (route === undefined) {
    return refusal(
      new SallyportError('REQUEST_NOT_FOUND', 'there is nothing at this path; agents use /mcp or /v1/operations'),
    );
  }
  return method === route.method ? route : otherMethod(route.method);
}

function otherMethod(allowed: Route['method']): Endpoint {
  const error = new SallyportError('REQUEST_METHOD', `this path answers ${allowed} only`);
  return { ...refusal(error), refuse: () => problemAnswerWithHeaders(error, ['allow', allowed]) };
}

function refusal(error: SallyportError): Endpoint {
  return {
    serve: () => {
      throw error;
    },
    refuse: problemAnswer,
  };
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
    if (operation !== undefined)
      return remember(calls, copyOf(path), createCallRoute(options.pipeline, copyOf(operation)));
    const approval = approvalPath.exec(path)?.[1];
    return approval === undefined ? undefined : createApprovalRoute(options.pipeline, approval);
  };
}

// Anybody can make up paths: those that are called in earnest are soon there again.
function remember(routes: Map<string, Route>, path: string, route: Route): Route {
  if (routes.size >= maxRemembered) routes.clear();
  routes.set(path, route);
  return route;
}

// A part of a text may keep all of it: a request's head, with its token, would stay for as long as its path does.
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

const healthRoute: Route = {
  method: 'GET',
  serve: () => jsonAnswer(200, '{"status":"ok"}'),
  refuse: problemAnswer,
};
