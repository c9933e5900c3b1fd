// One way of answering at the agents' doors: complete text with its length, in one write, never stored by anyone between.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { securityHeaders } from '../net/problem-response.ts';

/** A complete answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
  /** Further headers as a flat list of names and values. */
  readonly headers: readonly string[];
}

const alwaysSent = Object.entries(securityHeaders).flat();

// What of an unread body Node may take in and drop, so that the connection lives on.
const maxDroppedBytes = 64 * 1024;

/** A JSON answer. */
export function jsonAnswer(status: number, body: string): HttpAnswer {
  return { status, contentType: 'application/json', body, headers: [] };
}

/** Writes an answer, unless the client has gone; a client that still sends a body nobody reads is cut off after it. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed || response.headersSent) return;
  const { status, contentType, body, headers } = answer;
  const list = ['content-length', String(Buffer.byteLength(body)), ...alwaysSent, ...headers];
  if (contentType !== null) list.push('content-type', contentType);
  if (status === 408 || status === 413 || hasLongUnreadBody(request)) list.push('connection', 'close');
  response.writeHead(status, list);
  response.end(body);
}

/** Aborted when the client goes away before its answer is complete. */
export function abortedWhenClientLeaves(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableEnded) controller.abort();
  });
  if (response.destroyed) controller.abort();
  return controller.signal;
}

function hasLongUnreadBody(request: IncomingMessage): boolean {
  if (request.complete) return false;
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > maxDroppedBytes;
}
