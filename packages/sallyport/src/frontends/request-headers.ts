// What a request's headers say, read from the flat list: of repeated ones every value counts, and a route decides what that means.
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

/** The headers of one request: names, in lower case, and values by turns. */
export type RequestHeaders = RequestHead['headers'];

const absent: HeaderValue = { kind: 'absent' };

/** What came in one of the headers that front doors look at. */
export function headerOf(headers: RequestHeaders, name: HeaderName): HeaderValue {
  let found = absent;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index] === name) found = joined(found, headers[index + 1] ?? '');
  }
  return found;
}

function joined(before: HeaderValue, value: string): HeaderValue {
  if (before.kind === 'absent') return { kind: 'one', value };
  return { kind: 'repeated', values: before.kind === 'one' ? [before.value, value] : [...before.values, value] };
}
