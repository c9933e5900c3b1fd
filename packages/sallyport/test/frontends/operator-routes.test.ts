// Contract: nothing that an operator may do can be done at an agent's door, whatever the agent sends and whoever it says it is.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdminApi } from '../../src/admin/admin-api.ts';
import type { AdminContext } from '../../src/admin/admin-context.ts';
import { createAgentFrontend } from '../../src/frontends/agent-frontend.ts';
import { type SocketListener, startSocketListener } from '../../src/net/listen.ts';
import { socketHost } from '../../src/net/listener-guard.ts';
import { authorization, type Door, json, mcpHeaders, openDoor, rpc, send, toolCall } from './door.ts';
import { goodToken, scriptedPipeline } from './scripted-pipeline.ts';

// Making routes asks nothing of the context: a list of them needs none.
const routes = createAdminApi({} as AdminContext)
  .routes.filter(({ method, path }) => method !== 'ALL' && path !== '/*')
  .map(({ method, path }) => ({ method, path: path.replace(/:\w+/g, '019a0000-0000-7000-8000-000000000001') }));
/** An agent may look at its own request; the door asks the pipeline, which knows whose it is. */
const agentsOwn = 'GET /v1/approvals/019a0000-0000-7000-8000-000000000001';
const spoofed = ['x-sallyport-operator', 'root', 'x-forwarded-for', '127.0.0.1', 'x-remote-user', 'root'];

let door: Door;
let folder: string;
let socket: SocketListener;
const overSocket = scriptedPipeline();

beforeEach(async () => {
  door = await openDoor();
  folder = mkdtempSync(join(tmpdir(), 'sallyport-agent-'));
  const serverInfo = { name: 'sallyport', version: '0.0.0' };
  socket = await startSocketListener({
    path: join(folder, 'agent.sock'),
    handler: createAgentFrontend({ pipeline: overSocket, serverInfo, via: 'socket' }),
    refused: () => {},
  });
});

afterEach(async () => {
  await door.close();
  await socket.close(0);
  rmSync(folder, { recursive: true, force: true });
});

describe('an agent', () => {
  it('A04, A05: finds none of the routes of operators at its doors', async () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toContain(
      'POST /v1/approvals/019a0000-0000-7000-8000-000000000001/allow',
    );
    for (const { method, path } of routes.filter((route) => `${route.method} ${route.path}` !== agentsOwn)) {
      const body = method === 'GET' ? '' : '{}';
      const sent = { method, path, headers: [...authorization, ...json, ...spoofed], body };
      expect([path, (await send(door, sent)).status]).toEqual([path, 404]);
      expect([path, await statusOverSocket(method, path, body)]).toEqual([path, 404]);
    }
    expect([...door.pipeline.calls, ...overSocket.calls]).toEqual([]);
  });

  it('A04: has no method and no tool that approves', async () => {
    for (const method of ['approvals/allow', 'approval/decide', 'elicitation/create', 'tools/approve']) {
      const answer = await send(door, { headers: mcpHeaders(method), body: JSON.stringify(rpc(method)) });
      expect(JSON.parse(answer.text).error.code).toBe(-32601);
    }
    const listed = await send(door, { headers: mcpHeaders('tools/list'), body: JSON.stringify(rpc('tools/list')) });
    const { tools } = JSON.parse(listed.text).result;
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(['orders_by-customer', 'shop_refund']);
    const answer = await send(door, toolCall('sallyport_approve', { id: '019a0000-0000-7000-8000-000000000001' }));
    expect(JSON.parse(answer.text).error.code).toBe(-32602);
  });

  it('A04: is who its token says, whatever else it sends', async () => {
    const headers = [...mcpHeaders('tools/call', 'shop_refund'), ...spoofed, 'sallyport-agent', 'other'];
    await send(door, { ...toolCall('shop_refund', { agent: 'other' }), headers });
    expect(door.pipeline.calls).toMatchObject([{ token: goodToken }]);
  });
});

function statusOverSocket(method: string, path: string, body: string): Promise<number | undefined> {
  const length = { 'content-type': 'application/json', 'content-length': body.length };
  const headers = { host: socketHost, authorization: `Bearer ${goodToken}`, ...length };
  const socketPath = join(folder, 'agent.sock');
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, headers, agent: false }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end(body);
  });
}
