// Stands before routing: a page in a browser, a rebound name or an ambiguous request never reaches a front door.
import type { IncomingMessage } from 'node:http';
import type { ListenAddress } from '../domain/config.ts';
import { SallyportError } from '../domain/errors.ts';

/** Judges one request; an error when it must be refused. */
export type ListenerGuard = (request: IncomingMessage) => SallyportError | undefined;

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
// Two of these would leave it to chance which one is believed.
const singleHeaders = new Set([
  'host',
  'authorization',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'origin',
  'sec-fetch-site',
  'expect',
  'idempotency-key',
]);

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
  return (request) =>
    checkMethod(request) ?? checkTarget(request.url ?? '') ?? checkHeaders(request.rawHeaders, hosts, address.scheme);
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

function checkMethod(request: IncomingMessage): SallyportError | undefined {
  return refusedMethods.has(request.method ?? '')
    ? new SallyportError('REQUEST_METHOD', 'this method is not served')
    : undefined;
}

// RFC 9112 §3.2.1: origin-form only. `//host` would be read as an authority by whoever parses it as a URL.
function checkTarget(target: string): SallyportError | undefined {
  return /^\/(?!\/)[\x21\x22\x24-\x5b\x5d-\x7e]*$/.test(target)
    ? undefined
    : new SallyportError('REQUEST_MALFORMED', 'the request target is not a plain path; send origin-form');
}

function checkHeaders(
  rawHeaders: readonly string[],
  hosts: ReadonlySet<string>,
  scheme: string,
): SallyportError | undefined {
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!singleHeaders.has(name)) continue;
    if (found.has(name)) return new SallyportError('REQUEST_MALFORMED', 'a header that may occur once is repeated');
    found.set(name, rawHeaders[index + 1] ?? '');
  }
  return checkHost(found, hosts) ?? checkOrigin(found, scheme);
}

function checkHost(found: ReadonlyMap<string, string>, hosts: ReadonlySet<string>): SallyportError | undefined {
  const host = found.get('host')?.toLowerCase();
  return host !== undefined && hosts.has(host)
    ? undefined
    : new SallyportError(
        'REQUEST_HOST',
        'the Host header does not name this listener; use the address that `sallyport up` printed, or ask the operator to list the name under `listen`',
      );
}

// Programs send neither header; what sends them is a browser, and then only a page of our own may ask.
function checkOrigin(found: ReadonlyMap<string, string>, scheme: string): SallyportError | undefined {
  const origin = found.get('origin');
  const site = found.get('sec-fetch-site');
  const isOwnOrigin =
    origin === undefined || origin.toLowerCase() === `${scheme}://${found.get('host')?.toLowerCase()}`;
  const isOwnSite = site === undefined || site === 'none' || site === 'same-origin';
  return isOwnOrigin && isOwnSite
    ? undefined
    : new SallyportError('REQUEST_ORIGIN', 'requests from other origins are refused');
}
