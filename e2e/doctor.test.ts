// Contract: doctor names everything that is wrong with an installation, says what to do, and sends nothing to anybody.
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
}, 60_000);

afterAll(async () => {
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

async function findings(...options: readonly string[]) {
  const { status, output } = await sandbox.run(['doctor', '--json', ...options]);
  const { findings: all } = asRecord(JSON.parse(output));
  const texts = Array.isArray(all) ? all.map((each) => Object.values(asRecord(each)).join(' | ')) : [];
  return { status, text: texts.join('\n') };
}

describe('sallyport doctor', () => {
  it('finds a sound installation sound, in process', async () => {
    const { status, text } = await findings();
    expect(text).not.toContain('| fail |');
    expect(status).toBe(0);
    expect(text).toMatch(/level \| warn \| L0/);
    expect(text).toContain('vault | ok | unlocked by key-file');
    expect(text).toContain('service shop-api | ok');
    expect(text).toContain('service shop-db | ok | the database can be read');
    expect(text).toContain('core dumps | ok');
    expect(text).toContain('clock | ok');
    expect(text).toMatch(/runtime \| ok \| Node \S+, OpenSSL \S+, SQLite \S+/);
    expect(text).toContain('reached without TLS (trust: loopback) | nothing, if it is meant so');
  });

  it('looks at the server that runs', async () => {
    const server = await sandbox.up();
    const { status, text } = await findings();
    await server.stop();
    expect(text).toContain('server | ok | runs under the permission model');
    expect(status).toBe(0);
    expect(sandbox.received).toEqual([]);
  });

  it('fails for a config that others may change, and a database that is not there', async () => {
    const database = join(sandbox.folder, 'project', 'data', 'shop.db');
    chmodSync(sandbox.configFile, 0o666);
    renameSync(database, `${database}.away`);
    const { status, text } = await findings();
    renameSync(`${database}.away`, database);
    chmodSync(sandbox.configFile, 0o644);
    expect(status).toBe(1);
    expect(text).toMatch(/files \| fail \| others may change .*sallyport\.yaml/);
    expect(text).toContain('service shop-db | fail');
    expect(text).toMatch(/config \| fail \| .* has (1 error|\d+ errors) /);
  });

  it('fails for a service that cannot be reached', async () => {
    sandbox.writeConfig((text) => text.replace(`127.0.0.1:${sandbox.servicePort}`, '127.0.0.1:1'));
    const { text } = await findings();
    sandbox.writeConfig((same) => same);
    expect(text).toMatch(/service shop-api \| fail \| .*UPSTREAM_UNREACHABLE/);
  });

  it('says why a state cannot be opened', async () => {
    chmodSync(sandbox.stateFolder, 0o755);
    const { status, text } = await findings();
    chmodSync(sandbox.stateFolder, 0o700);
    expect(status).toBe(1);
    expect(text).toContain('state | fail | the state cannot be opened (STATE_UNSAFE)');
  });

  it('fails where there is no vault yet, and says how one is made', async () => {
    const { status, text } = await findings('--state', join(sandbox.folder, 'no-vault-here'));
    expect(status).toBe(1);
    expect(text).toContain('vault | fail | there is none yet | run `sallyport vault create`');
  });
});
