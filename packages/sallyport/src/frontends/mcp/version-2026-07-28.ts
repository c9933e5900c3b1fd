// MCP 2026-07-28, the stateless revision: discover, list the tools that the agent may call, call one.
import { modernMcpVersion } from '../../domain/mcp-versions.ts';
import type { HttpAnswer } from '../http-answer.ts';
import { instructions } from './instructions.ts';
import type { MethodCall, ProtocolVersion } from './protocol-version.ts';
import { resultAnswer } from './rpc-answer.ts';
import { callTool, listedTools, requireOnly } from './tool-methods.ts';

// What an agent may see depends on its grants, and a grant may end at any time.
const uncached = '"ttlMs":0,"cacheScope":"private"';

/** The revision of 2026-07-28 as far as it is served: tools, nothing else. */
export const version20260728: ProtocolVersion = {
  version: modernMcpVersion,
  era: 'modern',
  resultHead: '"resultType":"complete",',
  methods: new Map([
    ['server/discover', { mirroredName: null, serve: discover }],
    ['tools/list', { mirroredName: null, serve: listTools }],
    ['tools/call', { mirroredName: 'name', serve: callTool }],
  ]),
};

async function discover(call: MethodCall): Promise<HttpAnswer> {
  requireOnly(call.params, ['_meta']);
  // Only a known agent is told anything: this is where a client with a bad token finds out.
  call.pipeline.list(call.token);
  const members = [
    `${call.resultHead}"supportedVersions":["${call.version}"],"capabilities":{"tools":{}}`,
    `"instructions":${JSON.stringify(instructions)}`,
    `${uncached},${serverMeta(call)}`,
  ];
  return resultAnswer(call.id, members.join(','));
}

async function listTools(call: MethodCall): Promise<HttpAnswer> {
  return resultAnswer(call.id, `${call.resultHead}${listedTools(call)},${uncached},${serverMeta(call)}`);
}

function serverMeta({ serverInfo }: MethodCall): string {
  return `"_meta":{"io.modelcontextprotocol/serverInfo":${serverInfo}}`;
}
