// Decides whether a resolved address may be dialled: names are chosen by whoever runs the DNS, addresses are not.
import { networkInterfaces } from 'node:os';
import { SallyportError } from '../domain/errors.ts';
import type { NetworkService } from '../domain/service.ts';
import type { AddressBytes, AddressRange } from './ip-address.ts';
import { isInRange, isSameAddress, parseAddress, parseRange, unmapAddress } from './ip-address.ts';

/** What kind of address it is; `never` is not dialled whatever a config says. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'never';

/** Which addresses that are not public a service may have. */
export interface AddressPolicy {
  readonly ranges: readonly AddressRange[];
  readonly allowsLoopback: boolean;
}

/** An address of a listener of our own. */
export interface OwnListener {
  readonly host: string;
  readonly port: number;
}

// IANA special-purpose registries (RFC 6890 and its updates, read 2026-11), and the metadata addresses of cloud providers.
const neverRanges = ranges([
  '0.0.0.0/8',
  '100.100.100.200/32', // Alibaba metadata
  '168.63.129.16/32', // Azure wire server
  '169.254.0.0/16', // link-local; metadata of most providers
  '192.0.0.0/24', // protocol assignments; Oracle metadata
  '192.88.99.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '100::/64',
  '2001::/32', // Teredo: hides an IPv4 address
  'fd00:ec2::254/128', // AWS metadata
  'fd20:ce::254/128', // Google metadata
  'fe80::/10',
  'ff00::/8',
]);
const loopbackRanges = ranges(['127.0.0.0/8', '::1/128']);
const privateRanges = ranges([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '2001:db8::/32',
  'fc00::/7',
  'fec0::/10',
]);
const globalIpv6 = ranges(['2000::/3']);
const ipv4Compatible = ranges(['::/96', '::ffff:0:0:0/96']);
const nat64 = ranges(['64:ff9b::/96']);
const sixToFour = ranges(['2002::/16']);

/** The class of an address in text form; what is not an address, or has a zone id, is `never`. */
export function classifyAddress(text: string): AddressClass {
  const bytes = parseAddress(text);
  return bytes === undefined ? 'never' : classify(unmapAddress(bytes));
}

/** Which addresses a service may have. @throws SallyportError CONFIG_INVALID when a declared range is not a CIDR */
export function addressPolicy(service: NetworkService): AddressPolicy {
  const parsed = service.addresses.map((text) => {
    const range = parseRange(text);
    if (range === undefined)
      throw new SallyportError('CONFIG_INVALID', 'an address range of the service is not a CIDR');
    return range;
  });
  return { ranges: parsed, allowsLoopback: service.trust.kind === 'loopback' };
}

/** Whether the service may be dialled at this address. */
export function isAllowedAddress(text: string, policy: AddressPolicy): boolean {
  const bytes = parseAddress(text);
  if (bytes === undefined) return false;
  const address = unmapAddress(bytes);
  const kind = classify(address);
  if (kind === 'never') return false;
  // Without TLS nothing proves the peer but that it is this machine: no other address will do.
  if (policy.allowsLoopback) return kind === 'loopback';
  if (kind === 'public') return true;
  return policy.ranges.some((range) => isInRange(address, range));
}

/** Whether address and port are those of one of our listeners; on a loopback or wildcard listener any local address is. */
export function isOwnListener(text: string, port: number, listeners: readonly OwnListener[]): boolean {
  const samePort = listeners.filter((listener) => listener.port === port);
  if (samePort.length === 0) return false;
  const bytes = parseAddress(text);
  if (bytes === undefined) return true;
  const address = unmapAddress(bytes);
  return samePort.some((listener) => coversAddress(listener.host, address));
}

function coversAddress(host: string, address: AddressBytes): boolean {
  const isLoopback = classify(address) === 'loopback';
  const bound = parseAddress(host);
  // A name: whatever it was bound to, loopback is the only address that is certain.
  if (bound === undefined) return isLoopback;
  if (bound.every((byte) => byte === 0)) return isLoopback || isLocalAddress(address);
  return isSameAddress(unmapAddress(bound), address) || (isLoopback && classify(unmapAddress(bound)) === 'loopback');
}

function isLocalAddress(address: AddressBytes): boolean {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some((local) => {
      const bytes = parseAddress(local.address.replace(/%.*$/, ''));
      return bytes !== undefined && isSameAddress(bytes, address);
    });
}

function classify(address: AddressBytes): AddressClass {
  const isIn = (list: readonly AddressRange[]) => list.some((range) => isInRange(address, range));
  if (isIn(neverRanges)) return 'never';
  if (isIn(loopbackRanges)) return 'loopback';
  if (isIn(privateRanges)) return 'private';
  if (address.length === 4) return 'public';
  // A translator carries the packet to the IPv4 address inside: only a public one may be reached that way.
  if (isIn(nat64)) return publicOrNever(address.slice(12));
  if (isIn(sixToFour)) return publicOrNever(address.slice(2, 6));
  if (isIn(ipv4Compatible)) return 'never';
  return isIn(globalIpv6) ? 'public' : 'never';
}

function publicOrNever(embedded: AddressBytes): AddressClass {
  return classify(embedded) === 'public' ? 'public' : 'never';
}

function ranges(texts: readonly string[]): readonly AddressRange[] {
  return texts.flatMap((text) => parseRange(text) ?? []);
}
