// Pools of connections to services, each made by our own dialling: a pool gets sockets whose peer is proven, and never a name.
import { SallyportError } from '../domain/errors.ts';
import type { NetworkService } from '../domain/service.ts';
import type { OwnListener } from './address-guard.ts';
import { addressPolicy } from './address-guard.ts';
import type { DialContext, DialTarget, Resolve } from './dial.ts';
import { dial, systemResolve } from './dial.ts';
import { createHttpPool } from './http-pool.ts';
import type { HttpPool, Network } from './network.ts';

/** What may be replaced: the resolver in tests, and how long a connection may take. */
export interface NetworkOptions {
  /** The system's resolver when left out. */
  readonly resolve?: Resolve;
  /** From resolving to the end of the TLS handshake; 10 000 when left out. */
  readonly connectTimeoutMs?: number;
}

// More than one agent may have calls under way, so that none takes all of them.
const connectionsPerService = 256;
// Far more than calls that may be in flight at once.
const maxWaiting = 4_096;
const idleMs = 30_000;

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

function createPool(target: DialTarget, scheme: 'http' | 'https', context: DialContext): HttpPool {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const url = canonicalUrl(`${scheme}://${host}:${target.port}`, host);
  return createHttpPool({
    dial: () => dial(target, context),
    authority: url.host,
    maxConnections: connectionsPerService,
    maxWaiting,
    idleMs,
  });
}

// A host that a URL parser reads as another one (user info, other digits, escapes) would put another name on the wire.
function canonicalUrl(origin: string, host: string): URL {
  const url = URL.parse(origin);
  if (url === null || url.hostname !== host || url.username !== '' || url.pathname !== '/' || url.search !== '') {
    throw new SallyportError('CONFIG_INVALID', 'the host of the service is not in canonical form');
  }
  return url;
}
