// Contract: the official clients, of both generations, list and call tools of the packed package: over HTTP with a token, and over
// stdio through the bridge without one. The bridge waits for a server, and comes and goes with its client.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packedLauncher } from './packed-package.ts';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let added: Record<string, unknown>;
const open: { close(): Promise<void> }[] = [];
const bridges: ChildProcess[] = [];

beforeAll(async () => {
  sandbox = await Sandbox.create();
  sandbox.writeConfig((text) => text.replace('  support-bot:\n', '  support-bot:\n    local: true\n'));
  await sandbox.prepare();
  added = await sandbox.json(['agent', 'add', 'support-bot']);
  await sandbox.json(['agent', 'add', 'visitor']);
  server = await sandbox.up();
}, 60_000);

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
  for (const bridge of bridges.splice(0)) bridge.kill();
});

afterAll(async () => {
  await server.stop();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

describe('a local agent', () => {
  it('is named by status: what is weaker than the default is said', async () => {
    const { notices } = await sandbox.json(['status']);
    expect(JSON.stringify(notices)).toContain('agent support-bot needs no token on this machine');
    expect(JSON.stringify(notices)).not.toContain('agent visitor needs no token');
  });
});

describe('the snippets of agent add', () => {
  it('run the bridge, and hold no token', () => {
    const snippets = Array.isArray(added['snippets']) ? added['snippets'].map(asRecord) : [];
    expect(snippets.length).toBe(8);
    for (const { text } of snippets) {
      expect(text).toContain('sallyport.js');
      expect(text).not.toContain(String(added['token']));
    }
  });

  it('are for local agents only', async () => {
    const { snippets } = await sandbox.json(['agent', 'renew', 'visitor']);
    expect(snippets).toEqual([]);
    expect((await sandbox.run(['agent', 'renew', 'visitor'])).errors).toContain('local: true');
  });
});

describe.each([
  ['v1', 'http'],
  ['v2', 'http'],
  ['v2 of the older era', 'http'],
  ['v1', 'stdio'],
  ['v2', 'stdio'],
  ['v2 of the older era', 'stdio'],
])('the official client %s over %s', (generation, transport) => {
  it('lists tools, calls one, and sees a refusal', async () => {
    const client = await connected(generation, transport);
    // Of the two eras, the one that this client is here for.
    if (client instanceof Client) expect(client.getProtocolEra()).toBe(generation === 'v2' ? 'modern' : 'legacy');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('orders_by-customer');
    const result = await client.callTool({ name: 'orders_read', arguments: { order_id: 7 } });
    expect(result).toMatchObject({ isError: false, structuredContent: { id: 7 } });
    const refused = await client.callTool({ name: 'orders_read', arguments: { order_id: 7, more: 1 } });
    expect(JSON.stringify(refused)).toContain('INPUT_INVALID');
    sandbox.saw('what a client got', JSON.stringify([tools, result, refused]));
  });
});

describe('sallyport mcp', () => {
  it('E11: is recorded as the door that it is, with the same records as every other one', async () => {
    const client = await connected('v1', 'stdio');
    const result = await client.callTool({ name: 'orders_read', arguments: { order_id: 3 } });
    const call = asRecord(result._meta)['io.sallyport/call'];
    const { entries } = await sandbox.json(['audit', 'show', '--call', String(call)]);
    const records = Array.isArray(entries) ? entries.map((each) => asRecord(asRecord(each)['entry'])) : [];
    expect(records).toMatchObject([
      { kind: 'call.intent', door: 'mcp via socket', agent: 'support-bot' },
      { kind: 'call.outcome', result: 'ok' },
    ]);
  });

  it.each(['visitor', 'nobody'])('F2: is refused for %s, who is not local', async (agent) => {
    const { ask } = bridge(agent);
    expect(await ask('initialize', { protocolVersion: '2025-11-25' })).toMatchObject({
      error: { message: expect.stringContaining('no local agent') },
    });
  });

  it('F3: starts no process, writes nothing but messages, and ends with its client', async () => {
    const { child, ask, lines } = bridge('support-bot');
    await ask('initialize', { protocolVersion: '2025-11-25' });
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).toBe('');
    }
    const last = ask('tools/call', { name: 'orders_read', arguments: { order_id: 1 } });
    child.stdin?.end();
    expect(await last).toMatchObject({ result: { isError: false } });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(lines.every((line) => asRecord(JSON.parse(line))['jsonrpc'] === '2.0')).toBe(true);
  });

  it('F3: drops a line that is too long, and goes on', async () => {
    const { child, ask, lines } = bridge('support-bot');
    child.stdin?.write(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(3 * 1024 * 1024)}"}\n`);
    expect(await ask('initialize', { protocolVersion: '2025-06-18' })).toMatchObject({ result: {} });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { code: -32700 } });
  });

  it('says how it is used, with another status than an end', async () => {
    for (const args of [['mcp'], ['mcp', '--agent', 'a\nb'], ['mcp', '--agent', 'a', '--nonsense']]) {
      const child = spawnBridge(args);
      child.stdin?.end();
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2);
    }
  });

  it('stays without a server, says at each call what to do, and finds the next one', async () => {
    const { ask, next } = bridge('support-bot');
    await server.stop();
    expect(await ask('initialize', { protocolVersion: '2025-11-25' })).toMatchObject({
      result: { protocolVersion: '2025-11-25' },
    });
    const call = { name: 'orders_read', arguments: { order_id: 2 } };
    const refused = await ask('tools/call', call);
    expect(refused).toMatchObject({ result: { isError: true } });
    expect(JSON.stringify(refused)).toContain('sallyport up');
    const told = next('notifications/tools/list_changed');
    server = await sandbox.up();
    await told;
    expect(await ask('tools/call', call)).toMatchObject({ result: { isError: false } });
    await server.kill();
    expect(JSON.stringify(await ask('tools/call', call))).toContain('sallyport up');
    server = await sandbox.up();
    expect(await ask('tools/call', call)).toMatchObject({ result: { isError: false } });
  });

  it('E7: is over when an operator ends the agent', async () => {
    const { ask } = bridge('support-bot');
    await ask('initialize', { protocolVersion: '2025-11-25' });
    await sandbox.json(['agent', 'revoke', 'support-bot']);
    expect(await ask('tools/list')).toMatchObject({ error: { code: -31_401 } });
  });
});

async function connected(generation: string, transport: string) {
  const info = { name: 'test', version: '1' };
  const url = new URL(`${server.url}/mcp`);
  const options = { requestInit: { headers: { authorization: `Bearer ${String(added['token'])}` } } };
  const [command, args] = [process.execPath, [packedLauncher(), 'mcp', '--agent', 'support-bot']];
  const stdio = { command, args, env: sandbox.environment(), cwd: sandbox.folder };
  if (generation === 'v1') {
    const client = new ClientV1(info);
    open.push(client);
    await client.connect(transport === 'http' ? new TransportV1(url, options) : new StdioTransportV1(stdio));
    return client;
  }
  const client = new Client(info, generation === 'v2' ? { versionNegotiation: { mode: 'auto' } } : {});
  open.push(client);
  await client.connect(
    transport === 'http' ? new StreamableHTTPClientTransport(url, options) : new StdioClientTransport(stdio),
  );
  return client;
}

function spawnBridge(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [packedLauncher(), ...args], {
    env: sandbox.environment(),
    cwd: sandbox.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  bridges.push(child);
  child.stderr?.on('data', (bytes: Buffer) => sandbox.saw('standard error of the bridge', bytes));
  return child;
}

/** A client of few lines: requests, and the messages that come back. */
function bridge(agent: string) {
  const child = spawnBridge(['mcp', '--agent', agent]);
  const lines: string[] = [];
  const waiting = new Map<unknown, (message: Record<string, unknown>) => void>();
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
  const { stdin } = child;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    sandbox.saw('a line of the bridge', line);
    const message = asRecord(JSON.parse(line));
    waiting.get(message['id'] ?? message['method'])?.(message);
  });
  let id = 0;
  const next = (key: unknown) =>
    new Promise<Record<string, unknown>>((resolve) => {
      waiting.set(key, resolve);
    });
  const ask = (method: string, params: object = {}) => {
    id += 1;
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return next(id);
  };
  return { child, lines, ask, next };
}
