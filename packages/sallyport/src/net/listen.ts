// Opens a listening socket with strict parsing, limits on everything, and the guard before the handler.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SallyportError } from '../domain/errors.ts';
import { keepAliveSeconds } from './answer-text.ts';
import type { DoorRequest } from './door-request.ts';
import { HttpDoorRequest, headOf } from './http-door.ts';
import { type ListenPlace, listenFault } from './listen-fault.ts';
import type { Listener, ListenerOptions } from './listener.ts';
import type { ListenerGuard } from './listener-guard.ts';
import { createListenerGuard, isLoopbackHost, socketHost } from './listener-guard.ts';
import { type NarrowDoor, openNarrowDoor } from './narrow-door.ts';
import { problemOf, rawProblem } from './problem-response.ts';
import { maxBodyBytes, tooLarge } from './read-body.ts';
import { bindPrivately } from './unix-socket.ts';

/** Bounds of a listener; those left out have the defaults given here. */
export interface ListenerLimits {
  /** From the first byte of a request to the end of its headers; 10 000. */
  readonly headersTimeoutMs?: number;
  /** From the first byte of a request to its last; 60 000. */
  readonly requestTimeoutMs?: number;
  /** How often both are checked; 2 000. */
  readonly checkEveryMs?: number;
  /** Connections at one time; further ones are closed at once; 1 024. */
  readonly maxConnections?: number;
}

const strictness: ServerOptions = {
  insecureHTTPParser: false,
  maxHeaderSize: 16 * 1024,
  keepAliveTimeout: keepAliveSeconds * 1000,
  noDelay: true,
  // The guard answers a missing Host itself, with a problem like every other refusal.
  requireHostHeader: false,
};

/**
 * Starts to listen. Without TLS only on loopback.
 * @throws SallyportError CONFIG_INVALID (address without TLS, unreadable certificate, address that cannot be had: it is named)
 */
export async function startListener(options: ListenerOptions, limits: ListenerLimits = {}): Promise<Listener> {
  const { address } = options;
  if (address.tls === null && !isLoopbackHost(address.host)) {
    throw new SallyportError('CONFIG_INVALID', 'an address other than loopback needs listen.tls');
  }
  const bounds = serverOptions(limits);
  const server = createServer(address.tls, bounds);
  server.maxConnections = limits.maxConnections ?? 1_024;
  // A name would be resolved, and what it resolves to is not ours to trust.
  const host = address.host === 'localhost' ? '127.0.0.1' : address.host;
  await bind(server, { host, port: address.port, section: options.section ?? 'listen' });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const scheme = address.tls === null ? 'http' : 'https';
  const guard = createListenerGuard({ scheme, host, port, hostNames: address.hostNames });
  const door = attach(server, { guard, bounds, ...options });
  return { host, port, scheme, close: (graceMs) => closeServer(server, door, graceMs) };
}

/** What a listener on a socket file is made of. */
export interface SocketListenerOptions extends Pick<ListenerOptions, 'handler' | 'refused'> {
  readonly path: string;
}

/** A listener on a socket file. */
export type SocketListener = Pick<Listener, 'close'>;

/** Starts to listen on a socket file that only this user may open, behind the same guard; its one Host is `socketHost`. */
export async function startSocketListener(
  options: SocketListenerOptions,
  limits: ListenerLimits = {},
): Promise<SocketListener> {
  const bounds = serverOptions(limits);
  const server = createHttpServer(bounds);
  server.maxConnections = limits.maxConnections ?? 256;
  await bindPrivately(server, options.path);
  server.on('error', () => {});
  const guard = createListenerGuard({ scheme: 'http', host: socketHost, port: 80, hostNames: [] });
  const door = attach(server, { guard, bounds, ...options });
  return { close: (graceMs) => closeServer(server, door, graceMs) };
}

function serverOptions(limits: ListenerLimits): Bounds {
  return {
    ...strictness,
    headersTimeout: limits.headersTimeoutMs ?? 10_000,
    requestTimeout: limits.requestTimeoutMs ?? 60_000,
    connectionsCheckingInterval: limits.checkEveryMs ?? 2_000,
  };
}

type Bounds = ServerOptions & { readonly headersTimeout: number; readonly connectionsCheckingInterval: number };

function createServer(tls: ListenerOptions['address']['tls'], options: Bounds): Server {
  if (tls === null) return createHttpServer(options);
  try {
    const cert = readFileSync(tls.certFile);
    const key = readFileSync(tls.keyFile);
    const strictTls = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const;
    const server = createHttpsServer({ ...options, ...strictTls, cert, key, handshakeTimeout: options.headersTimeout });
    // It was counted as every other error of a client; an answer would wait for the end of the handshake, and hold the connection.
    return server.on('tlsClientError', (_error, socket) => socket.destroy());
  } catch (error) {
    throw new SallyportError('CONFIG_INVALID', 'the certificate or key of listen.tls cannot be used', { cause: error });
  }
}

function bind(server: Server, place: ListenPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new SallyportError('CONFIG_INVALID', listenFault(error, place), { cause: error }));
    };
    server.once('error', fail);
    server.listen({ host: place.host, port: place.port, exclusive: true }, () => {
      server.off('error', fail);
      // A failed accept concerns one connection, not the listener.
      server.on('error', () => {});
      resolve();
    });
  });
}

/** Who is told of what comes in. */
type Told = Pick<ListenerOptions, 'handler' | 'refused'>;

/** How a door ends. */
interface OpenDoor extends NarrowDoor {
  /** Ends all connections now. */
  readonly cut: () => void;
}

interface Attached extends Told {
  readonly guard: ListenerGuard;
  readonly bounds: Bounds;
}

function attach(server: Server, { guard, bounds, ...options }: Attached): OpenDoor {
  const serve = (request: DoorRequest): void => {
    const refusal = guard(request);
    if (refusal === undefined) options.handler(request);
    else refuse(request, refusal, options);
  };
  const exchanges = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // Its connection was refused for being late, and its client may ask again: it is not done all the same.
    if (!request.socket.writable) return;
    exchanges.set(request.socket, response);
    serve(new HttpDoorRequest(request, response));
  });
  const refuseExpectation = (request: IncomingMessage, response: ServerResponse): void => {
    const asked = new HttpDoorRequest(request, response);
    refuse(asked, guard(asked) ?? expectationRefusal(asked), options);
  };
  server.on('checkContinue', refuseExpectation);
  server.on('checkExpectation', refuseExpectation);
  const refuseSwitch = (request: IncomingMessage, socket: Duplex): void => {
    refuseSocket(
      socket,
      guard(headOf(request)) ?? new SallyportError('REQUEST_METHOD', 'upgrades are not served'),
      options,
    );
  };
  server.on('upgrade', refuseSwitch);
  server.on('connect', refuseSwitch);
  server.on('clientError', (error: Error, socket: Duplex) => {
    // The answer to a request that is under way must not be taken for this one's, nor be mixed with it.
    const current = exchanges.get(socket);
    const isBusy = current !== undefined && !current.writableFinished && (current.headersSent || current.req.complete);
    if (isBusy) socket.destroy();
    else answerClientError(error, socket, options);
  });
  const silent = (socket: Duplex): void => refuseSocket(socket, tooLate(), options);
  const { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkEveryMs } = bounds;
  const narrow = openNarrowDoor(server, { serve, silent, headersTimeoutMs, checkEveryMs });
  return { close: narrow.close, cut: cutAll(server) };
}

// Also those that are in the middle of their handshake, which nobody else knows of.
function cutAll(server: Server): () => void {
  const accepted = new Set<Socket>();
  server.on('connection', (socket) => {
    accepted.add(socket);
    socket.on('close', () => accepted.delete(socket));
  });
  return () => {
    for (const socket of accepted) socket.destroy();
  };
}

// RFC 9110 §10.1.1: nothing here depends on it, and it invites a client to wait. Clients add it by themselves to bodies that are
// too large here, and that is then what they have to hear.
function expectationRefusal({ announcedBytes }: DoorRequest): SallyportError {
  if (announcedBytes > maxBodyBytes) return tooLarge();
  return new SallyportError(
    'REQUEST_MALFORMED',
    'the header Expect is not served; send the body at once, without that header',
  );
}

function refuse(request: DoorRequest, error: SallyportError, options: Told): void {
  options.refused(error);
  request.answer(problemOf(error), true);
}

function refuseSocket(socket: Duplex, error: SallyportError, options: Told): void {
  endSocket(socket, rawProblem(error), () => options.refused(error));
}

function endSocket(socket: Duplex, text: string, report: () => void): void {
  report();
  socket.on('error', () => {});
  socket.end(text, () => socket.destroy());
}

function answerClientError(error: Error, socket: Duplex, options: Told): void {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
  } else if (code === 'HPE_HEADER_OVERFLOW') {
    const refusal = new SallyportError('REQUEST_TOO_LARGE', 'the request headers are too large');
    endSocket(socket, rawProblem(refusal, 431), () => options.refused(refusal));
  } else if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    refuseSocket(socket, tooLate(), options);
  } else {
    refuseSocket(socket, new SallyportError('REQUEST_MALFORMED', 'the request is not valid HTTP'), options);
  }
}

function tooLate(): SallyportError {
  return new SallyportError('REQUEST_TIMEOUT', 'the request did not arrive in time');
}

function closeServer(server: Server, door: OpenDoor, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(door.cut, graceMs);
    door.close();
    // Connections that finish their request now have nothing to stay open for.
    server.keepAliveTimeout = 1;
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
