// Which request headers an operation may not set: they frame the message, say who asks, carry credentials or cut the reply.

/** Headers that frame the message or belong to the connection (RFC 9110 §7.6.1, RFC 9112 §6); nobody may set them. */
export const framingHeaders: ReadonlySet<string> = new Set(
  'host content-length transfer-encoding connection keep-alive te trailer upgrade expect content-type content-encoding accept-encoding forwarded via http2-settings max-forwards'.split(
    ' ',
  ),
);

const credentialHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'cookie2', 'set-cookie']);
const methodOverrides: ReadonlySet<string> = new Set(
  'x-http-method-override x-http-method x-method-override x-original-url x-rewrite-url'.split(' '),
);
// A range that an agent chooses would bring an echoed credential in pieces below the scrubber's window.
const partialReplies: ReadonlySet<string> = new Set(['range', 'if-range']);

/** Why an operation may not set a header (lower-case name); undefined when it may. */
export function headerFault(name: string): string | undefined {
  if (framingHeaders.has(name)) return 'is set by Sallyport';
  if (credentialHeaders.has(name)) return 'carries credentials; declare a credential and its place';
  if (methodOverrides.has(name)) return 'would change the request behind the declared one';
  if (partialReplies.has(name)) return 'would cut the reply into pieces that are too small to be scrubbed';
  if (name.startsWith('proxy-') || name.startsWith('x-forwarded-') || name.startsWith('sec-')) {
    return 'is between proxies or browsers and their servers';
  }
  return undefined;
}
