// Answers a refusal as problem details (RFC 9457): one shape at every front door, with the headers that every answer has.
import type { ServerResponse } from 'node:http';
import type { SallyportError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';

/** Headers that every answer of ours carries: nothing is cached, nothing is guessed. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** What a problem says beyond its error. */
export interface ProblemExtras {
  /** Members beside type, title, status, code and detail, such as `issues`. */
  readonly members?: Readonly<Record<string, JsonValue>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The JSON text of a problem; holds the safe message and never the cause. */
export function problemText(error: SallyportError, members: Readonly<Record<string, JsonValue>> = {}): string {
  return JSON.stringify({
    ...members,
    type: `urn:sallyport:problem:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    code: error.code,
    detail: error.message,
  });
}

/** Sends a problem and ends the response; closes the connection where the request was not read to its end. */
export function sendProblem(response: ServerResponse, error: SallyportError, extras: ProblemExtras = {}): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = problemText(error, extras.members);
  // What is left of an unread body must not be taken for the next request, nor be waited for.
  const close = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(error.status, {
    ...securityHeaders,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(text)),
    ...close,
    ...extras.headers,
  });
  response.end(text);
}

/** A whole response for a socket that has no ServerResponse; always closes the connection. */
export function rawProblem(error: SallyportError, status: number = error.status): string {
  const text = problemText(error);
  const lines = [
    `HTTP/1.1 ${status} ${titleOf(error.code)}`,
    ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
