// The operators' door is a Unix socket in the state folder: no TCP, and the file's owner is checked before anything is said.
import { rmSync } from 'node:fs';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { SallyportError } from '../domain/errors.ts';
import { requireOwnSocket } from './own-socket.ts';

/** A listening Unix socket. */
export interface UnixListener {
  /** Stops accepting and cuts what is open. */
  close(): Promise<void>;
}

/** Listens on a socket file that only this user may open; a file left by a dead server is replaced. */
export async function listenOnUnixSocket(path: string, handler: RequestListener): Promise<UnixListener> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, handler);
  await bindPrivately(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Binds a server to a socket file that only this user may open; a file left by a dead server is replaced. */
export async function bindPrivately(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  // The folder is 0700; the mask closes the moment between bind and chmod as well.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path }, resolve);
    });
  } finally {
    process.umask(mask);
  }
}

/** One request over a Unix socket. */
export interface UnixRequest {
  readonly method: string;
  readonly path: string;
  /** JSON text; undefined for none. */
  readonly body: string | undefined;
  readonly timeoutMs: number;
}

/** What came back: status and body text. */
export interface UnixResponse {
  readonly status: number;
  readonly body: string;
}

/**
 * Sends one request to a socket that this user (or root) owns.
 * @throws SallyportError SERVER_NOT_RUNNING (nothing listens, or it ended before its answer did), STATE_UNSAFE (somebody else owns the socket)
 */
export async function requestOverUnixSocket(path: string, options: UnixRequest): Promise<UnixResponse> {
  requireOwnSocket(path);
  return await new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new SallyportError('SERVER_NOT_RUNNING', 'the server did not answer on its socket; see `sallyport status`', {
          cause,
        }),
      );
    const headers = options.body === undefined ? {} : { 'content-type': 'application/json' };
    const outgoing = request(
      { socketPath: path, method: options.method, path: options.path, headers, timeout: options.timeoutMs },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        // A server that stops cuts what it was answering.
        response.on('error', fail);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.on('error', fail);
    outgoing.end(options.body);
  });
}
