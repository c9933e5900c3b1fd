// The headers that front doors look at, read once from the raw list: Node keeps the first of repeated ones without a word.
import type { RequestHead } from '../net/door-request.ts';

type HeaderName =
  | 'accept'
  | 'authorization'
  | 'content-type'
  | 'idempotency-key'
  | 'mcp-method'
  | 'mcp-name'
  | 'mcp-protocol-version'
  | 'sallyport-agent';

/** What came in a header: nothing, one value, or several lines of the same name. */
export type HeaderValue =
  | { readonly kind: 'absent' }
  | { readonly kind: 'one'; readonly value: string }
  | { readonly kind: 'repeated'; readonly values: readonly string[] };

/** The headers of one request by lower-case name. */
export type RequestHeaders = Readonly<Record<HeaderName, HeaderValue>>;

const absent: HeaderValue = { kind: 'absent' };
const none: RequestHeaders = {
  accept: absent,
  authorization: absent,
  'content-type': absent,
  'idempotency-key': absent,
  'mcp-method': absent,
  'mcp-name': absent,
  'mcp-protocol-version': absent,
  'sallyport-agent': absent,
};

/** Reads the headers that front doors look at; every other one is left alone. */
export function readHeaders({ headers }: RequestHead): RequestHeaders {
  const found: Record<HeaderName, HeaderValue> = { ...none };
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (isWanted(name)) found[name] = joined(found[name], headers[i + 1] ?? '');
  }
  return found;
}

function isWanted(name: string): name is HeaderName {
  return Object.hasOwn(none, name);
}

function joined(before: HeaderValue, value: string): HeaderValue {
  if (before.kind === 'absent') return { kind: 'one', value };
  return { kind: 'repeated', values: before.kind === 'one' ? [before.value, value] : [...before.values, value] };
}
