// Contract: a call that is under way when the config is loaded anew ends as it was decided, with the connection that it was sent on.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let service: Server;
let token: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  const { value } = sandbox.plant('shop-api', `shop_${randomBytes(30).toString('base64url')}`, 5);
  await sandbox.json(['vault', 'create', '--key-file']);
  await sandbox.json(['credential', 'add', 'shop-api'], { input: value });
  // Answers nothing by itself: the tests do.
  service = createServer();
  service.listen(sandbox.servicePort, '127.0.0.1');
  await once(service, 'listening');
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  await server.stop();
  service.close();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

/** A call that has reached the service, and what ends it. */
async function callUnderWay() {
  const arrived = once(service, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const outcome = sandbox.call(server, token, 'orders.read', { order_id: 7 });
  const [, response] = await arrived;
  return {
    outcome,
    answer: (fields: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(fields)),
  };
}

async function intentOf(call: unknown): Promise<Record<string, unknown>> {
  const { entries } = await sandbox.json(['audit', 'show', '--call', String(call)]);
  return asRecord(asRecord(Array.isArray(entries) ? entries[0] : null)['entry']);
}

describe('a call that is under way while the config is loaded anew', () => {
  it('H4: ends under the snapshot that decided it, and the next call under the new one', async () => {
    const { outcome, answer } = await callUnderWay();
    sandbox.writeConfig((text) => text.replace(/reply: \[\/id, .*\]/, 'reply: [/id]'));
    const { isChanged, digest } = await sandbox.json(['reload']);
    expect(isChanged).toBe(true);

    const next = await callUnderWay();
    next.answer({ id: 7, status: 'new' });
    const after = await next.outcome;
    expect(after.body['result']).toEqual({ id: 7 });
    expect((await intentOf(after.body['call']))['configDigest']).toBe(digest);

    answer({ id: 7, status: 'old' });
    const before = await outcome;
    expect(before.status).toBe(200);
    expect(before.body['result']).toEqual({ id: 7, status: 'old' });
    expect((await intentOf(before.body['call']))['configDigest']).not.toBe(digest);
  });

  it('H4: ends although its grant was taken away, and is not made again', async () => {
    const { outcome, answer } = await callUnderWay();
    sandbox.writeConfig((text) => text.replace(/^ +- orders\.read\n/m, ''));
    await sandbox.json(['reload']);
    expect((await sandbox.call(server, token, 'orders.read', { order_id: 7 })).status).toBe(404);
    answer({ id: 7, status: 'old' });
    expect(await outcome).toMatchObject({ status: 200, body: { result: { id: 7 } } });
  });
});
