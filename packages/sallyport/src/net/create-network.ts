// Pools of connections to services, each made by our own dialling: undici gets sockets whose peer is proven, and never a name.
import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { Pool } from 'undici';
import { SallyportError } from '../domain/errors.ts';
import type { NetworkService } from '../domain/service.ts';
import type { OwnListener } from './address-guard.ts';
import { addressPolicy } from './address-guard.ts';
import type { DialContext, DialTarget, Resolve } from './dial.ts';
import { dial, systemResolve } from './dial.ts';
import type { Network } from './network.ts';

/** What may be replaced: the resolver in tests, and how long a connection may take. */
export interface NetworkOptions {
  /** The system's resolver when left out. */
  readonly resolve?: Resolve;
  /** From resolving to the end of the TLS handshake; 10 000 when left out. */
  readonly connectTimeoutMs?: number;
}

// More than one agent may have calls under way, so that none takes all of them.
const connectionsPerService = 256;
const idleMs = 30_000;
const maxReplyHeaderBytes = 32 * 1024;

/**
 * The network of a process; its pools share the list of our own listeners.
 * `httpPool` throws CONFIG_INVALID when the host is not canonical or a declared range is no CIDR.
 */
export function createNetwork(options: NetworkOptions = {}): Network {
  const ownListeners: OwnListener[] = [];
  const context: DialContext = {
    resolve: options.resolve ?? systemResolve,
    ownListeners,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
  };
  return {
    httpPool: (service) => createPool(dialTarget(service), service.scheme, context),
    dialPostgres: (service) => dial(dialTarget(service), context),
    refuseOwnListener: (host, port) => {
      ownListeners.push({ host, port });
    },
  };
}

/** Where a service is dialled, and what is believed there. */
export function dialTarget(service: NetworkService): DialTarget {
  const { trust } = service;
  const ca = trust.kind === 'ca' ? trust.pem : null;
  const protocol = service.type === 'postgres' ? 'postgresql' : 'http/1.1';
  const isPlain = service.type === 'postgres' ? trust.kind === 'loopback' : service.scheme === 'http';
  const tls = isPlain ? null : ({ ca, protocol } as const);
  return { host: service.host, port: service.port, tls, policy: addressPolicy(service) };
}

function createPool(target: DialTarget, scheme: 'http' | 'https', context: DialContext): Dispatcher {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const origin = `${scheme}://${host}:${target.port}`;
  checkOrigin(origin, host);
  return new Pool(origin, {
    connections: connectionsPerService,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxHeaderSize: maxReplyHeaderBytes,
    // Every exchange has one deadline of its own, which covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, callback) => {
      void handOver(dial(target, context), callback);
    },
  });
}

// A host that a URL parser reads as another one (user info, other digits, escapes) would put another name on the wire.
function checkOrigin(origin: string, host: string): void {
  const url = URL.parse(origin);
  if (url === null || url.hostname !== host || url.username !== '' || url.pathname !== '/' || url.search !== '') {
    throw new SallyportError('CONFIG_INVALID', 'the host of the service is not in canonical form');
  }
}

async function handOver(dialling: Promise<Socket>, callback: buildConnector.Callback): Promise<void> {
  let socket: Socket;
  try {
    socket = await dialling;
  } catch (error) {
    callback(error instanceof Error ? error : new Error('dialling failed'), null);
    return;
  }
  callback(null, socket);
}
