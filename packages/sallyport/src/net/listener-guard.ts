// Stands before routing: a page in a browser, a rebound name or an ambiguous request never reaches a front door.
import type { ListenAddress } from '../domain/config.ts';
import { SallyportError } from '../domain/errors.ts';
import type { RequestHead } from './door-request.ts';

/** Judges one request; an error when it must be refused. */
export type ListenerGuard = (request: RequestHead) => SallyportError | undefined;

/** What the guard has to know about the listener. */
export interface GuardedAddress {
  readonly scheme: 'http' | 'https';
  /** As bound. */
  readonly host: string;
  readonly port: number;
  readonly hostNames: ListenAddress['hostNames'];
}

/** The Host of every request on the agents' socket, where there is no name to be rebound. */
export const socketHost = 'agent.sock';

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];
const refusedMethods = new Set(['TRACE', 'TRACK', 'CONNECT']);
const hostBit = 1;
const originBit = 2;
const siteBit = 4;
// Two of these would leave it to chance which one is believed. Each has a bit of its own.
const singleHeaders: ReadonlyMap<string, number> = new Map(
  [
    'host',
    'origin',
    'sec-fetch-site',
    'authorization',
    'content-type',
    'content-length',
    'content-encoding',
    'transfer-encoding',
    'expect',
    'idempotency-key',
  ].map((name, index) => [name, 1 << index]),
);

/** Whether a host to bind to is a loopback address. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * A guard for one listener. Its errors: REQUEST_METHOD, REQUEST_MALFORMED (target, repeated headers), REQUEST_HOST,
 * REQUEST_ORIGIN.
 */
export function createListenerGuard(address: GuardedAddress): ListenerGuard {
  const hosts = listedHosts(address);
  return ({ method, target, headers }) =>
    checkMethod(method) ?? checkTarget(target) ?? checkHeaders(headers, hosts, address.scheme);
}

function listedHosts(address: GuardedAddress): ReadonlySet<string> {
  const bound = address.host.includes(':') ? `[${address.host}]` : address.host;
  const names = [bound, ...(isLoopbackHost(address.host) ? loopbackHosts : []), ...address.hostNames];
  const defaultPort = address.scheme === 'https' ? 443 : 80;
  return new Set(
    names.flatMap((name) => {
      const lower = name.toLowerCase();
      return [`${lower}:${address.port}`, ...(address.port === defaultPort ? [lower] : [])];
    }),
  );
}

function checkMethod(method: string): SallyportError | undefined {
  return refusedMethods.has(method) ? new SallyportError('REQUEST_METHOD', 'this method is not served') : undefined;
}

// RFC 9112 §3.2.1: origin-form only. `//host` would be read as an authority by whoever parses it as a URL.
function checkTarget(target: string): SallyportError | undefined {
  return /^\/(?!\/)[\x21\x22\x24-\x5b\x5d-\x7e]*$/.test(target)
    ? undefined
    : new SallyportError('REQUEST_MALFORMED', 'the request target is not a plain path; send origin-form');
}

function checkHeaders(
  headers: readonly string[],
  hosts: ReadonlySet<string>,
  scheme: string,
): SallyportError | undefined {
  let seen = 0;
  let host: string | undefined;
  let origin: string | undefined;
  let site: string | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const bit = singleHeaders.get(headers[index] ?? '');
    if (bit === undefined) continue;
    if ((seen & bit) !== 0) return new SallyportError('REQUEST_MALFORMED', 'a header that may occur once is repeated');
    seen |= bit;
    if (bit === hostBit) host = headers[index + 1];
    else if (bit === originBit) origin = headers[index + 1];
    else if (bit === siteBit) site = headers[index + 1];
  }
  return checkHost(host, hosts) ?? checkOrigin({ origin, site, own: `${scheme}://${host}` });
}

function checkHost(host: string | undefined, hosts: ReadonlySet<string>): SallyportError | undefined {
  return host !== undefined && (hosts.has(host) || hosts.has(host.toLowerCase()))
    ? undefined
    : new SallyportError(
        'REQUEST_HOST',
        'the Host header does not name this listener; use the address that `sallyport up` printed, or ask the operator to list the name under `listen`',
      );
}

interface AskedFrom {
  readonly origin: string | undefined;
  readonly site: string | undefined;
  readonly own: string;
}

// Programs send neither header; what sends them is a browser, and then only a page of our own may ask.
function checkOrigin({ origin, site, own }: AskedFrom): SallyportError | undefined {
  const isOwnOrigin = origin === undefined || origin.toLowerCase() === own.toLowerCase();
  const isOwnSite = site === undefined || site === 'none' || site === 'same-origin';
  return isOwnOrigin && isOwnSite
    ? undefined
    : new SallyportError('REQUEST_ORIGIN', 'requests from other origins are refused');
}
