// POST /mcp: one JSON-RPC message in, one JSON answer out, and nothing kept in between.
import type { Presented } from '../../domain/agent.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { JsonObject, JsonValue } from '../../domain/json-value.ts';
import { mcpVersions } from '../../domain/mcp-versions.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import { doorOf, readCaller } from '../caller.ts';
import { asSallyportError, type Exchange, type FrontendOptions, type Route } from '../exchange.ts';
import { readJsonBody } from '../json-body.ts';
import { headerOf } from '../request-headers.ts';
import { requireJsonAccepted } from './accept.ts';
import { requireEnvelope } from './envelope.ts';
import { requireEncodedMirror, requireMirror } from './mirrored-headers.ts';
import type { MethodCall, ProtocolVersion, RpcMethod } from './protocol-version.ts';
import { errorAnswer, inBand, versionAnswer } from './rpc-answer.ts';
import { type RpcId, type RpcRequest, readRpcMessage, rpcIdOf } from './rpc-message.ts';
import { isServedOrAbsent, type Selection, selectVersion } from './select-version.ts';

/** Serves the Model Context Protocol over streamable HTTP. */
export function createMcpRoute(options: FrontendOptions): Route {
  const endpoint: Endpoint = {
    ...options,
    serverInfoText: JSON.stringify(options.serverInfo),
  };
  return {
    method: 'POST',
    serve: (exchange) => {
      requireJsonAccepted(exchange.headers);
      const token = readCaller(exchange);
      const body = readJsonBody(exchange, () => endpoint.pipeline.list(token));
      const serve = (value: JsonValue) => serveMessage(endpoint, { ...exchange, token }, value);
      return body instanceof Promise ? body.then(serve) : serve(body);
    },
    refuse: (error) => errorAnswer(error),
  };
}

interface Endpoint extends FrontendOptions {
  readonly serverInfoText: string;
}

interface McpExchange extends Exchange {
  readonly token: Presented;
}

// From here on the id is known: a refusal carries it.
async function serveMessage(endpoint: Endpoint, exchange: McpExchange, body: JsonValue): Promise<HttpAnswer> {
  try {
    const message = readRpcMessage(body);
    if (message.kind === 'notification') return acceptNotification(endpoint, exchange);
    return await serveRequest(endpoint, exchange, message);
  } catch (caught) {
    const error = asSallyportError(caught);
    endpoint.pipeline.refusedAtDoor(error);
    return errorAnswer(error, rpcIdOf(body));
  }
}

function serveRequest(
  endpoint: Endpoint,
  exchange: McpExchange,
  message: RpcRequest,
): Promise<HttpAnswer> | HttpAnswer {
  const selection = selectVersion(message, exchange.headers);
  if (selection.served === undefined) return refuseVersion(endpoint, message.id, selection);
  if (selection.served.era === 'modern') return serveModern(endpoint, exchange, { message, version: selection.served });
  return serveLegacy(endpoint, exchange, { message, version: selection.served });
}

interface VersionedRequest {
  readonly message: RpcRequest;
  readonly version: ProtocolVersion;
}

function serveModern(
  endpoint: Endpoint,
  exchange: McpExchange,
  { message, version }: VersionedRequest,
): Promise<HttpAnswer> {
  const { headers } = exchange;
  requireEnvelope(message);
  requireMirror('Mcp-Method', headerOf(headers, 'mcp-method'), message.method);
  const method = methodOf(version, message);
  const name = method.mirroredName === null ? undefined : mirrored(message.params, method.mirroredName);
  requireEncodedMirror('Mcp-Name', headerOf(headers, 'mcp-name'), name);
  return method.serve(methodCall(endpoint, exchange, { message, version }));
}

// The older revisions mirror nothing but the version, and their clients take an HTTP error for a broken connection.
async function serveLegacy(endpoint: Endpoint, exchange: McpExchange, request: VersionedRequest): Promise<HttpAnswer> {
  try {
    const method = methodOf(request.version, request.message);
    return await method.serve(methodCall(endpoint, exchange, request));
  } catch (caught) {
    const error = asSallyportError(caught);
    endpoint.pipeline.refusedAtDoor(error);
    return inBand(errorAnswer(error, request.message.id));
  }
}

function methodOf(version: ProtocolVersion, message: RpcRequest): RpcMethod {
  const method = version.methods.get(message.method);
  if (method === undefined) throw new SallyportError('REQUEST_NOT_FOUND', 'this method is not served; tools are');
  return method;
}

function methodCall(
  { pipeline, serverInfoText }: Endpoint,
  { token, via, request }: McpExchange,
  { message, version }: VersionedRequest,
): MethodCall {
  return {
    pipeline,
    serverInfo: serverInfoText,
    token,
    door: doorOf('mcp', via),
    version: version.version,
    resultHead: version.resultHead,
    id: message.id,
    params: message.params,
    request,
  };
}

function mirrored(params: JsonObject, member: string): string | undefined {
  const value = params[member];
  if (value === undefined || typeof value === 'string') return value;
  throw new SallyportError('REQUEST_PARAMS', `params.${member} must be a string`);
}

function refuseVersion(endpoint: Endpoint, id: RpcId, { requested, supported }: Unserved): HttpAnswer {
  const error = unservedVersion();
  endpoint.pipeline.refusedAtDoor(error);
  // Only what looks like a version is said back.
  const shown = requested !== undefined && /^[\w.-]{1,40}$/.test(requested) ? requested : 'none';
  return versionAnswer(error, id, { supported, requested: shown });
}

type Unserved = Extract<Selection, { readonly served: undefined }>;

function unservedVersion(): SallyportError {
  return new SallyportError(
    'REQUEST_VERSION',
    `this server speaks MCP ${mcpVersions.join(', ')}; name one of them in the MCP-Protocol-Version header`,
  );
}

// No notification means anything here, but only a known agent is told that it was taken.
function acceptNotification(endpoint: Endpoint, exchange: McpExchange): HttpAnswer {
  if (!isServedOrAbsent(exchange.headers)) throw unservedVersion();
  endpoint.pipeline.list(exchange.token);
  return { status: 202, contentType: null, body: '', headers: [] };
}
