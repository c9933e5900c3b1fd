// Takes a service's URL apart and refuses every spelling that two parsers could read differently.

/** A service's URL in its one canonical reading. */
export interface ServiceUrl {
  readonly scheme: 'https' | 'http';
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly basePath: readonly string[];
}

/** A parsed URL, or what is wrong with it. */
export type ServiceUrlResult =
  | { readonly ok: true; readonly url: ServiceUrl }
  | { readonly ok: false; readonly message: string };

const form = /^(https?):\/\/([^/]*)(\/.*)?$/;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Parses `https://host[:port][/base/path]`; nothing else is accepted, and nothing is corrected. */
export function parseServiceUrl(text: string): ServiceUrlResult {
  if (text.length > 2000) return refuse('is too long; at most 2000 characters');
  // The WHATWG parser drops tabs and line ends without a word.
  if (/[\p{Cc}\s\\]/u.test(text)) return refuse('must not hold white space, control characters or backslashes');
  if (/^https?:\/\/[^/?#]*@/.test(text)) return refuse('must not hold a user name or password; declare a credential');
  if (/[?#]/.test(text)) return refuse('must not hold a query or fragment; put query parameters into the operations');
  const match = form.exec(text);
  const scheme = match?.[1] === 'http' ? 'http' : 'https';
  if (match === null) return refuse('must be an absolute URL that begins with `https://`, in lower case');
  const authority = match[2] ?? '';
  const [, hostText = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  const port = portText === undefined ? (scheme === 'https' ? 443 : 80) : parsePort(portText);
  if (port === undefined) return refuse('has a port that is not a number from 1 to 65535');
  const host = canonicalHost(hostText);
  if (!host.ok) return host;
  const basePath = parseBasePath(match[3] ?? '');
  if (!basePath.ok) return basePath;
  return { ok: true, url: { scheme, host: host.host, port, basePath: basePath.segments } };
}

/** Whether a canonical host is this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

type HostResult = { readonly ok: true; readonly host: string } | { readonly ok: false; readonly message: string };

/** The host as URL parsers know it; a host that is written differently is refused, never corrected. */
export function canonicalHost(text: string): HostResult {
  const written = text.toLowerCase();
  if (written === '') return refuse('has no host');
  if (written.includes('%')) return refuse('has a host with `%`; write the plain host name');
  if (written.endsWith('.')) return refuse('has a host that ends in a dot; remove the dot');
  const canonical = URL.canParse(`http://${written}/`) ? new URL(`http://${written}/`).hostname : undefined;
  if (canonical === undefined || canonical === '') return refuse('has a host that is neither a name nor an address');
  if (canonical !== written) return refuse(`has a host in an ambiguous spelling; write \`${canonical}\``);
  if (written.startsWith('[')) return { ok: true, host: canonical.slice(1, -1) };
  if (written.length > 253 || !written.split('.').every((part) => label.test(part))) {
    return refuse('has a host that is not a name of letters, digits and dashes');
  }
  return { ok: true, host: canonical };
}

function parsePort(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

type SegmentsResult =
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly message: string };

function parseBasePath(path: string): SegmentsResult {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  if (trimmed === '') return { ok: true, segments: [] };
  const segments: string[] = [];
  for (const part of trimmed.slice(1).split('/')) {
    const segment = decodeSegment(part);
    if (!segment.ok) return segment;
    segments.push(segment.text);
  }
  return { ok: true, segments };
}

type SegmentResult = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** The decoded text of a fixed path segment; `.`, `..`, and whatever a service could take for another segment is refused. */
export function decodeSegment(part: string): SegmentResult {
  const text = decode(part);
  if (text === undefined) return refuse('has a path segment with a broken percent-encoding');
  if (text === '') return refuse('has an empty path segment; write one `/`');
  // A service that decodes twice would see what the second decoding makes of it.
  if (/%[0-9a-f]{2}/i.test(text)) return refuse('has a path segment that is percent-encoded twice');
  if (text === '.' || text === '..') return refuse('has a path segment `.` or `..`');
  // Servlet containers cut `;…` off a segment, and `..;` then means `..`.
  if (text.includes(';')) return refuse('has a path segment with `;`');

  if (/[\p{Cc}/\\?#]/u.test(text)) {
    return refuse('has a path segment with a slash, backslash, `?`, `#` or control character');
  }
  return { ok: true, text };
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function refuse(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
