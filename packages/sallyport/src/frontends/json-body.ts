// A request body at a front door is one JSON text in UTF-8, uncompressed, bounded in size, depth and time.
import { SallyportError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { decodeUtf8, parseStrictJson } from '../domain/strict-json.ts';
import { maxBodyBytes } from '../net/read-body.ts';
import type { Exchange } from './exchange.ts';
import { headerOf, type RequestHeaders } from './request-headers.ts';

const freeBodyBytes = 16 * 1024;
const parsing = { maxDepth: 32, numbers: 'refuse' } as const;
const jsonType = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*$/i;

/**
 * Reads and strictly parses the body, at once where it is there; `requireCaller` throws when the token is nobody's.
 * @throws SallyportError REQUEST_CONTENT_TYPE, REQUEST_TOO_LARGE, REQUEST_TIMEOUT, REQUEST_MALFORMED, REQUEST_JSON*
 */
export function readJsonBody(
  { request, headers, bodyTimeoutMs }: Exchange,
  requireCaller: () => void,
): JsonValue | Promise<JsonValue> {
  requireJson(headers);
  // Whoever may call is known before memory is given to a large body; small ones are checked with the call.
  if (!(request.announcedBytes <= freeBodyBytes)) requireCaller();
  const bytes = request.readBody(maxBodyBytes, bodyTimeoutMs);
  return bytes instanceof Promise ? bytes.then(parsed) : parsed(bytes);
}

function parsed(bytes: Buffer): JsonValue {
  return parseStrictJson(decodeUtf8(bytes), parsing);
}

function requireJson(headers: RequestHeaders): void {
  const type = headerOf(headers, 'content-type');
  if (type.kind !== 'one' || (type.value !== 'application/json' && !jsonType.test(type.value))) {
    throw new SallyportError('REQUEST_CONTENT_TYPE', 'send one header `Content-Type: application/json`, in UTF-8');
  }
}
