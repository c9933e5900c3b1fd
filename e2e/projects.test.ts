// Contract: two projects that share a state by accident do not change each other's agents, and are told how to live apart.
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let token: string;
let other: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
  other = join(sandbox.folder, 'other', 'sallyport.yaml');
  mkdirSync(dirname(other));
  copyFileSync(sandbox.configFile, other);
}, 60_000);

afterAll(async () => {
  await server.stop();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

describe('a command with another config than the server on its state', () => {
  it.each([
    ['agent', 'revoke', 'support-bot'],
    ['agent', 'renew', 'support-bot'],
    ['session', 'open', 'support-bot'],
    ['credential', 'remove', 'shop-api', '--yes'],
    ['metrics', 'token'],
    ['reload'],
  ])('changes nothing: %s %s %s', async (...command) => {
    const { status, errors } = await sandbox.run([...command, '--config', other]);
    expect(status).toBe(2);
    expect(errors).toContain(`runs with ${sandbox.configFile}, not with ${other}: nothing was changed`);
    expect(errors).toMatch(/--name NAME.*--state FOLDER.*--config/);
    expect((await sandbox.call(server, token, 'orders.read', { order_id: 7 })).status).toBe(200);
  });

  it('answers questions with a word on whose answer it is', async () => {
    const { status, output, errors } = await sandbox.run(['status', '--json', '--config', other]);
    expect(status).toBe(0);
    expect(asRecord(asRecord(JSON.parse(output))['config'])['file']).toBe(sandbox.configFile);
    expect(errors.match(/this is about that one/g)).toHaveLength(1);
  });

  it.each([['up'], ['vault', 'create', '--key-file'], ['vault', 'unlock-by', 'key-file']])(
    'says whose the state is that it cannot have: %s %s',
    async (...command) => {
      const { status, errors } = await sandbox.run([...command, '--config', other]);
      expect([status, errors]).toEqual([1, expect.stringContaining(`process ${server.processId}; stop it first`)]);
      expect(errors).toContain(`it is the server of ${sandbox.configFile}, not of ${other}`);
      expect(errors).toContain('--name NAME');
      const again = await sandbox.run(command);
      expect(again.errors).toContain('it is the server of this config');
    },
  );

  it('is one by whatever way its file is reached', async () => {
    const link = join(sandbox.folder, 'link.yaml');
    symlinkSync(sandbox.configFile, link);
    const { status, errors } = await sandbox.run(['session', 'open', 'support-bot', '--config', link]);
    expect([status, errors]).toEqual([0, '']);
  });

  it('is not one that was neither given nor found', async () => {
    const bare = await sandbox.runIn(join(sandbox.folder, 'home'), ['session', 'open', 'support-bot']);
    expect([bare.status, bare.errors]).toEqual([0, '']);
    const found = await sandbox.runIn(dirname(other), ['session', 'open', 'support-bot']);
    expect([found.status, found.errors]).toEqual([2, expect.stringContaining(`not with ${other}`)]);
  });
});
