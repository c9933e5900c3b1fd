// While no server runs the bridge stays: a client that has just started gets its handshake, and every call the word on what to do.
import { modernMcpVersion, negotiatedMcpVersion } from '../domain/mcp-versions.ts';
import { type ClientMessage, envelopeVersion } from './client-message.ts';
import { ownErrorLine, resultLine } from './server-line.ts';

/** Name and version that clients see. */
export interface BridgeInfo {
  readonly name: string;
  readonly version: string;
}

const unavailable = 503;

/** The answer to a request that reached no server; `why` says what to do. */
export function lineWithoutServer(
  { id, method, params }: Extract<ClientMessage, { kind: 'request' }>,
  info: BridgeInfo,
  why: string,
): string {
  const isModern = envelopeVersion(params) !== undefined;
  const head = isModern ? { resultType: 'complete' } : {};
  const meta = isModern ? { _meta: { 'io.modelcontextprotocol/serverInfo': info } } : {};
  if (method === 'tools/call') {
    return resultLine(id, { ...head, content: [{ type: 'text', text: why }], isError: true, ...meta });
  }
  if (isModern) {
    if (method !== 'server/discover') return ownErrorLine(id, unavailable, why);
    const supportedVersions = [modernMcpVersion];
    const capabilities = { tools: {} };
    return resultLine(id, { ...head, supportedVersions, capabilities, ttlMs: 0, cacheScope: 'private', ...meta });
  }
  if (method === 'ping') return resultLine(id, {});
  const version = method === 'initialize' ? negotiatedMcpVersion(params['protocolVersion']) : undefined;
  if (version === undefined) return ownErrorLine(id, unavailable, why);
  // Nobody could list the tools: the client is told when there are some.
  const capabilities = { tools: { listChanged: true } };
  return resultLine(id, { protocolVersion: version, capabilities, serverInfo: info, instructions: why });
}
