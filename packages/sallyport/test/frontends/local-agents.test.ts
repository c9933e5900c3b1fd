// Who calls without a token: a local agent on the agents' socket, and nobody anywhere else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAgentFrontend } from '../../src/frontends/agent-frontend.ts';
import { type SocketListener, startSocketListener } from '../../src/net/listen.ts';
import { callOverSocket } from '../../src/net/socket-call.ts';
import { type Door, json, legacy, openDoor, send } from './door.ts';
import { goodToken, reply, scriptedPipeline } from './scripted-pipeline.ts';

const pipeline = scriptedPipeline();
const call = legacy('tools/call', { name: 'shop_refund', arguments: {} });
let folder: string;
let listener: SocketListener;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-local-'));
  pipeline.calls.length = 0;
  pipeline.answer = async () => reply('{}');
  listener = await startSocketListener({
    path: join(folder, 'agent.sock'),
    handler: createAgentFrontend({ pipeline, serverInfo: { name: 'sallyport', version: '0.0.0' }, via: 'socket' }),
    refused: () => {},
  });
});
afterEach(async () => {
  await listener.close(0);
  rmSync(folder, { recursive: true, force: true });
});

describe('on the socket', () => {
  it('is the agent of that name, and the audit can tell', async () => {
    expect(await over({ 'sallyport-agent': 'good' })).toMatchObject({ status: 200 });
    expect(pipeline.calls).toMatchObject([{ door: 'mcp via socket', token: { local: 'good' } }]);
  });

  it('may show a token there too', async () => {
    expect(await over({ authorization: `Bearer ${goodToken}` })).toMatchObject({ status: 200 });
    expect(pipeline.calls).toMatchObject([{ door: 'mcp via socket', token: goodToken }]);
  });

  it('is one caller: a name and a token together are refused, and so is neither', async () => {
    const both = await over({ 'sallyport-agent': 'good', authorization: `Bearer ${goodToken}` });
    expect([both, await over({})]).toMatchObject([{ status: 401 }, { status: 401 }]);
    expect(pipeline.calls).toEqual([]);
  });

  it.each(['other', 'GOOD', '', 'good ', '__proto__'])('is not an agent called %j', async (name) => {
    const answer = await over({ 'sallyport-agent': name.trim() === 'good' ? 'good,good' : name });
    expect(answer).toMatchObject({ status: 401 });
  });

  it('E11: comes in by the tools API as well, under the same name', async () => {
    const headers = { 'sallyport-agent': 'good', 'content-type': 'application/json' };
    const path = '/v1/operations/shop.refund/call';
    const answer = await callOverSocket(join(folder, 'agent.sock'), request(headers, '{}', path));
    expect(answer).toMatchObject({ status: 200 });
    expect(pipeline.calls).toMatchObject([{ door: 'tools-api via socket', token: { local: 'good' } }]);
  });
});

describe('F2: on the network', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it('a name means nothing, and does not come along with a token', async () => {
    const alone = await send(door, {
      ...call,
      headers: [...json, 'mcp-protocol-version', '2025-11-25', 'sallyport-agent', 'good'],
    });
    expect(alone.status).toBe(401);
    const beside = await send(door, { ...call, headers: [...(call.headers ?? []), 'sallyport-agent', 'other'] });
    expect(beside.status).toBe(200);
    expect(door.pipeline.calls).toMatchObject([{ door: 'mcp', token: goodToken }]);
  });
});

function over(headers: Record<string, string>) {
  const all = { 'content-type': 'application/json', 'mcp-protocol-version': '2025-11-25', ...headers };
  return callOverSocket(join(folder, 'agent.sock'), request(all, String(call.body), '/mcp'));
}

function request(headers: Record<string, string>, body: string, path: string) {
  return { method: 'POST', path, headers, body: Buffer.from(body), signal: new AbortController().signal } as const;
}
