// Contract: what a process of the same user does to config, environment or signals does not turn Sallyport against its keys.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
}, 60_000);

afterEach(async () => {
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

describe('a hostile machine', () => {
  it('D16: a service URL that was edited gets no key', async () => {
    const token = await sandbox.token('support-bot');
    // Another port of the same host: somebody's own listener.
    sandbox.writeConfig((text) =>
      text.replace(`127.0.0.1:${sandbox.servicePort}`, `127.0.0.1:${sandbox.servicePort + 1}`),
    );
    const server = await sandbox.up();
    const { body } = await sandbox.call(server, token, 'orders.read', { order_id: 1 });
    expect(body['code']).toBe('CREDENTIAL_TARGET_CHANGED');
    expect((await sandbox.run(['status'])).output).toContain('was sealed for another target');
    expect(await server.stop()).toBe(0);
  });

  for (const [name, change] of [
    ['place', ['place: bearer', 'place: { header: x-key }']],
    ['host', ['http://127.0.0.1', 'http://localhost']],
  ] as const) {
    it(`D05, D16: an edited ${name} gets no key either`, async () => {
      const token = await sandbox.token('support-bot');
      sandbox.writeConfig((text) => text.replace(change[0], change[1]));
      const server = await sandbox.up();
      const { body } = await sandbox.call(server, token, 'orders.read', { order_id: 1 });
      expect(body['code']).toBe('CREDENTIAL_TARGET_CHANGED');
      await server.stop();
    });
  }

  it('A07: NODE_OPTIONS and loader variables have no effect on the server', async () => {
    const marker = join(sandbox.folder, 'loaded');
    const planted = join(sandbox.folder, 'planted.cjs');
    // The name of every process that loaded it, one for each line.
    writeFileSync(planted, `require('node:fs').appendFileSync(${JSON.stringify(marker)}, process.pid + '\\n')`);
    const env = sandbox.environment({
      NODE_OPTIONS: `--require=${planted}`,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      SSLKEYLOGFILE: join(sandbox.folder, 'keys'),
      HTTPS_PROXY: 'http://127.0.0.1:1',
    });
    const server = await sandbox.up({ env });
    // The launcher itself is an ordinary program of the user; what it starts is what holds the keys.
    expect(readFileSync(marker, 'utf8')).toBe(`${server.launcher.pid}\n`);
    expect(environmentOf(server)).not.toMatch(/NODE_|SSL|PROXY/);
    await server.stop();
  });

  it('L06: kill -USR1 opens no inspector', async () => {
    const server = await sandbox.up();
    // Two things keep it shut, and each has to be there: the signal is not listened to, and the permission model has no inspector.
    const flags = readFileSync(`/proc/${server.processId}/cmdline`, 'utf8').split('\0');
    expect(flags).toEqual(expect.arrayContaining(['--disable-sigusr1', '--permission']));
    process.kill(server.processId, 'SIGUSR1');
    server.launcher.kill('SIGUSR1');
    const token = await sandbox.token('support-bot');
    expect((await sandbox.call(server, token, 'orders.read', { order_id: 1 })).status).toBe(200);
    expect(await isOpen(9229)).toBe(false);
    await server.stop();
  });

  it('L03: neither arguments nor environment of server and launcher hold a secret', async () => {
    const server = await sandbox.up();
    const token = await sandbox.token('support-bot');
    expect((await sandbox.call(server, token, 'orders.read', { order_id: 1 })).status).toBe(200);
    const key = readFileSync(sandbox.keyFile, 'latin1');
    for (const processId of [server.processId, server.launcher.pid]) {
      for (const file of ['cmdline', 'environ']) {
        const bytes = readFileSync(`/proc/${processId}/${file}`);
        expect(bytes.length).toBeGreaterThan(10);
        expect(bytes.toString('latin1')).not.toContain(key.trim());
        expect(bytes.toString('latin1')).not.toContain(token);
        sandbox.saw(`${file} of a process`, bytes);
      }
    }
    expect(readFileSync(`/proc/${server.processId}/limits`, 'utf8')).toMatch(/Max core file size +0 /);
    await server.stop();
  });

  it('F2: state and socket are open to their user only', async () => {
    const server = await sandbox.up();
    expect(statSync(sandbox.stateFolder).mode & 0o077).toBe(0);
    for (const name of readdirSync(sandbox.stateFolder)) {
      expect([name, statSync(join(sandbox.stateFolder, name)).mode & 0o077]).toEqual([name, 0]);
    }
    expect(statSync(sandbox.keyFile).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  it('a second server on the same state is refused', async () => {
    const server = await sandbox.up();
    await expect(sandbox.up()).rejects.toThrow('STATE_LOCKED');
    await server.stop();
  });

  it('a value on the command line is not an option', async () => {
    const { status } = await sandbox.run(['credential', 'add', 'shop-api', '--value', 'x']);
    expect(status).toBe(2);
  });
});

function environmentOf(server: RunningServer): string {
  return readFileSync(`/proc/${server.processId}/environ`, 'utf8').replaceAll('\0', '\n');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
