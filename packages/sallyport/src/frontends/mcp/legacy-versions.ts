// MCP 2025-11-25 and 2025-06-18: a handshake that nothing is kept of, then the same tools as ever. No sessions, no streams.
import { randomUUID } from 'node:crypto';
import { SallyportError } from '../../domain/errors.ts';
import { legacyMcpVersions } from '../../domain/mcp-versions.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import { capabilities, emptyCompletion, emptyList, emptyLists, missingItems } from './empty-features.ts';
import { instructions } from './instructions.ts';
import type { MethodCall, ProtocolVersion, RpcMethod } from './protocol-version.ts';
import { resultAnswer } from './rpc-answer.ts';
import { callTool, listedTools, requireOnly } from './tool-methods.ts';

const methods: ReadonlyMap<string, RpcMethod> = new Map<string, RpcMethod>([
  ['initialize', { mirroredName: null, serve: initialize }],
  ['ping', { mirroredName: null, serve: ping }],
  ['logging/setLevel', { mirroredName: null, serve: setLevel }],
  ['tools/list', listMethod(listedTools)],
  ['tools/call', { mirroredName: null, serve: callTool }],
  ['completion/complete', listMethod(emptyCompletion)],
  ...missingItems,
  ...emptyLists.map(([method, member]) => [method, listMethod((call) => emptyList(call, member))] as const),
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
    `"protocolVersion":"${call.version}","capabilities":${capabilities},"serverInfo":${call.serverInfo}`,
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

// Clients set a level without being asked to; no message of any level is ever sent.
async function setLevel(call: MethodCall): Promise<HttpAnswer> {
  requireOnly(call.params, ['level', '_meta']);
  if (typeof call.params['level'] !== 'string')
    throw new SallyportError('REQUEST_PARAMS', 'params.level must be a string');
  call.pipeline.list(call.token);
  return resultAnswer(call.id, '');
}

function listMethod(listed: (call: MethodCall) => string): RpcMethod {
  return { mirroredName: null, serve: async (call) => resultAnswer(call.id, listed(call)) };
}
