// One JSON-RPC 2.0 message as MCP allows it: a request or a notification; no batch, no response, no null id.
import { SallyportError } from '../../domain/errors.ts';
import type { JsonObject, JsonValue } from '../../domain/json-value.ts';

/** The id of a request; it is echoed exactly. */
export type RpcId = string | number;

/** A message that wants an answer. */
export interface RpcRequest {
  readonly kind: 'request';
  readonly id: RpcId;
  readonly method: string;
  readonly params: JsonObject;
}

/** A message that wants none. */
export interface RpcNotification {
  readonly kind: 'notification';
  readonly method: string;
}

const members: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);

/** The id of a message that may be wrong otherwise, so that its refusal can carry it. */
export function rpcIdOf(value: JsonValue): RpcId | undefined {
  const id = asObject(value)?.['id'];
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id)) ? id : undefined;
}

/**
 * Reads a message.
 * @throws SallyportError REQUEST_MALFORMED
 */
export function readRpcMessage(value: JsonValue): RpcRequest | RpcNotification {
  const message = asObject(value);
  if (message === undefined) throw malformed('send one JSON-RPC request as an object; batches are not served');
  if (message['jsonrpc'] !== '2.0') throw malformed('send "jsonrpc": "2.0"');
  const unknown = Object.keys(message).some((key) => !members.has(key));
  const method = message['method'];
  if (unknown || typeof method !== 'string') {
    throw malformed('send a JSON-RPC request: jsonrpc, id, method, params and nothing else');
  }
  const params = Object.hasOwn(message, 'params') ? asObject(message['params']) : {};
  if (params === undefined) throw malformed('params must be an object');
  if (!Object.hasOwn(message, 'id')) return { kind: 'notification', method };
  const id = rpcIdOf(message);
  if (id === undefined) throw malformed('the id must be a string or an integer');
  return { kind: 'request', id, method, params };
}

/** The value where it is an object and nothing else. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

// The strict parser refuses numbers that are not exact, so no RawJsonNumber stands in a message.
function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(text: string): SallyportError {
  return new SallyportError('REQUEST_MALFORMED', text);
}
