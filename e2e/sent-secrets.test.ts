// Contract: an agent that sends a credential's value finds it nowhere in what is kept and shown, and notices nothing (I1, I11).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let token: string;
let value: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  ({ value } = await sandbox.prepare());
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

it('I1: is in no details of a record and in no approval, with and without a server', async () => {
  const refund = { order_id: 7, amount_cents: 9_000, reason: `see ${value}` };
  const held = await sandbox.call(server, token, 'refunds.create', refund);
  const id = String(asRecord(held.body['approval'])['id']);
  const shown = await sandbox.run(['approval', 'show', id]);
  expect(shown.output).toContain('"reason":"see [redacted]"');
  expect(shown.output).toContain('! the input holds the value of a credential');
  expect(shown.output).toContain('with       the credential shop-api\n');
  await sandbox.json(['approval', 'allow', id]);
  // The yes is for the input as it came.
  const made = await sandbox.call(server, token, 'refunds.create', refund);
  expect(made.status).toBe(200);
  expect(sandbox.received.at(-1)).toMatchObject({ path: '/refunds' });
  await sandbox.call(server, token, `orders.${value}`, {});
  const { output } = await sandbox.run(['audit', 'show', '--details']);
  expect(output).toContain('"reason":"see [redacted]"');
  expect(output).toContain('"name":"orders.[redacted]"');
  await server.stop();
  expect((await sandbox.run(['approval', 'show', id])).output).toContain('"reason":"see [redacted]"');
  expect((await sandbox.json(['approval', 'show', id]))['isRedacted']).toBe(true);
}, 60_000);
