// A refusal as problem details (RFC 9457): one shape at every front door, with the headers that every answer has.
import type { SallyportError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { type HttpAnswer, securityHeaders } from './http-answer.ts';

/** What a problem says beyond its error. */
export interface ProblemExtras {
  /** Members beside type, title, status, code and detail, such as `issues`. */
  readonly members?: Readonly<Record<string, JsonValue>>;
  /** A flat list of names and values. */
  readonly headers?: readonly string[];
}

/** A problem as an answer; holds the safe message and never the cause. */
export function problemOf(error: SallyportError, { members, headers = [] }: ProblemExtras = {}): HttpAnswer {
  return {
    status: error.status,
    contentType: 'application/problem+json',
    body: problemText(error, members),
    headers,
  };
}

/** A whole response for a socket that has no ServerResponse; always closes the connection. */
export function rawProblem(error: SallyportError, status: number = error.status): string {
  const text = problemText(error);
  const lines = [
    `HTTP/1.1 ${status} ${titleOf(error.code)}`,
    ...securityHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${securityHeaders[index + 1]}`] : [])),
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

function problemText(error: SallyportError, members: Readonly<Record<string, JsonValue>> = {}): string {
  return JSON.stringify({
    ...members,
    type: `urn:sallyport:problem:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    code: error.code,
    detail: error.message,
  });
}

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
