// What a start costs with 1,000 credentials and 500 operations: time until a first call is answered, cold and with the cached catalogue, and memory.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { benchOptions, type Contestant, measure, report } from './harness.ts';
import { fillVault } from './lib/fill-vault.ts';
import { largeConfig } from './lib/large-config.ts';
import { freePort } from './lib/processes.ts';

const size = { credentials: 1000, operations: 500 };
const settledMs = 10_000;
const launcher = fileURLToPath(new URL('../packages/sallyport/bin/sallyport.js', import.meta.url));

const options = benchOptions();
const folder = mkdtempSync(join(tmpdir(), 'sallyport-start-'));
const service = createServer((request, response) => {
  request
    .resume()
    .on('end', () => response.setHeader('content-type', 'application/json').end('{"id":1,"data":"done"}'));
});
try {
  await run();
} finally {
  service.close();
  service.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const ports = { listen: await freePort(), service: await freePort() };
  await new Promise<void>((resolve) => service.listen(ports.service, '127.0.0.1', resolve));
  const config = join(folder, 'project', 'sallyport.yaml');
  mkdirSync(join(folder, 'project'));
  writeFileSync(config, largeConfig(size, ports));
  // As it is before the first start: vault, values and token are there, and nothing is cached.
  const fresh = join(folder, 'fresh');
  mkdirSync(fresh, { mode: 0o700 });
  const token = await fillVault({ config, home: fresh, credentials: size.credentials, agent: 'bench' });
  const contestants: readonly Contestant[] = [
    {
      name: 'cold start',
      unit: 'ms',
      round: () => withHome(fresh, async (home) => (await start({ config, home, token, port: ports.listen })).ms),
    },
    {
      name: 'start with the cached catalogue',
      unit: 'ms',
      round: () =>
        withHome(fresh, async (home) => {
          await start({ config, home, token, port: ports.listen });
          return (await start({ config, home, token, port: ports.listen })).ms;
        }),
    },
    {
      name: 'resident 10 s after a cold start',
      unit: 'MB',
      round: () =>
        withHome(fresh, async (home) => (await start({ config, home, token, port: ports.listen, settledMs })).rssMb),
    },
    {
      name: 'resident 10 s after a start with the cached catalogue',
      unit: 'MB',
      round: () =>
        withHome(fresh, async (home) => {
          await start({ config, home, token, port: ports.listen });
          return (await start({ config, home, token, port: ports.listen, settledMs })).rssMb;
        }),
    },
  ];
  const measured = await measure(contestants, options.rounds);
  const [cold, warm, rss, warmRss] = contestants.map(({ name }) => measured.medians[name] ?? Number.NaN);
  const metrics = {
    'start.cold_ms': cold ?? Number.NaN,
    'start.warm_ms': warm ?? Number.NaN,
    'start.rss_mb': rss ?? Number.NaN,
    'start.warm_rss_mb': warmRss ?? Number.NaN,
  };
  report({ name: 'start', contestants, measured, metrics }, options);
}

async function withHome(fresh: string, use: (home: string) => Promise<number>): Promise<number> {
  const home = join(folder, 'home');
  rmSync(home, { recursive: true, force: true });
  cpSync(fresh, home, { recursive: true, preserveTimestamps: true });
  return await use(home);
}

interface Start {
  readonly config: string;
  readonly home: string;
  readonly token: string;
  readonly port: number;
  readonly settledMs?: number;
}

// Serving means that a call has come back, so that work which was only put off is counted too.
async function start(options: Start): Promise<{ readonly ms: number; readonly rssMb: number }> {
  const { config, home, token, port } = options;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [launcher, 'up', '--json', '--config', config], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const over = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const processId = await ready(child);
    await call(port, token);
    const ms = performance.now() - startedAt;
    if (options.settledMs !== undefined) await delay(options.settledMs);
    return { ms, rssMb: residentMb(processId) };
  } finally {
    child.kill('SIGTERM');
    await over;
  }
}

async function ready(child: ChildProcess): Promise<number> {
  if (child.stdout === null || child.stderr === null) throw new Error('no output');
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString('utf8')));
  for await (const line of createInterface({ input: child.stdout })) {
    const facts: unknown = JSON.parse(line);
    const processId: unknown =
      typeof facts === 'object' && facts !== null ? Reflect.get(facts, 'processId') : undefined;
    if (typeof processId === 'number') return processId;
  }
  throw new Error(`the server did not start: ${errors.join('')}`);
}

async function call(port: number, token: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/operations/s${size.operations - 1}.do/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ customer: 'c-1' }),
  });
  const text = await response.text();
  if (!text.includes('"done"')) throw new Error(`the first call was answered: ${text.slice(0, 300)}`);
}

// Linux tells it in a file; other systems through ps, in KiB as well.
function residentMb(processId: number): number {
  const text =
    process.platform === 'linux'
      ? (/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1] ?? '')
      : spawnSync('ps', ['-o', 'rss=', '-p', String(processId)], { encoding: 'utf8' }).stdout;
  return (Number(text) * 1024) / 1_000_000;
}
