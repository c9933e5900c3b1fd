// Checks the address ranges that a service declares; the network layer matches them.

/** What is wrong with a CIDR; undefined when it is one. */
export function cidrFault(text: string): string | undefined {
  const [address = '', prefixText, ...rest] = text.split('/');
  if (prefixText === undefined || rest.length > 0) return 'must be an address and a prefix length, such as 10.1.0.0/16';
  const bits = addressBits(address);
  if (bits === undefined) return 'must begin with an IPv4 or IPv6 address in its canonical spelling';
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(prefixText) ? Number(prefixText) : undefined;
  if (prefix === undefined || prefix > bits.length) return `must have a prefix length from 1 to ${bits.length}`;
  if (prefix === 0) return 'covers every address; name the range that the service is in';
  if (bits.slice(prefix).includes('1'))
    return 'has address bits beyond its prefix length; write the first address of the range';
  return undefined;
}

function addressBits(address: string): string | undefined {
  return address.includes(':') ? ipv6Bits(address) : ipv4Bits(address);
}

function ipv4Bits(address: string): string | undefined {
  const parts = address.split('.');
  const isAddress =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isAddress ? parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('') : undefined;
}

// The URL parser is the runtime's own reader of IPv6; what it would write differently is refused.
function ipv6Bits(address: string): string | undefined {
  if (!/^[0-9a-f:]+$/i.test(address) || !URL.canParse(`http://[${address}]/`)) return undefined;
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  if (canonical !== address.toLowerCase()) return undefined;
  const [left = '', right] = canonical.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...middle, ...tail]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}
