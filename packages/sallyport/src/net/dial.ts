// Makes one connection to a service: resolve once, check every answer, connect to the checked address, prove the peer's identity.
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import type { Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import { SallyportError } from '../domain/errors.ts';
import type { AddressPolicy, OwnListener } from './address-guard.ts';
import { isAllowedAddress, isOwnListener } from './address-guard.ts';
import { isSameAddress, parseAddress, unmapAddress } from './ip-address.ts';
import { requestPostgresTls } from './postgres-tls.ts';
import { untilEvent } from './until-event.ts';

/** Finds every address of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Where to connect, and what to believe there. */
export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** Null: clear text. `ca`: PEM of the only authorities believed; null for those of the runtime. */
  readonly tls: TlsSettings | null;
  readonly policy: AddressPolicy;
}

/** What is believed of a peer, and what will be spoken with it: PostgreSQL is asked for TLS before the handshake. */
export interface TlsSettings {
  readonly ca: string | null;
  /** Its name in ALPN. */
  readonly protocol: 'http/1.1' | 'postgresql';
}

interface TlsPeer extends TlsSettings {
  readonly host: string;
}

/** What dialling needs from outside. */
export interface DialContext {
  readonly resolve: Resolve;
  readonly ownListeners: readonly OwnListener[];
  readonly connectTimeoutMs: number;
}

/** Every address that the system's resolver gives, in its order. */
export function systemResolve(host: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true, order: 'verbatim' }, (error: Error | null, found: readonly LookupAddress[]) => {
      if (error === null) resolve(found.map((entry) => entry.address));
      else reject(error);
    });
  });
}

/**
 * A connected socket whose peer is proven; nothing was written to it beyond the TLS handshake.
 * @throws SallyportError ADDRESS_REFUSED, UPSTREAM_UNREACHABLE, UPSTREAM_IDENTITY
 */
export async function dial(target: DialTarget, context: DialContext): Promise<Socket> {
  const deadline = AbortSignal.timeout(context.connectTimeoutMs);
  const addresses = await checkedAddresses(target, context, deadline);
  let failure: unknown;
  for (const address of addresses) {
    try {
      const socket = await openTcp(address, target.port, deadline);
      if (target.tls === null) return socket;
      if (target.tls.protocol === 'postgresql') await requestPostgresTls(socket, deadline);
      return await openTls(socket, { host: target.host, ...target.tls }, deadline);
    } catch (error) {
      if (error instanceof SallyportError) throw error;
      failure = error;
    }
  }
  throw new SallyportError('UPSTREAM_UNREACHABLE', 'the service cannot be reached', { cause: failure });
}

async function checkedAddresses(
  target: DialTarget,
  context: DialContext,
  deadline: AbortSignal,
): Promise<readonly string[]> {
  const addresses = isIP(target.host) === 0 ? await resolveName(target.host, context, deadline) : [target.host];
  for (const address of addresses) {
    const isAllowed =
      isAllowedAddress(address, target.policy) && !isOwnListener(address, target.port, context.ownListeners);
    // One bad answer condemns them all: who can add it can also make it the only one.
    if (!isAllowed) {
      throw new SallyportError('ADDRESS_REFUSED', 'the service resolves to an address that it may not have', {
        cause: new Error(`${target.host} resolves to ${address}; declare its range under addresses if that is right`),
      });
    }
  }
  return addresses;
}

async function resolveName(host: string, context: DialContext, deadline: AbortSignal): Promise<readonly string[]> {
  try {
    const addresses = await withDeadline(context.resolve(host), deadline);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new SallyportError('UPSTREAM_UNREACHABLE', 'the name of the service cannot be resolved', { cause: error });
  }
  throw new SallyportError('UPSTREAM_UNREACHABLE', 'the name of the service has no address');
}

function openTcp(address: string, port: number, deadline: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: address, port, noDelay: true, keepAlive: true, autoSelectFamily: false });
  return untilEvent(socket, 'connect', deadline).then(() => {
    if (isPeer(socket, address)) return socket;
    socket.destroy();
    throw new SallyportError('ADDRESS_REFUSED', 'the connection did not lead to the checked address');
  });
}

async function openTls(tcp: Socket, { host, ca, protocol }: TlsPeer, deadline: AbortSignal): Promise<Socket> {
  const socket = connectTls({
    socket: tcp,
    // RFC 6066 §3: an address is no server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca }),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: [protocol],
  });
  try {
    await untilEvent(socket, 'secureConnect', deadline);
  } catch (error) {
    if (deadline.aborted || isNetworkError(error)) throw error;
    throw new SallyportError('UPSTREAM_IDENTITY', 'the service did not prove its identity', { cause: error });
  }
  return provenSocket(socket, protocol);
}

// The options above reject already; this holds even if an option of theirs were weakened from outside.
function provenSocket(socket: TLSSocket, protocol: TlsSettings['protocol']): TLSSocket {
  if (socket.authorized && (socket.alpnProtocol === protocol || socket.alpnProtocol === false)) return socket;
  socket.destroy();
  throw new SallyportError('UPSTREAM_IDENTITY', 'the service did not prove its identity');
}

function withDeadline<T>(work: Promise<T>, deadline: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = () => reject(new Error('the connect timeout has passed', { cause: deadline.reason }));
    deadline.addEventListener('abort', expire, { once: true });
    work.then(resolve, reject).finally(() => deadline.removeEventListener('abort', expire));
  });
}

function isPeer(socket: Socket, address: string): boolean {
  const peer = parseAddress(socket.remoteAddress ?? '');
  const wanted = parseAddress(address);
  return peer !== undefined && wanted !== undefined && isSameAddress(unmapAddress(peer), unmapAddress(wanted));
}

function isNetworkError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH';
}
