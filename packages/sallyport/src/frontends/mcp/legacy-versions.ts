// MCP 2025-11-25 and 2025-06-18: a handshake that nothing is kept of, then the same tools as ever. No sessions, no streams.
import { randomUUID } from 'node:crypto';
import { legacyMcpVersions } from '../../domain/mcp-versions.ts';
import type { HttpAnswer } from '../http-answer.ts';
import { instructions } from './instructions.ts';
import type { MethodCall, ProtocolVersion, RpcMethod } from './protocol-version.ts';
import { resultAnswer } from './rpc-answer.ts';
import { callTool, listedTools, requireOnly } from './tool-methods.ts';

const methods: ReadonlyMap<string, RpcMethod> = new Map([
  ['initialize', { mirroredName: null, serve: initialize }],
  ['ping', { mirroredName: null, serve: ping }],
  ['tools/list', { mirroredName: null, serve: listTools }],
  ['tools/call', { mirroredName: null, serve: callTool }],
]);

/** The revisions with a handshake, which serve the same methods. */
export const legacyVersions: readonly ProtocolVersion[] = legacyMcpVersions.map((version) => ({
  version,
  era: 'legacy',
  resultHead: '',
  methods,
}));

// What the client can do is not asked for: nothing is ever asked of it. Later requests say again which version they speak.
async function initialize(call: MethodCall): Promise<HttpAnswer> {
  call.pipeline.list(call.token);
  const members = [
    `"protocolVersion":"${call.version}","capabilities":{"tools":{}},"serverInfo":${call.serverInfo}`,
    `"instructions":${JSON.stringify(instructions)}`,
  ];
  const answer = resultAnswer(call.id, members.join(','));
  // Clients that open several streams want a session to open them in. It names nothing, and nobody looks at it again.
  return { ...answer, headers: [...answer.headers, 'mcp-session-id', randomUUID()] };
}

async function ping(call: MethodCall): Promise<HttpAnswer> {
  requireOnly(call.params, ['_meta']);
  call.pipeline.list(call.token);
  return resultAnswer(call.id, '');
}

async function listTools(call: MethodCall): Promise<HttpAnswer> {
  return resultAnswer(call.id, listedTools(call));
}
