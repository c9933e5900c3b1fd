// Contract: a config that points a credential elsewhere opens nothing until an operator has seen both targets and said yes.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let token: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  await server.stop();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

it('I7: sends a value to another place after a rebind only, and keeps a history of it', async () => {
  const call = async () => {
    const { status, body } = await sandbox.call(server, token, 'orders.read', { order_id: 7 });
    return status === 200 ? 'ok' : String(body['code']);
  };
  sandbox.writeConfig((text) => text.replace('place: bearer', 'place: { header: Authorization, prefix: "Bearer " }'));
  await sandbox.json(['reload']);
  expect(await call()).toBe('CREDENTIAL_TARGET_CHANGED');

  const asked = await sandbox.run(['credential', 'rebind', 'shop-api']);
  expect(asked.status).toBe(2);
  expect(asked.errors).toContain('as bearer');
  expect(asked.errors).toContain('--yes');
  expect(await call()).toBe('CREDENTIAL_TARGET_CHANGED');

  const { dueAtMs } = await sandbox.json(['credential', 'show', 'shop-api']);
  const rebound = await sandbox.json(['credential', 'rebind', 'shop-api', '--yes']);
  expect(rebound).toMatchObject({ version: 2, state: 'ready', dueAtMs });
  expect(await call()).toBe('ok');

  const { versions, records } = await sandbox.json(['credential', 'history', 'shop-api']);
  expect(versions).toMatchObject([
    { version: 1, state: 'retired' },
    { version: 2, state: 'current' },
  ]);
  const kinds = Array.isArray(records) ? records.map((record) => asRecord(record)['kind']) : [];
  expect(kinds).toEqual(['credential.added', 'credential.rebound', 'credential.added']);
  expect((await sandbox.run(['credential', 'history', 'nothing'])).errors).toContain('CREDENTIAL_UNKNOWN');
  expect((await sandbox.run(['credential', 'history', 'shop-api'])).output).toMatch(
    /rebound +version 1 became version 2: from http.* to http.*, value since \d{4}-/,
  );
});

it('destroys a value after a yes only, and asks before it unlocks anything', async () => {
  const asked = await sandbox.run(['credential', 'remove', 'shop-api']);
  expect(asked.status).toBe(2);
  expect(asked.errors).toContain('credential shop-api, version 2, goes to http');
  expect(asked.errors).toContain('--yes');
  expect((await sandbox.call(server, token, 'orders.read', { order_id: 7 })).status).toBe(200);
  expect(await sandbox.json(['credential', 'remove', 'shop-api', '--yes'])).toEqual({ removed: 'shop-api' });
  const { body } = await sandbox.call(server, token, 'orders.read', { order_id: 7 });
  expect(body['code']).toBe('CREDENTIAL_MISSING');
});
