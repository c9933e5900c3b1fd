// Reads a successful HTTP reply without loss: allowed headers, decoded body, strictly parsed JSON.
import { SallyportError } from '../domain/errors.ts';
import type { ReplyPolicy } from '../domain/reply-policy.ts';
import { decodeUtf8, parseStrictJson } from '../domain/strict-json.ts';
import type { ReplyBody } from './connector.ts';
import { decodeBody } from './http-decode.ts';

/** Headers of a reply as received, names in lower case. */
export type ReplyHeaders = readonly (readonly [string, string])[];

/** A reply's body and its size after decompression. */
export interface ReadReply {
  readonly body: ReplyBody;
  readonly bytes: number;
}

const maxDepth = 100;
// Whatever a policy lists: these hand out or ask for credentials.
const withheldHeaders = new Set([
  'set-cookie',
  'set-cookie2',
  'www-authenticate',
  'proxy-authenticate',
  'authorization',
]);

/** The headers that the policy passes on. */
export function allowedHeaders(headers: ReplyHeaders, policy: ReplyPolicy): ReplyHeaders {
  if (policy.headers.length === 0) return [];
  return headers.filter(
    ([name, value]) =>
      policy.headers.includes(name) && !withheldHeaders.has(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
  );
}

/**
 * The body of a reply as the policy wants it.
 * @throws SallyportError UPSTREAM_REPLY_TOO_LARGE, UPSTREAM_REPLY_UNREADABLE
 */
export async function readReply(headers: ReplyHeaders, received: Buffer, policy: ReplyPolicy): Promise<ReadReply> {
  const decoded = await decodeBody(received, headerOf(headers, 'content-encoding'), policy.maxBytes);
  if (decoded.length === 0) return { body: { kind: 'empty' }, bytes: 0 };
  return { body: parseBody(headerOf(headers, 'content-type'), decoded, policy), bytes: decoded.length };
}

function parseBody(contentType: string, bytes: Buffer, policy: ReplyPolicy): ReplyBody {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') throw unreadable();
  const isJson = /^\s*[\w.+-]+\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType);
  try {
    const text = decodeUtf8(bytes);
    // UTF-16 without a name reads as UTF-8 with a NUL in every other place, and nothing would be found in it.
    if (text.includes('\0')) throw unreadable();
    // With a field list the policy decides, whatever the service calls its JSON.
    if (!isJson && policy.kind === 'all') return { kind: 'text', text };
    return { kind: 'json', value: parseStrictJson(text, { maxDepth, numbers: 'keep' }) };
  } catch (error) {
    throw unreadable(error);
  }
}

function headerOf(headers: ReplyHeaders, name: string): string {
  return headers
    .filter(([key]) => key === name)
    .map(([, value]) => value)
    .join(',');
}

function unreadable(cause?: unknown): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_UNREADABLE', 'the reply of the service cannot be read', { cause });
}
