// One HTTP request to the agents' socket, as a client of it makes one: a connection of its own, and an answer that says what is known.
import { request } from 'node:http';
import { SallyportError } from '../domain/errors.ts';
import { socketHost } from './listener-guard.ts';
import { requireOwnSocket } from './unix-socket.ts';

/** A request to the agents' socket. */
export interface SocketCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

/**
 * How a request ended. `not-sent`: no server was reached, so nothing happened; `lost`: the connection broke after that, and
 * nobody knows what happened.
 */
export type SocketAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'not-sent'; readonly why: SallyportError }
  | { readonly kind: 'lost' }
  | { readonly kind: 'aborted' };

const maxAnswerBytes = 16 * 1024 * 1024;
// Longer than the longest call of the server, which answers each one.
const timeoutMs = 6 * 60_000;

/** Sends one request; never rejects, and never sends it a second time. */
export function callOverSocket(socketPath: string, call: SocketCall): Promise<SocketAnswer> {
  try {
    requireOwnSocket(socketPath);
  } catch (error) {
    return Promise.resolve({ kind: 'not-sent', why: error instanceof SallyportError ? error : notRunning(error) });
  }
  return new Promise((resolve) => {
    let isConnected = false;
    const { method, path, signal } = call;
    const headers = { ...call.headers, host: socketHost, 'content-length': String(call.body.byteLength) };
    // A connection that is kept could be dead by now, and a call on it would be of unknown end.
    const outgoing = request({ socketPath, method, path, headers, signal, agent: false, timeout: timeoutMs });
    outgoing.on('socket', (socket) => socket.once('connect', () => (isConnected = true)));
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', (cause) => {
      if (signal.aborted) resolve({ kind: 'aborted' });
      else resolve(isConnected ? { kind: 'lost' } : { kind: 'not-sent', why: notRunning(cause) });
    });
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) outgoing.destroy();
        else chunks.push(chunk);
      });
      response.on('error', () => resolve(signal.aborted ? { kind: 'aborted' } : { kind: 'lost' }));
      response.on('end', () => {
        resolve({ kind: 'answered', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    outgoing.end(call.body);
  });
}

function notRunning(cause: unknown): SallyportError {
  return new SallyportError('SERVER_NOT_RUNNING', 'no server is running for this state folder; run `sallyport up`', {
    cause,
  });
}
