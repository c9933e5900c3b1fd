// Contract: a config that is loaded anew comes into force whole or not at all, while calls run.
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShopDatabase } from '../examples/shop/database.ts';
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

const withoutRead = (text: string): string => text.replace(/^ +- orders\.read\n/m, '');

async function notices(): Promise<string> {
  const { notices: all } = await sandbox.json(['status']);
  return JSON.stringify(all);
}

async function readsOrder(): Promise<number> {
  return (await sandbox.call(server, token, 'orders.read', { order_id: 7 })).status;
}

describe('sallyport reload', () => {
  it('D06: says in status that the file was changed, and takes the change when asked', async () => {
    expect(await readsOrder()).toBe(200);
    sandbox.writeConfig(withoutRead);
    expect(await notices()).toContain('run `sallyport reload`');
    expect(await readsOrder()).toBe(200);
    const reloaded = await sandbox.json(['reload']);
    expect(reloaded['isChanged']).toBe(true);
    expect(await readsOrder()).toBe(404);
    expect(await notices()).not.toContain('reload');
    const { entries } = await sandbox.json(['audit', 'show', '--kind', 'config.loaded']);
    const last = Array.isArray(entries) ? asRecord(asRecord(entries.at(-1))['entry']) : {};
    expect(asRecord(last['facts'])['digest']).toBe(reloaded['digest']);
  });

  it('keeps the last good config, says why, and answers commands although the file is broken', async () => {
    sandbox.writeConfig((text) => `${text}\nnonsense: 1\n`);
    const { status, errors } = await sandbox.run(['reload']);
    expect(status).toBe(1);
    expect(errors).toMatch(/CONFIG_INVALID[\s\S]*sallyport\.yaml:\d+:\d+ unknown key `nonsense`/);
    expect(await notices()).toContain('the last good one is');
    expect(await readsOrder()).toBe(404);
  });

  it('keeps the last good config when a statement does not compile, and says so in status', async () => {
    sandbox.writeConfig((text) => text.replace(/from orders\b/, 'from no_such_table'));
    expect((await sandbox.run(['reload'])).status).toBe(1);
    expect(await notices()).toContain('was refused');
  });

  it('keeps the last good config when the file is gone, and says so', async () => {
    renameSync(sandbox.configFile, `${sandbox.configFile}.away`);
    const told = await notices();
    renameSync(`${sandbox.configFile}.away`, sandbox.configFile);
    expect(told).toContain(`the config ${sandbox.configFile} is gone`);
    expect(told).not.toContain('has errors');
  });

  it('says that listen keeps its old value', async () => {
    sandbox.writeConfig((text) => text.replace(`listen: { port: ${sandbox.port} }`, 'listen: { port: 1 }'));
    const { notices: told } = await sandbox.json(['reload']);
    expect(JSON.stringify(told)).toContain('restart');
    expect(await readsOrder()).toBe(200);
    expect(await notices()).toContain('`listen` cannot change');
  });

  it('loads the config anew by a signal to the launcher', async () => {
    sandbox.writeConfig(withoutRead);
    server.launcher.kill('SIGHUP');
    await expect.poll(readsOrder, { timeout: 10_000 }).toBe(404);
  });

  it('says that a new certificate needs a restart, which may read it', async () => {
    const certificate = new URL('../packages/sallyport/test/fixtures/tls/ca.pem', import.meta.url);
    copyFileSync(certificate, join(sandbox.folder, 'project', 'ca.pem'));
    const service =
      'services:\n  other: { type: http, url: https://other.example, credential: none, trust: { ca: ./ca.pem } }\n';
    sandbox.writeConfig((text) => text.replace('services:\n', service));
    const { errors } = await sandbox.run(['reload']);
    expect(errors).toContain('restart it, and it will be');
  });

  it('takes a new SQLite file', async () => {
    createShopDatabase(join(sandbox.folder, 'project', 'data', 'second.db'));
    sandbox.writeConfig((text) => text.replace('data/shop.db', 'data/second.db'));
    expect((await sandbox.json(['reload']))['isChanged']).toBe(true);
    expect(await readsOrder()).toBe(200);
  });

  it('says what to do when no server runs', async () => {
    const other = join(sandbox.folder, 'other-state');
    writeFileSync(join(sandbox.folder, 'unused'), '');
    const { status, errors } = await sandbox.run(['reload', '--state', other]);
    expect(status).toBe(1);
    expect(errors).toContain('sallyport up');
  });
});
