// One HTTP request to the agents' socket, on a connection of its own, and an answer that says what is known. Written on node:net: the
// peer is our own server, which says the length of every answer, and loading node:http takes longer than all the rest of the bridge.
import { connect } from 'node:net';
import { SallyportError } from '../domain/errors.ts';
import { socketHost } from './listener-guard.ts';
import { requireOwnSocket } from './own-socket.ts';

/** A request to the agents' socket. Values of headers hold printable ASCII. */
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

/** Sends one request; never throws or rejects, and never sends it a second time. */
export async function callOverSocket(socketPath: string, call: SocketCall): Promise<SocketAnswer> {
  const { signal } = call;
  if (signal.aborted) return { kind: 'aborted' };
  try {
    const head = headOf(call);
    requireOwnSocket(socketPath);
    return await exchange(socketPath, head, call);
  } catch (error) {
    return { kind: 'not-sent', why: error instanceof SallyportError ? error : notRunning(error) };
  }
}

/** Rejects only where it could not even begin. */
function exchange(socketPath: string, head: string, { body, signal }: SocketCall): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    let isConnected = false;
    let cause: unknown;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect(socketPath);
    const abort = (): void => {
      socket.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(timeoutMs, abort);
    socket.on('connect', () => {
      isConnected = true;
      // Not ended here: the server takes a client that closes its side for one that has gone.
      socket.write(head);
      socket.write(body);
    });
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) socket.destroy();
      else chunks.push(chunk);
    });
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      if (signal.aborted) resolve({ kind: 'aborted' });
      else if (isConnected) resolve(answerIn(Buffer.concat(chunks)));
      else resolve({ kind: 'not-sent', why: notRunning(cause) });
    });
  });
}

function headOf({ method, path, headers, body }: SocketCall): string {
  const all = { host: socketHost, connection: 'close', ...headers, 'content-length': String(body.byteLength) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // A line end in a value would be a header, or a request, of its own.
  if (lines.some((line) => !/^[\x20-\x7e]*$/.test(line)))
    throw new SallyportError('INTERNAL', 'the request was not sent: a header of it is not printable ASCII');
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

// The server closes the connection after its answer; what is shorter than it said was cut off.
function answerIn(bytes: Buffer): SocketAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const head = end < 0 ? '' : bytes.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
  const length = /^content-length: *(\d{1,9})\r?$/im.exec(head)?.[1];
  const body = bytes.subarray(end + 4);
  if (status === undefined || length === undefined || body.length !== Number(length)) return { kind: 'lost' };
  return { kind: 'answered', status: Number(status), body: body.toString('utf8') };
}

function notRunning(cause: unknown): SallyportError {
  return new SallyportError('SERVER_NOT_RUNNING', 'no server is running for this state folder; run `sallyport up`', {
    cause,
  });
}
