// What a call costs: the tools API and MCP against nginx as a proxy, the direct path, and the official SDK's server doing the same.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchOptions, type Contestant, measure, median, report } from './harness.ts';
import { startProxy, startService } from './lib/nginx.ts';
import { type BenchProcess, freePort, loadCore, serverCore, startOn } from './lib/processes.ts';
import { type BenchSallyport, startSallyport } from './lib/sallyport.ts';
import { foldProfiles, stageTable } from './lib/stages.ts';
import { type Load, type WrkResult, wrk } from './lib/wrk.ts';

const connections = 64;
const seconds = 4;
const payload = 'x'.repeat(1000);
const answer = JSON.stringify({ id: 1, data: 'y'.repeat(1000) });
const version = '2026-07-28';

const options = benchOptions();
const tools = binaries();
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
// Linux, statfs(2): a file system in memory would make every sync free.
const tmpfs = 0x01021994;
if (statfsSync(folder).type === tmpfs)
  throw new Error('the temporary folder is in memory: set TMPDIR to one on a disk');
const running: BenchProcess[] = [];
try {
  await run();
} finally {
  for (const each of running.toReversed()) await each.end();
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const ports = {
    service: await freePort(),
    proxy: await freePort(),
    sallyport: await freePort(),
    sdk: await freePort(),
  };
  const place = { binary: tools.nginx, folder };
  running.push(await startService({ ...place, port: ports.service, core: loadCore }, answer));
  running.push(await startProxy({ ...place, port: ports.proxy, core: serverCore }, ports.service));
  const sallyport = await startSallyport({
    folder,
    port: ports.sallyport,
    config: config(ports.sallyport, ports.service),
    secrets: { echo: 'bench_Zk3vQ9xW2mT7pL5rB8nD4cF6' },
    agent: 'bench',
  });
  running.push(sallyport.process);
  const sdkServer = fileURLToPath(new URL('./lib/sdk-server.ts', import.meta.url));
  const sdkCommand = [process.execPath, sdkServer, String(ports.sdk), `http://127.0.0.1:${ports.service}`];
  running.push(await startOn(serverCore, sdkCommand, ports.sdk));
  await compare(ports, sallyport);
}

async function compare(
  ports: { readonly service: number; readonly proxy: number; readonly sdk: number },
  sallyport: BenchSallyport,
): Promise<void> {
  const body = JSON.stringify({ payload });
  const json = { 'content-type': 'application/json' };
  const own = { ...json, authorization: `Bearer ${sallyport.token}` };
  const direct: Load = { url: `http://127.0.0.1:${ports.service}/echo`, headers: json, body };
  const call: Load = { url: `${sallyport.url}/v1/operations/echo.post/call`, headers: own, body };
  const loads = [
    direct,
    { ...direct, url: `http://127.0.0.1:${ports.proxy}/echo` },
    call,
    mcpLoad(`${sallyport.url}/mcp`, own),
    mcpLoad(`http://127.0.0.1:${ports.sdk}/mcp`, json),
  ] as const;
  const [, proxied, , mcp, sdk] = loads;
  const contestants: readonly Contestant[] = [
    rate('direct', direct),
    rate('nginx as proxy', proxied),
    rate('Sallyport, tools API', call),
    rate('Sallyport, MCP', mcp),
    rate('SDK v2 server', sdk),
    alone('direct, one connection', direct),
    alone('tools API, one connection', call),
    { name: 'a sync of the disk', unit: 'ms', round: () => Promise.resolve(medianSyncMs()) },
  ];
  // wrk looks at the status only: an error within a 200 would count as a call.
  for (const load of loads) await requireAnswer(load);
  const measured = await measure(contestants, options.rounds);
  const of = (name: string): number => measured.medians[name] ?? Number.NaN;
  const syncMs = of('a sync of the disk');
  const metrics = {
    'call.ratio_nginx': of('Sallyport, tools API') / of('nginx as proxy'),
    'call.added_minus_syncs_ms_p50': of('tools API, one connection') - of('direct, one connection') - 2 * syncMs,
    'call.sync_ms': syncMs,
    'mcp.ratio_sdk': of('Sallyport, MCP') / of('SDK v2 server'),
  };
  const stages = await stageMetrics(call, sallyport);
  report({ name: 'call', contestants, measured, metrics: { ...metrics, ...stages } }, options);
}

// A second server of the same installation, under the profiler: what a stage costs is read there, never in the server that is compared.
async function stageMetrics(call: Load, sallyport: BenchSallyport): Promise<Record<string, number>> {
  await sallyport.process.end();
  const profiles = join(folder, 'profiles');
  const program = fileURLToPath(new URL('./lib/profiled-server.ts', import.meta.url));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, '--cpu-prof-interval=200'];
  const command = [process.execPath, ...flags, program, sallyport.configFile];
  const server = await startOn(serverCore, command, sallyport.port, sallyport.environment);
  await loaded(call, connections);
  const fromUs = Number(process.hrtime.bigint() / 1000n);
  const { perSecond } = await loaded(call, connections);
  const toUs = Number(process.hrtime.bigint() / 1000n);
  await server.end();
  const times = foldProfiles(profiles, fromUs, toUs);
  const calls = perSecond * seconds;
  process.stdout.write(stageTable(times, calls));
  const keyOf = (name: string): string => `stage.${name.replaceAll(/[^a-zA-Z]+/g, '_')}_us`;
  return Object.fromEntries(Array.from(times, ([name, us]) => [keyOf(name), us / calls]));
}

function rate(name: string, load: Load): Contestant {
  return { name, unit: 'calls/s', round: async () => (await loaded(load, connections)).perSecond };
}

function alone(name: string, load: Load): Contestant {
  return { name, unit: 'ms p50', round: async () => (await loaded(load, 1)).p50Ms };
}

async function loaded(load: Load, count: number): Promise<WrkResult> {
  return await wrk(tools.wrk, load, { connections: count, seconds, folder });
}

async function requireAnswer({ url, headers, body }: Load): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers, body: body.replace('@ID@', '1') });
  const text = await response.text();
  if (!text.includes('yyyy') || text.includes('"isError":true'))
    throw new Error(`${url} answered: ${text.slice(0, 300)}`);
}

// Each call has a JSON-RPC id of its own: servers answer one at a time when ids repeat.
function mcpLoad(url: string, headers: Readonly<Record<string, string>>): Load {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'echo_post', arguments: { payload }, _meta: meta };
  return {
    url,
    headers: {
      ...headers,
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      'mcp-method': 'tools/call',
      'mcp-name': 'echo_post',
    },
    body: `{"jsonrpc":"2.0","id":@ID@,"method":"tools/call","params":${JSON.stringify(params)}}`,
  };
}

function config(port: number, servicePort: number): string {
  return `
services:
  echo: { type: http, url: 'http://127.0.0.1:${servicePort}', trust: loopback, credential: echo, place: bearer }
credentials:
  echo: { kind: token, max-lifetime: 7d }
operations:
  echo.post:
    service: echo
    effect: write
    description: Posts a payload.
    input: { payload: { type: string, maxLength: 2000 } }
    http: { method: POST, path: /echo, body: { payload: $payload } }
    reply: [/id, /data]
agents:
  bench: { token: { max-lifetime: 7d }, session: { max-lifetime: 1d }, may: [echo.post] }
listen: { port: ${port} }
`;
}

// What one durable write costs on the disk of the state.
function medianSyncMs(): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const record = Buffer.alloc(300, 'x');
  const times = Array.from({ length: 300 }, () => {
    const startedAt = performance.now();
    writeSync(file, record);
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  return median(times);
}

function binaries(): { readonly nginx: string; readonly wrk: string } {
  const available: unknown = JSON.parse(process.env['SALLYPORT_TEST_SERVERS'] ?? '{}');
  const binary = (name: string): string => {
    const entry: unknown =
      typeof available === 'object' && available !== null ? Reflect.get(available, name) : undefined;
    const path: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'binary') : undefined;
    if (typeof path !== 'string') throw new Error(`${name} is not here: run this through \`npm run bench -- call\``);
    return path;
  };
  return { nginx: binary('nginx'), wrk: binary('wrk') };
}
