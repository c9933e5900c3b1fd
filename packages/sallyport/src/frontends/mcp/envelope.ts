// A modern MCP request says in `_meta` which version it speaks and what its client can do; nothing is remembered between requests.
import { SallyportError } from '../../domain/errors.ts';
import type { JsonObject, JsonValue } from '../../domain/json-value.ts';
import { headerOf, type RequestHeaders } from '../request-headers.ts';
import { requireMirror, singleHeader } from './mirrored-headers.ts';
import { asObject, type RpcRequest } from './rpc-message.ts';

const versionKey = 'io.modelcontextprotocol/protocolVersion';
const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';
const idempotencyKey = 'io.sallyport/idempotency-key';

/**
 * The version that a request names, by body and header alike or, in the legacy era, by header only; undefined where it names none.
 * @throws SallyportError REQUEST_HEADER_MISMATCH, REQUEST_PARAMS
 */
export function requestedVersion(message: RpcRequest, headers: RequestHeaders): RequestedVersion {
  const inBody = asObject(message.params['_meta'])?.[versionKey];
  if (inBody === undefined) return { version: singleVersion(headers), isInBody: false };
  if (typeof inBody !== 'string') throw params(`params._meta["${versionKey}"] must be a string`);
  requireMirror('MCP-Protocol-Version', headerOf(headers, 'mcp-protocol-version'), inBody);
  return { version: inBody, isInBody: true };
}

/** The version that a request names, and where. */
export interface RequestedVersion {
  readonly version: string | undefined;
  readonly isInBody: boolean;
}

/** The version in the header. @throws SallyportError REQUEST_HEADER_MISMATCH */
export function singleVersion(headers: RequestHeaders): string | undefined {
  return singleHeader('MCP-Protocol-Version', headerOf(headers, 'mcp-protocol-version'));
}

/**
 * Requires the members of `_meta` that every request must carry.
 * @throws SallyportError REQUEST_PARAMS
 */
export function requireEnvelope(message: RpcRequest): void {
  const meta = asObject(message.params['_meta']);
  if (meta === undefined || typeof meta[versionKey] !== 'string') {
    throw params(`params._meta["${versionKey}"] is required on every request`);
  }
  if (asObject(meta[capabilitiesKey]) === undefined) {
    throw params(`params._meta["${capabilitiesKey}"] is required on every request; {} will do`);
  }
}

/** What the client says that it can do, by the name of the capability; undefined where it says nothing of it. */
export function clientCapability(callParams: JsonObject, name: string): JsonValue | undefined {
  return asObject(asObject(callParams['_meta'])?.[capabilitiesKey])?.[name];
}

/**
 * The idempotency key of a tool call.
 * @throws SallyportError IDEMPOTENCY_KEY_MALFORMED
 */
export function readIdempotencyKey(callParams: JsonObject): string | undefined {
  const key = asObject(callParams['_meta'])?.[idempotencyKey];
  if (key === undefined || typeof key === 'string') return key;
  throw new SallyportError('IDEMPOTENCY_KEY_MALFORMED', `params._meta["${idempotencyKey}"] must be a string`);
}

function params(text: string): SallyportError {
  return new SallyportError('REQUEST_PARAMS', text);
}
