// What a client wrote on one line, as far as the bridge must know it: where an answer goes, and which headers mirror the body.
// It judges nothing: the server parses the same bytes again, strictly.

/** The id of a request. */
export type MessageId = string | number;

/** A line of a client. */
export type ClientMessage =
  | { readonly kind: 'request'; readonly id: MessageId; readonly method: string; readonly params: Members }
  | { readonly kind: 'cancellation'; readonly of: unknown }
  /** Wants no answer and means nothing here. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unreadable' }
  /** JSON, but no message of the protocol. */
  | { readonly kind: 'malformed'; readonly id: MessageId | undefined };

/** Members of an object, unchecked. */
export type Members = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// Of the methods that name something, the member that does.
const mirroredMembers: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);
const versionKey = 'io.modelcontextprotocol/protocolVersion';

/** Reads a line. */
export function readClientMessage(line: Uint8Array): ClientMessage {
  const value = parsed(line);
  if (value === undefined) return { kind: 'unreadable' };
  const message = membersOf(value);
  if (message === undefined) return { kind: 'malformed', id: undefined };
  const { id, method } = message;
  const params = membersOf(message['params']) ?? {};
  if (typeof method !== 'string') {
    // Nothing is ever asked of a client, so its answers answer nothing.
    const isAnswer = 'result' in message || 'error' in message;
    return isAnswer ? { kind: 'ignored' } : { kind: 'malformed', id: isId(id) ? id : undefined };
  }
  if (!('id' in message)) {
    return method === 'notifications/cancelled'
      ? { kind: 'cancellation', of: params['requestId'] }
      : { kind: 'ignored' };
  }
  return isId(id) ? { kind: 'request', id, method, params } : { kind: 'malformed', id: undefined };
}

/** The members of a value where it is an object; undefined otherwise. */
export function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** The version in a request's envelope; undefined in the era before there was one. */
export function envelopeVersion(params: Members): string | undefined {
  const version = membersOf(params['_meta'])?.[versionKey];
  return typeof version === 'string' ? version : undefined;
}

/**
 * The headers that go with a request over HTTP. Stdio has none, so they are made from the body.
 * @param handshakeVersion what the handshake ended with; undefined before it
 */
export function mirroringHeaders(
  { method, params }: Extract<ClientMessage, { kind: 'request' }>,
  handshakeVersion: string | undefined,
): Record<string, string> {
  const version = envelopeVersion(params);
  if (version === undefined) {
    const isLater = method !== 'initialize' && handshakeVersion !== undefined;
    return isLater ? { 'mcp-protocol-version': handshakeVersion } : {};
  }
  const name = params[mirroredMembers.get(method) ?? ''];
  return {
    'mcp-protocol-version': headerText(version),
    'mcp-method': headerText(method),
    ...(typeof name === 'string' ? { 'mcp-name': headerText(name) } : {}),
  };
}

// MCP 2026-07-28, streamable HTTP: what a header cannot hold as it is goes in Base64 between these marks.
function headerText(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?base64?');
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

function isId(value: unknown): value is MessageId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
}

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(line));
  } catch {
    return undefined;
  }
}
