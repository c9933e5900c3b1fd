// A request body at a front door is one JSON text in UTF-8, uncompressed, bounded in size, depth and time.
import { SallyportError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { decodeUtf8, parseStrictJson } from '../domain/strict-json.ts';
import { maxBodyBytes, readBody } from '../net/read-body.ts';
import type { Exchange } from './exchange.ts';
import type { RequestHeaders } from './request-headers.ts';

const freeBodyBytes = 16 * 1024;
const maxDepth = 32;
const jsonType = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*$/i;

/**
 * Reads and strictly parses the body; `requireCaller` throws when the token is nobody's.
 * @throws SallyportError REQUEST_CONTENT_TYPE, REQUEST_TOO_LARGE, REQUEST_TIMEOUT, REQUEST_MALFORMED, REQUEST_JSON*
 */
export async function readJsonBody(
  { request, headers, bodyTimeoutMs }: Exchange,
  requireCaller: () => void,
): Promise<JsonValue> {
  requireJson(headers);
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  // Whoever may call is known before memory is given to a large body; small ones are checked with the call.
  if (!(announced <= freeBodyBytes)) requireCaller();
  const bytes = await readBody(request, maxBodyBytes, bodyTimeoutMs);
  return parseStrictJson(decodeUtf8(bytes), { maxDepth, numbers: 'refuse' });
}

function requireJson(headers: RequestHeaders): void {
  const type = headers['content-type'];
  if (type.kind !== 'one' || !jsonType.test(type.value)) {
    throw new SallyportError('REQUEST_CONTENT_TYPE', 'send one header `Content-Type: application/json`, in UTF-8');
  }
}
