// Contract: a stop says what it waits for, a second signal waits no longer, and no call is left without a word on how it ended.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithServer } from '../test/servers.ts';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';
import { atTerminal } from './terminal.ts';

let sandbox: Sandbox;
let service: Server;
let token: string;
let received: () => void = () => {};

beforeAll(async () => {
  sandbox = await Sandbox.create();
  const secret = sandbox.plant('shop-api', `shop_${randomBytes(30).toString('base64url')}`, 5);
  await sandbox.json(['vault', 'create', '--key-file']);
  await sandbox.json(['credential', 'add', 'shop-api'], { input: secret.value });
  token = await sandbox.token('support-bot');
  // A service that never answers.
  service = createServer(() => received());
  await new Promise<void>((resolve) => service.listen(sandbox.servicePort, '127.0.0.1', resolve));
}, 60_000);

afterAll(async () => {
  service.closeAllConnections();
  service.close();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

/** A server with one call in flight that would never end by itself. */
async function busyServer(): Promise<{
  server: RunningServer;
  call: Promise<unknown>;
  said: (text: string) => Promise<string>;
}> {
  const server = await sandbox.up();
  const arrived = new Promise<void>((resolve) => {
    received = resolve;
  });
  const call = sandbox.call(server, token, 'orders.read', { order_id: 7 }).catch(() => undefined);
  await arrived;
  return { server, call, said: (text) => untilSaid(server, text) };
}

function untilSaid({ launcher }: RunningServer, text: string): Promise<string> {
  return new Promise((resolve) => {
    let log = '';
    launcher.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      const line = log.split('\n').find((each, index, all) => each.includes(text) && index < all.length - 1);
      if (line !== undefined) resolve(line);
    });
  });
}

describe('stopping', () => {
  it('says how many calls it waits for, how long, and that a second signal cuts them; which is then recorded', async () => {
    const { server, call, said } = await busyServer();
    const stopping = said('stopping');
    server.launcher.kill('SIGINT');
    expect(await stopping).toBe(
      'stopping: 1 call in flight may take up to 10s to end; Ctrl-C again cuts and records what is left',
    );
    expect(await server.stop('SIGINT')).toBe(0);
    await call;
    const { entries } = await sandbox.json(['audit', 'show', '--kind', 'call.outcome', '--limit', '1']);
    expect(entries).toMatchObject([{ entry: { result: 'cut', code: 'CALL_CUT' } }]);
    expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true, open: 0 });
  });

  it('says no more than that where nothing is in flight', async () => {
    const server = await sandbox.up();
    const stopping = untilSaid(server, 'stopping');
    expect(await server.stop('SIGINT')).toBe(0);
    expect(await stopping).toBe('stopping');
  });

  it('H6: by force leaves a call that verify counts, and that the next start closes', async () => {
    const { server, call } = await busyServer();
    await server.kill();
    await call;
    const { status, output } = await sandbox.run(['audit', 'verify']);
    expect([status, output]).toEqual([0, expect.stringContaining('- 1 call has an intent and no outcome yet')]);
    expect(output).toContain('whose next start closes them as indeterminate');
    expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true, open: 1 });
    await (await sandbox.up()).stop();
    expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true, open: 0 });
    const { entries } = await sandbox.json(['audit', 'show', '--kind', 'call.outcome', '--limit', '1']);
    expect(asRecord(Array.isArray(entries) ? asRecord(entries[0])['entry'] : {})).toMatchObject({
      result: 'indeterminate',
    });
  });
});

/** Kind and result of the newest records, oldest first. */
async function newestRecords(limit: number): Promise<readonly unknown[]> {
  const { entries } = await sandbox.json(['audit', 'show', '--limit', String(limit)]);
  return (Array.isArray(entries) ? entries : []).map((each) => {
    const { kind, result } = asRecord(asRecord(each)['entry']);
    return [kind, result];
  });
}

describe('audit tail', () => {
  it('shows the end of the server as well: calls that were cut, and the last record', async () => {
    const { server, call, said } = await busyServer();
    const tail = spawn(process.execPath, sandbox.commandLine(['audit', 'tail', '--limit', '1']).slice(1), {
      env: sandbox.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let shown = '';
    let told = '';
    tail.stderr.on('data', (chunk: Buffer) => (told += String(chunk)));
    const isFollowing = new Promise<void>((resolve) => {
      tail.stdout.on('data', (chunk: Buffer) => {
        shown += String(chunk);
        resolve();
      });
    });
    await isFollowing;
    const stopping = said('stopping');
    server.launcher.kill('SIGINT');
    await stopping;
    expect(await server.stop('SIGINT')).toBe(0);
    await call;
    expect(await new Promise((resolve) => tail.once('close', resolve))).toBe(0);
    expect(shown).toMatch(/call\.outcome .*\n.* server\.stopped/);
    expect(told).toContain('the server has ended, so no record will follow');
  }, 60_000);
});

describe('a server that nobody reads', () => {
  it('goes on when its output and its log have lost their readers, and ends with its records', async () => {
    const server = await sandbox.up();
    server.launcher.stdout?.destroy();
    server.launcher.stderr?.destroy();
    for (let round = 0; round < 3; round += 1) {
      expect((await sandbox.call(server, token, 'orders.nothing', {})).status).toBe(404);
    }
    expect(await server.stop()).toBe(0);
    expect(await newestRecords(1)).toEqual([['server.stopped', undefined]]);
  });
});

describeWithServer('script', 'a server whose terminal is closed', ({ binary }) => {
  it('ends in order: the call in flight has its outcome, and the end its record', async () => {
    const up = atTerminal(binary, sandbox.commandLine(['up']), sandbox.environment({ TERM: 'xterm' }));
    await up.until('/mcp');
    const { server } = await sandbox.json(['status']);
    const { url, processId } = asRecord(server);
    const arrived = new Promise<void>((resolve) => {
      received = resolve;
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const address = `${String(url)}/v1/operations/orders.read/call`;
    const call = fetch(address, { method: 'POST', headers, body: '{"order_id":7}' }).catch(() => undefined);
    await arrived;
    up.child.kill('SIGKILL');
    await call;
    await expect.poll(() => isAlive(Number(processId)), { timeout: 20_000 }).toBe(false);
    expect(await newestRecords(2)).toEqual([
      // Its own deadline may end it a moment before the stop cuts it.
      ['call.outcome', expect.stringMatching(/^(cut|failed)$/)],
      ['server.stopped', undefined],
    ]);
  }, 60_000);
});

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
