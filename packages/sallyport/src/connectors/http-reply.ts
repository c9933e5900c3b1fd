// Reads a successful HTTP reply without loss: allowed headers, decoded body, strictly parsed JSON.
import { SallyportError } from '../domain/errors.ts';
import type { ReplyPolicy } from '../domain/reply-policy.ts';
import { decodeUtf8, parseStrictJson } from '../domain/strict-json.ts';
import type { ReplyBody } from './connector.ts';

/** Headers of a reply as received: names in lower case and values in turn. */
export type ReplyHeaders = readonly string[];

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
export function allowedHeaders(headers: ReplyHeaders, policy: ReplyPolicy): readonly (readonly [string, string])[] {
  const allowed: (readonly [string, string])[] = [];
  if (policy.headers.length === 0) return allowed;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    const isAllowed = policy.headers.includes(name) && !withheldHeaders.has(name);
    if (isAllowed && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) allowed.push([name, value]);
  }
  return allowed;
}

/** The value of a header, of several joined by commas; empty when there is none. */
export function headerOf(headers: ReplyHeaders, name: string): string {
  let found: string | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index] !== name) continue;
    const value = headers[index + 1] ?? '';
    found = found === undefined ? value : `${found},${value}`;
  }
  return found ?? '';
}

/**
 * The decoded body of a reply as the policy wants it.
 * @throws SallyportError UPSTREAM_REPLY_UNREADABLE
 */
export function readBody(headers: ReplyHeaders, bytes: Buffer, policy: ReplyPolicy): ReplyBody {
  if (bytes.length === 0) return { kind: 'empty' };
  const isJson = isJsonType(headerOf(headers, 'content-type'));
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

function isJsonType(contentType: string): boolean {
  if (contentType === 'application/json') return true;
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') throw unreadable();
  return /^\s*[\w.+-]+\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

function unreadable(cause?: unknown): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_UNREADABLE', 'the reply of the service cannot be read', { cause });
}
