// IP addresses as bytes: ranges are compared on bytes, because one address has many spellings.
import { isIPv4, isIPv6 } from 'node:net';

/** An address as its 4 or 16 bytes in network order. */
export type AddressBytes = readonly number[];

/** A range of addresses. */
export interface AddressRange {
  readonly bytes: AddressBytes;
  readonly prefixBits: number;
}

/** The bytes of an address in canonical text form; undefined when it is not one. A zone id makes it none. */
export function parseAddress(text: string): AddressBytes | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return parseIpv6(text);
}

/** A range such as `10.0.0.0/8`; undefined when it is not one. */
export function parseRange(text: string): AddressRange | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const bytes = parseAddress(match?.[1] ?? '');
  const prefixBits = Number(match?.[2]);
  if (match === null || bytes === undefined || prefixBits > bytes.length * 8) return undefined;
  return { bytes, prefixBits };
}

/** Whether the address lies in the range; families never match each other. */
export function isInRange(address: AddressBytes, range: AddressRange): boolean {
  if (address.length !== range.bytes.length) return false;
  for (let bit = 0; bit < range.prefixBits; bit += 8) {
    const mask = range.prefixBits - bit >= 8 ? 0xff : (0xff << (8 - (range.prefixBits - bit))) & 0xff;
    const index = bit >> 3;
    if (((address[index] ?? 0) & mask) !== ((range.bytes[index] ?? 0) & mask)) return false;
  }
  return true;
}

/** Whether both are the same address. */
export function isSameAddress(left: AddressBytes, right: AddressBytes): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The IPv4 address inside `::ffff:0:0/96`, where there is one; the address itself otherwise. */
export function unmapAddress(address: AddressBytes): AddressBytes {
  return address.length === 16 && isInRange(address, mapped) ? address.slice(12) : address;
}

const mapped: AddressRange = { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0], prefixBits: 96 };

function parseIpv6(text: string): AddressBytes {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const hexText = dotted === null ? text : `${dotted[1]}${dottedAsGroups(dotted[2] ?? '')}`;
  const [head = '', tail] = hexText.split('::');
  const before = groupBytes(head);
  if (tail === undefined) return before;
  const after = groupBytes(tail);
  const zeros = Array.from({ length: 16 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function dottedAsGroups(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function groupBytes(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
