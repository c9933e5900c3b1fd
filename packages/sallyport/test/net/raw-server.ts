// A TCP or TLS server that records what it is sent, byte for byte, and answers as a test tells it.
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** What a test sees of the server. */
export interface RawServer {
  readonly port: number;
  /** Everything received after TLS, by connection. */
  readonly received: string[];
  close(): Promise<void>;
}

/** Called with everything received so far on a connection. */
export type Answer = (text: string, socket: Socket) => void;

/** The text of a test certificate or key. */
export function tlsFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
}

/** Starts a server on loopback. */
export async function startRawServer(answer: Answer, certificate?: string): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    const index = received.push('') - 1;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received[index] += chunk.toString('latin1');
      answer(received[index] ?? '', socket);
    });
  };
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server =
    certificate === undefined
      ? createServer(serve)
      : createTlsServer({ cert: tlsFixture(certificate), key: tlsFixture(`${certificate}-key`) }, serve);
  server.on('connection', track);
  server.on('tlsClientError', () => {});
  return { port: await listen(server), received, close: () => closeServer(server, sockets) };
}

/** A complete HTTP/1.1 response. */
export function httpResponse(status: number, headers: readonly string[], body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const head = [`HTTP/1.1 ${status} Whatever`, ...headers, `content-length: ${bytes.length}`].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
