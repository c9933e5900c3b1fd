// What every route of the agents' doors gets, and what it gives back.
import { SallyportError } from '../domain/errors.ts';
import type { DoorRequest } from '../net/door-request.ts';
import type { HttpAnswer } from '../net/http-answer.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RequestHeaders } from './request-headers.ts';

/** Name and version that Sallyport shows to clients. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

/** What the agents' doors are made of. */
export interface FrontendOptions {
  readonly pipeline: Pipeline;
  readonly serverInfo: ServerInfo;
  /** Time for a request's body to arrive, in milliseconds; 10 000 unless given. */
  readonly bodyTimeoutMs?: number;
  /** Where requests come in; `network` unless given. Only on the `socket` a caller may name itself instead of showing a token. */
  readonly via?: Via;
}

/** The listener behind which a front door stands: a network address, or the agents' socket in the state folder. */
export type Via = 'network' | 'socket';

/** One request on its way through a route. */
export interface Exchange {
  readonly request: DoorRequest;
  readonly headers: RequestHeaders;
  readonly via: Via;
  readonly bodyTimeoutMs: number;
}

/** Answers the requests of one path. */
export interface Route {
  readonly method: 'GET' | 'POST';
  serve(exchange: Exchange): HttpAnswer | Promise<HttpAnswer>;
  /** The answer to an error that `serve` threw. */
  readonly refuse: (error: SallyportError) => HttpAnswer;
}

/** An error with a code, whatever was thrown; the cause of an unexpected one is kept for the operator. */
export function asSallyportError(error: unknown): SallyportError {
  if (error instanceof SallyportError) return error;
  return new SallyportError(
    'INTERNAL',
    'something went wrong inside Sallyport; an operator finds the cause in its log',
    {
      cause: error,
    },
  );
}
