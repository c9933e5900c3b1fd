// Contract: a service that answers against the rules harms neither the agent nor the next call, and both doors decide alike.

import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaks } from '../test/oracle.ts';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let service: Server;
let token: string;
let answer: (request: string, socket: Socket) => void;
const requests: string[] = [];
const key = `shop_${randomBytes(30).toString('base64url')}`;

const good = reply('HTTP/1.1 200 OK', ['Content-Type: application/json'], '{"id":1,"status":"fine"}');

beforeAll(async () => {
  sandbox = await Sandbox.create();
  sandbox.plant('key', key, 5);
  await sandbox.json(['vault', 'create', '--key-file']);
  await sandbox.json(['credential', 'add', 'shop-api'], { input: key });
  service = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      requests.push(chunk.toString('latin1'));
      answer(chunk.toString('latin1'), socket);
    });
  });
  await new Promise<void>((resolve) => service.listen(sandbox.servicePort, '127.0.0.1', resolve));
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  await server.stop();
  service.close();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

function reply(status: string, headers: readonly string[], body: string): string {
  return [status, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

async function readOrder(): Promise<{ status: number; code: unknown; text: string }> {
  const { status, body, text } = await sandbox.call(server, token, 'orders.read', { order_id: 1 });
  return { status, code: body['code'], text };
}

/** Status of a call whose headers name another one of them as hop-by-hop; fetch cannot send that. */
function statusNaming(header: string): Promise<number | undefined> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    connection: `close, ${header}`,
    te: header,
  };
  const path = '/v1/operations/orders.read/call';
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: sandbox.port, method: 'POST', path, headers };
    request(options, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end('{"order_id":1}');
  });
}

describe('a hostile service', () => {
  const smuggled: Readonly<Record<string, string>> = {
    'length and chunks together':
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}',
    'a second reply behind the first': `${good}${reply('HTTP/1.1 200 OK', ['Content-Type: application/json'], '{"id":2,"status":"smuggled"}')}`,
    'no HTTP at all': 'hello\r\n\r\n',
    'a NUL in a header': 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}',
    'headers without end': `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`,
  };
  for (const [name, bytes] of Object.entries(smuggled)) {
    it(`C7: that sends ${name} poisons no other call`, async () => {
      answer = (_, socket) => socket.write(bytes);
      const first = await readOrder();
      expect(first.text).not.toContain('smuggled');
      expect(first.status === 200 || String(first.code).startsWith('UPSTREAM_')).toBe(true);
      answer = (_, socket) => socket.write(good);
      for (let nth = 0; nth < 3; nth += 1) expect((await readOrder()).text).toContain('"status":"fine"');
    });
  }

  it('C10: that sets cookies or breaks headers reaches the agent with none of it', async () => {
    const headers = ['Content-Type: application/json', 'Set-Cookie: session=1', 'X-Injected: a%0d%0aSet-Cookie: b'];
    answer = (_, socket) => socket.write(reply('HTTP/1.1 200 OK', headers, '{"id":1,"status":"a\\r\\nSet-Cookie: c"}'));
    const response = await fetch(`${server.url}/v1/operations/orders.read/call`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"order_id":1}',
    });
    // Ours and no other: nothing of a reply's headers is handed on unless the operation lists it.
    expect([...response.headers.keys()].toSorted()).toEqual([
      'cache-control',
      'connection',
      'content-length',
      'content-type',
      'date',
      'keep-alive',
      'x-content-type-options',
    ]);
    expect(response.status).toBe(200);
    const { result } = asRecord(JSON.parse(await response.text()));
    expect(result).toEqual({ id: 1, status: 'a\r\nSet-Cookie: c' });
  });

  for (const status of ['301 Moved', '302 Found', '307 Temporary Redirect', '308 Permanent Redirect']) {
    it(`C8, D07: that redirects with ${status} is not followed`, async () => {
      const before = requests.length;
      const location = `Location: http://127.0.0.1:${sandbox.servicePort}/elsewhere?k=${key}`;
      answer = (_, socket) => socket.write(reply(`HTTP/1.1 ${status}`, [location], ''));
      expect((await readOrder()).code).toBe('UPSTREAM_REDIRECT');
      expect(requests.length).toBe(before + 1);
    });
  }

  it('R02, G6: that prints the key in status text, errors and headers shows none of it', async () => {
    answer = (_, socket) =>
      socket.write(
        reply(`HTTP/1.1 500 broken ${key}`, [`X-Key: ${key}`, 'Content-Type: text/html'], `<h1>${key}</h1>`),
      );
    expect((await readOrder()).code).toBe('UPSTREAM_REFUSED');
  });

  it('D14: the agent cannot make the proxy drop the credential as a hop-by-hop header', async () => {
    answer = (_, socket) => socket.write(good);
    const before = requests.length;
    expect(await statusNaming('authorization')).toBe(200);
    expect(requests).toHaveLength(before + 1);
    expect(requests.at(-1)?.match(/^authorization: .*$/gim)).toEqual([`authorization: Bearer ${key}`]);
    expect(requests.at(-1)).not.toMatch(/^(te|connection):.*authorization/im);
  });

  it('D18: a credential that the agent sends along is not forwarded', async () => {
    answer = (_, socket) => socket.write(good);
    const foreign = {
      'x-api-key': 'sk_live_of_somebody_else',
      cookie: 'session=attacker',
      'proxy-authorization': 'Basic eA==',
    };
    await sandbox.call(server, token, 'orders.read', { order_id: 1 }, foreign);
    expect(requests.at(-1)).not.toMatch(/sk_live_of|attacker|proxy-authorization/i);
    expect(requests.at(-1)).toContain(`authorization: Bearer ${key}`);
  });

  it('D15, E1: no byte of the token of an agent reaches it, whatever it is copied into', async () => {
    answer = (_, socket) => socket.write(good);
    await sandbox.call(
      server,
      token,
      'orders.read',
      { order_id: 1 },
      { 'x-copy': token, referer: `http://x/${token}` },
    );
    await sandbox.call(server, token, 'refunds.create', { order_id: 1, amount_cents: 1, reason: 'late' });
    expect(requests.at(-2)).toMatch(/^GET \/orders\/1 /);
    expect(requests.at(-1)).toMatch(/^POST \/refunds /);
    expect(leaks(requests.join('\n'), [{ name: 'token', value: token, unguessableFrom: 'spt_'.length }])).toEqual([]);
  });

  it('D4: operators, line breaks and formulas in values stay values', async () => {
    answer = (_, socket) => socket.write(good);
    const reason = '{"$ne":null}\r\nBcc: x@example.com\r\n=IMAGE("//x")';
    await sandbox.call(server, token, 'refunds.create', { order_id: 1, amount_cents: 1, reason });
    const body = asRecord(JSON.parse(requests.at(-1)?.split('\r\n\r\n').at(-1) ?? ''));
    expect(body).toEqual({ order_id: 1, amount_cents: 1, reason });
  });
});

describe('a value that is added while calls run', () => {
  it('V05: never reaches an agent, not even before the match tables know it', async () => {
    answer = (request, socket) => {
      const authorization = /authorization: (.*)\r\n/i.exec(request)?.[1] ?? '';
      socket.write(reply('HTTP/1.1 200 OK', ['Content-Type: application/json'], JSON.stringify({ authorization })));
    };
    const fresh = `shop_${randomBytes(30).toString('base64url')}`;
    sandbox.plant('fresh key', fresh, 5);
    let isAdded = false;
    const seen = new Set<string>();
    // Thousands of replies: kept apart from the sandbox's evidence, and without what differs in each.
    const echo = async (): Promise<void> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const url = `${server.url}/v1/operations/debug.echo/call`;
      const text = await (await fetch(url, { method: 'POST', headers, body: '{}' })).text();
      seen.add(text.replace(/"call":"[^"]*"/, ''));
    };
    const echoes = Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let after = 0; after < 20; after += isAdded ? 1 : 0) await echo();
      }),
    );
    await sandbox.json(['credential', 'add', 'shop-api'], { input: fresh });
    isAdded = true;
    await echoes;
    expect([...seen]).toEqual(['{,"result":{"authorization":"Bearer [redacted]"},"truncated":false}']);
    expect(requests.some((request) => request.includes(fresh))).toBe(true);
  }, 60_000);
});

describe('E11: both doors', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['orders.read', { order_id: 0 }, 'INPUT_INVALID'],
    ['orders.read', { order_id: 1, extra: 1 }, 'INPUT_INVALID'],
    ['refunds.create', { order_id: 1, amount_cents: 900_000, reason: 'because' }, 'CALL_DENIED'],
    ['refunds.create', { order_id: 1, amount_cents: 6000, reason: 'because' }, 'CALL_NEEDS_APPROVAL'],
  ];
  for (const [operation, input, code] of cases) {
    it(`answer ${code} for ${operation} alike`, async () => {
      const before = requests.length;
      const viaTools = await sandbox.call(server, token, operation, input);
      expect(viaTools.body['code']).toBe(code);
      const client = new Client(
        { name: 'test', version: '1' },
        { versionNegotiation: { mode: { pin: '2026-07-28' } } },
      );
      const headers = { authorization: `Bearer ${token}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }),
      );
      const viaMcp = await client.callTool({ name: operation.replace('.', '_'), arguments: input });
      await client.close();
      expect(JSON.stringify(viaMcp)).toContain(code);
      expect(requests.length).toBe(before);
    });
  }
});
