// MCP 2026-07-28, the stateless revision: discover, list the tools that the agent may call, call one.
import { SallyportError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json-value.ts';
import type { ListedOperation } from '../../domain/reply.ts';
import type { HttpAnswer } from '../http-answer.ts';
import { readIdempotencyKey } from './envelope.ts';
import type { MethodCall, ProtocolVersion } from './protocol-version.ts';
import { resultAnswer } from './rpc-answer.ts';
import { asObject } from './rpc-message.ts';
import { outcomeAnswer } from './tool-result.ts';

const version = '2026-07-28';

// What an agent may see depends on its grants, and a grant may end at any time.
const uncached = '"ttlMs":0,"cacheScope":"private"';

/** The revision of 2026-07-28 as far as it is served: tools, nothing else. */
export const version20260728: ProtocolVersion = {
  version,
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
    `"resultType":"complete","supportedVersions":["${version}"],"capabilities":{"tools":{}}`,
    `"instructions":"Every tool is an approved operation. Credentials are placed by the proxy: never ask for, send or expect one."`,
    `${uncached},"_meta":{${call.serverMeta}}`,
  ];
  return resultAnswer(call.id, members.join(','));
}

async function listTools(call: MethodCall): Promise<HttpAnswer> {
  // All tools are on the first page, so no cursor was ever handed out.
  requireOnly(call.params, ['_meta']);
  const tools = call.pipeline.list(call.token).map(toolOf);
  return resultAnswer(
    call.id,
    `"resultType":"complete","tools":${JSON.stringify(tools)},${uncached},"_meta":{${call.serverMeta}}`,
  );
}

function toolOf(listed: ListedOperation): object {
  return {
    name: listed.tool,
    title: listed.operation,
    description: listed.description,
    inputSchema: listed.inputSchema,
    annotations: { readOnlyHint: listed.effect === 'read', destructiveHint: listed.effect === 'destroy' },
  };
}

async function callTool(call: MethodCall): Promise<HttpAnswer> {
  const { params, pipeline } = call;
  // `inputResponses` and `requestState` answer questions that were never asked here.
  requireOnly(params, ['name', 'arguments', '_meta']);
  const tool = params['name'];
  if (typeof tool !== 'string') throw new SallyportError('REQUEST_PARAMS', 'params.name must name a tool');
  const input = Object.hasOwn(params, 'arguments') ? asObject(params['arguments']) : {};
  if (input === undefined) throw new SallyportError('REQUEST_PARAMS', 'params.arguments must be an object');
  const outcome = await pipeline.call({
    door: 'mcp',
    token: call.token,
    name: { tool },
    input,
    idempotencyKey: readIdempotencyKey(params),
    signal: call.signal(),
  });
  return outcomeAnswer(call, outcome);
}

function requireOnly(params: JsonObject, names: readonly string[]): void {
  if (Object.keys(params).every((name) => names.includes(name))) return;
  throw new SallyportError('REQUEST_PARAMS', `params may hold ${names.join(', ')} and nothing else here`);
}
