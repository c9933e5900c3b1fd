// The agents' door on a real listener, and requests as raw as a test needs them.
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { createAgentFrontend } from '../../src/frontends/agent-frontend.ts';
import { overHttp } from '../../src/net/http-door.ts';
import { startListener } from '../../src/net/listen.ts';
import { goodToken, type ScriptedPipeline, scriptedPipeline } from './scripted-pipeline.ts';

export interface Door {
  readonly port: number;
  readonly pipeline: ScriptedPipeline;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  /** Flat list, as it goes on the wire; content-length is added. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

const serverInfo = { name: 'sallyport', version: '0.0.0' };

/** Behind the guard of the listener, as in production. */
export async function openDoor(options: { bodyTimeoutMs?: number } = {}): Promise<Door> {
  const pipeline = scriptedPipeline();
  const listener = await startListener({
    address: { host: '127.0.0.1', port: 0, hostNames: [], tls: null },
    handler: createAgentFrontend({ pipeline, serverInfo, ...options }),
    refused: (error) => pipeline.refusedAtDoor(error),
  });
  return { port: listener.port, pipeline, close: () => listener.close(0) };
}

/** Without the guard: what the front door itself does with a request. */
export async function openUnguardedDoor(): Promise<Door> {
  const pipeline = scriptedPipeline();
  const server = createServer(overHttp(createAgentFrontend({ pipeline, serverInfo })));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: typeof address === 'object' && address !== null ? address.port : 0, pipeline, close };
}

export function send(door: Door, { method = 'POST', path = '/mcp', headers = [], body = '' }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const list = ['host', `127.0.0.1:${door.port}`, ...headers];
    if (body.length > 0) list.push('content-length', String(Buffer.byteLength(body)));
    const outgoing = httpRequest({ port: door.port, host: '127.0.0.1', method, path, headers: list, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.end(body);
  });
}

/** Bytes in, every byte that came back until the server closed; it must have a reason to. */
export function sendBytes(door: Door, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(door.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.write(bytes);
  });
}

export const authorization = ['authorization', `Bearer ${goodToken}`] as const;
export const json = ['content-type', 'application/json'] as const;

/** A modern MCP request with everything that it must have. */
export function rpc(
  method: string,
  params: object = {},
  id: unknown = 1,
): { jsonrpc: string } & Record<string, unknown> {
  return { jsonrpc: '2.0', id, method, params: { _meta: envelope, ...params } };
}

export const version = '2026-07-28';
export const envelope = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export function mcpHeaders(method: string, name?: string): readonly string[] {
  const accept = ['accept', 'application/json, text/event-stream'];
  const mirrored = ['mcp-protocol-version', version, 'mcp-method', method];
  return [...authorization, ...json, ...accept, ...mirrored, ...(name === undefined ? [] : ['mcp-name', name])];
}

/** A message of the legacy era: no envelope, and one header with the version, but for the handshake. */
export function legacy(method: string, params?: object, header: string | undefined = '2025-11-25'): Sent {
  const accept = ['accept', 'application/json, text/event-stream'];
  const named = header === undefined || method === 'initialize' ? [] : ['mcp-protocol-version', header];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) });
  return { headers: [...authorization, ...json, ...accept, ...named], body };
}

/** A tool call as the official client sends it. */
export function toolCall(tool: string, input: object = {}): Sent {
  return {
    headers: mcpHeaders('tools/call', tool),
    body: JSON.stringify(rpc('tools/call', { name: tool, arguments: input })),
  };
}

/** A request of any method without parameters. */
export function mcpRequest(method: string, id: unknown = 1): Sent {
  return { headers: mcpHeaders(method), body: JSON.stringify(rpc(method, {}, id)) };
}

export function withToken(sent: Sent, token: string): Sent {
  return { ...sent, headers: replaced(sent.headers ?? [], 'authorization', `Bearer ${token}`) };
}

/** The headers with another value for one of them, or without it. */
export function replaced(headers: readonly string[], name: string, value: string | undefined): readonly string[] {
  const at = headers.indexOf(name);
  return [...headers.slice(0, at), ...(value === undefined ? [] : [name, value]), ...headers.slice(at + 2)];
}

/** Everything of an answer but the time. */
export function comparable({ status, headers, text }: Answer): object {
  return { status, headers: { ...headers, date: undefined }, text };
}
