// The border of a door over node:http: whatever its parser takes is served, however it comes in.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DoorHandler, DoorRequest, RequestHead } from './door-request.ts';
import { endsConnection, type HttpAnswer, securityHeaders } from './http-answer.ts';
import { readBody } from './read-body.ts';

// What of an unread body Node may take in and drop, so that the connection lives on.
const maxDroppedBytes = 64 * 1024;

/** A handler of node:http that hands on. */
export function overHttp(handler: DoorHandler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => handler(new HttpDoorRequest(request, response));
}

/** The head of a request of node:http. */
export function headOf({ method = '', url = '', rawHeaders }: IncomingMessage): RequestHead {
  return {
    method,
    target: url,
    headers: rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text)),
  };
}

/** A request of node:http. */
export class HttpDoorRequest implements DoorRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const head = headOf(request);
    this.method = head.method;
    this.target = head.target;
    this.headers = head.headers;
    this.#request = request;
    this.#response = response;
  }

  get announcedBytes(): number {
    return Number(this.#request.headers['content-length'] ?? Number.NaN);
  }

  readBody(maxBytes: number, timeoutMs: number): Promise<Buffer> {
    return readBody(this.#request, maxBytes, timeoutMs);
  }

  abortSignal(): AbortSignal {
    this.#signal ??= abortedWhenClientLeaves(this.#response);
    return this.#signal;
  }

  answer(answer: HttpAnswer, isLast = false): void {
    const response = this.#response;
    if (response.destroyed || response.headersSent) return;
    const { status, contentType, body, headers } = answer;
    const list = ['content-length', String(Buffer.byteLength(body)), ...securityHeaders, ...headers];
    if (contentType !== null) list.push('content-type', contentType);
    if (isLast || endsConnection(answer) || hasLongUnreadBody(this.#request)) list.push('connection', 'close');
    response.writeHead(status, list);
    response.end(body);
  }

  cut(): void {
    this.#response.destroy();
  }
}

function abortedWhenClientLeaves(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableEnded) controller.abort();
  });
  if (response.destroyed && !response.writableEnded) controller.abort();
  return controller.signal;
}

function hasLongUnreadBody(request: IncomingMessage): boolean {
  if (request.complete) return false;
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > maxDroppedBytes;
}
