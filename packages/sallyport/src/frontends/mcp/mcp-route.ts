// POST /mcp: one JSON-RPC message in, one JSON answer out, and nothing kept in between.
import { SallyportError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import { readBearerToken } from '../bearer-token.ts';
import { asSallyportError, type Exchange, type FrontendOptions, type Route } from '../exchange.ts';
import { abortedWhenClientLeaves, type HttpAnswer } from '../http-answer.ts';
import { readJsonBody } from '../json-body.ts';
import { requireJsonAccepted } from './accept.ts';
import { requestedVersion, requireEnvelope } from './envelope.ts';
import { requireEncodedMirror, requireMirror } from './mirrored-headers.ts';
import type { ProtocolVersion } from './protocol-version.ts';
import { errorAnswer, versionAnswer } from './rpc-answer.ts';
import { type RpcRequest, readRpcMessage, rpcIdOf } from './rpc-message.ts';
import { version20260728 } from './version-2026-07-28.ts';

const versions: ReadonlyMap<string, ProtocolVersion> = new Map([[version20260728.version, version20260728]]);

/** Serves the Model Context Protocol over streamable HTTP. */
export function createMcpRoute(options: FrontendOptions): Route {
  const endpoint: Endpoint = {
    ...options,
    serverMeta: `"io.modelcontextprotocol/serverInfo":${JSON.stringify(options.serverInfo)}`,
  };
  return {
    method: 'POST',
    serve: async (exchange) => {
      requireJsonAccepted(exchange.headers);
      const token = readBearerToken(exchange.headers);
      const body = await readJsonBody(exchange, () => endpoint.pipeline.list(token));
      return serveMessage(endpoint, { ...exchange, token }, body);
    },
    refuse: (error) => errorAnswer(error),
  };
}

interface Endpoint extends FrontendOptions {
  readonly serverMeta: string;
}

interface McpExchange extends Exchange {
  readonly token: string;
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

async function serveRequest(endpoint: Endpoint, exchange: McpExchange, message: RpcRequest): Promise<HttpAnswer> {
  const { headers, response, token } = exchange;
  const { pipeline, serverMeta } = endpoint;
  const version = selectVersion(exchange, message);
  if (version.served === undefined) return refuseVersion(endpoint, message, version.requested);
  requireEnvelope(message);
  requireMirror('Mcp-Method', headers['mcp-method'], message.method);
  const method = version.served.methods.get(message.method);
  if (method === undefined) throw new SallyportError('REQUEST_NOT_FOUND', 'this method is not served; tools are');
  const { id, params } = message;
  const name = method.mirroredName === null ? undefined : mirrored(params[method.mirroredName]);
  requireEncodedMirror('Mcp-Name', headers['mcp-name'], name);
  return method.serve({ pipeline, serverMeta, token, id, params, signal: () => abortedWhenClientLeaves(response) });
}

function mirrored(value: JsonValue | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new SallyportError('REQUEST_PARAMS', 'params.name must be a string');
}

type Selection =
  | { readonly served: ProtocolVersion }
  | { readonly served: undefined; readonly requested: string | undefined };

function selectVersion(exchange: McpExchange, message: RpcRequest): Selection {
  // The handshake of 2025-11-25 and before has no `_meta`: it asks for its version in the parameters.
  if (message.method === 'initialize') {
    const requested = message.params['protocolVersion'];
    return { served: undefined, requested: typeof requested === 'string' ? requested : undefined };
  }
  const requested = requestedVersion(message, exchange.headers);
  const served = versions.get(requested ?? '');
  return served === undefined ? { served, requested } : { served };
}

function refuseVersion(endpoint: Endpoint, message: RpcRequest, requested: string | undefined): HttpAnswer {
  const supported = [...versions.keys()];
  const error = new SallyportError(
    'REQUEST_VERSION',
    `this server speaks MCP ${supported.join(', ')}; send it in the MCP-Protocol-Version header and in params._meta`,
  );
  endpoint.pipeline.refusedAtDoor(error);
  // Only what looks like a version is said back.
  const shown = requested !== undefined && /^[\w.-]{1,40}$/.test(requested) ? requested : 'none';
  return versionAnswer(error, message.id, { supported, requested: shown });
}

// No notification means anything here, but only a known agent is told that it was taken.
function acceptNotification(endpoint: Endpoint, exchange: McpExchange): HttpAnswer {
  endpoint.pipeline.list(exchange.token);
  return { status: 202, contentType: null, body: '', headers: [] };
}
