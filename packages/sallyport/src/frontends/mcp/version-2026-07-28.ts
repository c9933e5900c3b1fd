// MCP 2026-07-28, the stateless revision: discover, list the tools that the agent may call, call one.
import { modernMcpVersion } from '../../domain/mcp-versions.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import { callToolOrAsk } from './approval-question.ts';
import { capabilities, emptyCompletion, emptyList, emptyLists, missingItems } from './empty-features.ts';
import { instructions } from './instructions.ts';
import type { MethodCall, ProtocolVersion, RpcMethod } from './protocol-version.ts';
import { resultAnswer } from './rpc-answer.ts';
import { listedTools, requireOnly } from './tool-methods.ts';

// What an agent may see depends on its grants, and a grant may end at any time.
const uncached = '"ttlMs":0,"cacheScope":"private"';

/** The revision of 2026-07-28 as far as it is served: tools, nothing else. */
export const version20260728: ProtocolVersion = {
  version: modernMcpVersion,
  era: 'modern',
  resultHead: '"resultType":"complete",',
  methods: new Map<string, RpcMethod>([
    ['server/discover', { mirroredName: null, serve: discover }],
    ['tools/list', listMethod(listedTools)],
    ['tools/call', { mirroredName: 'name', serve: callToolOrAsk }],
    ['completion/complete', { mirroredName: null, serve: complete }],
    ...missingItems,
    ...emptyLists.map(([method, member]) => [method, listMethod((call) => emptyList(call, member))] as const),
  ]),
};

async function discover(call: MethodCall): Promise<HttpAnswer> {
  requireOnly(call.params, ['_meta']);
  // Only a known agent is told anything: this is where a client with a bad token finds out.
  call.pipeline.list(call.token);
  const members = [
    `${call.resultHead}"supportedVersions":["${call.version}"],"capabilities":${capabilities}`,
    `"instructions":${JSON.stringify(instructions)}`,
    `${uncached},${serverMeta(call)}`,
  ];
  return resultAnswer(call.id, members.join(','));
}

async function complete(call: MethodCall): Promise<HttpAnswer> {
  return resultAnswer(call.id, `${call.resultHead}${emptyCompletion(call)},${serverMeta(call)}`);
}

function listMethod(listed: (call: MethodCall) => string): RpcMethod {
  const serve = async (call: MethodCall): Promise<HttpAnswer> =>
    resultAnswer(call.id, `${call.resultHead}${listed(call)},${uncached},${serverMeta(call)}`);
  return { mirroredName: null, serve };
}

function serverMeta({ serverInfo }: MethodCall): string {
  return `"_meta":{"io.modelcontextprotocol/serverInfo":${serverInfo}}`;
}
