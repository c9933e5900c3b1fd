// Ten thousand broken requests: each is answered with a status of the table, none reaches a call that it does not spell out.
import { Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Door, mcpHeaders, openUnguardedDoor, rpc, toolCall } from './door.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20260728);
const runs = 10_000;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let door: Door;
beforeAll(async () => {
  door = await openUnguardedDoor();
});
afterAll(async () => {
  agent.destroy();
  await door.close();
});

const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    'tools/call',
    'tools/list',
    '2026-07-28',
    'shop_refund',
    'application/json',
    '=?base64?!?=',
    '*/*',
  ),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '~')),
);
const headerName = fc.constantFrom(
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'accept',
  'content-type',
  'authorization',
  'idempotency-key',
);
const path = fc.constantFrom(
  '/mcp',
  '/mcp',
  '/mcp',
  '/v1/operations/shop.refund/call',
  '/v1/operations',
  '/x',
  '/mcp?',
);
const method = fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'HEAD');
const goodBodies = [
  String(toolCall('shop_refund', { a: 1 }).body),
  ...['tools/list', 'server/discover', 'nothing'].map((name) => JSON.stringify(rpc(name))),
];
const body = fc.oneof(
  fc.constantFrom(...goodBodies),
  fc.json({ maxDepth: 6 }),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  // A good body with one stretch of it replaced.
  fc
    .tuple(fc.constantFrom(...goodBodies), fc.nat(300), fc.nat(8), fc.string({ maxLength: 8, unit: 'binary' }))
    .map(([text, at, length, put]) => text.slice(0, at) + put + text.slice(at + length)),
  // A good message with one of its members replaced by any value.
  fc
    .tuple(fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'extra'), fc.jsonValue({ maxDepth: 3 }))
    .map(([name, value]) => JSON.stringify({ ...rpc('tools/call', { name: 'shop_refund' }), [name]: value })),
  fc
    .tuple(fc.constantFrom('name', 'arguments', '_meta', 'extra', '__proto__'), fc.jsonValue({ maxDepth: 3 }))
    .map(([name, value]) => JSON.stringify(rpc('tools/call', { name: 'shop_refund', [name]: value }))),
);
const change = fc.record({
  at: fc.nat(6),
  name: headerName,
  value: headerValue,
  how: fc.constantFrom('replace', 'add', 'drop', 'keep'),
});

it(`V01: answers ${runs} mutated requests, each with a known status (seed ${seed})`, async () => {
  const allowed = new Set([200, 202, 400, 401, 404, 405, 406, 415]);
  const property = fc.asyncProperty(
    path,
    method,
    body,
    fc.array(change, { maxLength: 3 }),
    async (at, verb, sent, changes) => {
      const headers = changes.reduce(changed, [...mcpHeaders('tools/call', 'shop_refund')]);
      const before = door.pipeline.calls.length;
      const answer = await exchange({ path: at, method: verb, headers, body: Buffer.from(sent) });
      expect(allowed).toContain(answer.status);
      if (answer.text !== '') JSON.parse(answer.text);
      const called = door.pipeline.calls.slice(before);
      expect(called.length).toBeLessThanOrEqual(1);
      // What was called is what the body names, whatever the headers say.
      for (const { name } of called) if ('tool' in name) expect(JSON.parse(String(sent)).params.name).toBe(name.tool);
    },
  );
  await fc.assert(property, { seed, numRuns: runs });
  expect(door.pipeline.refused).not.toContain('INTERNAL');
  expect(door.pipeline.calls.length).toBeGreaterThan(100);
}, 120_000);

function changed(
  headers: string[],
  { at, name, value, how }: { at: number; name: string; value: string; how: string },
) {
  const index = (at * 2) % Math.max(headers.length, 2);
  if (how === 'add') return [...headers, name, value];
  if (how === 'keep') return headers;
  const kept = how === 'replace' ? [headers[index] ?? name, value] : [];
  return [...headers.slice(0, index), ...kept, ...headers.slice(index + 2)];
}

interface Outgoing {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

function exchange({ path, method, headers, body }: Outgoing): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const list = ['host', 'x', ...headers, 'content-length', String(body.length)];
    const outgoing = httpRequest({ port: door.port, host: '127.0.0.1', path, method, headers: list, agent });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(body);
  });
}
