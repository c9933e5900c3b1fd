// Contract: what an agent sends to a running server is refused or without effect, before a byte reaches the service, with a code.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a hostile agent', () => {
  const refusedInputs: readonly (readonly [string, string, string, string])[] = [
    ['B1: a duplicate key', 'orders.read', '{"order_id":1,"order_id":2}', 'REQUEST_JSON_DUPLICATE_KEY'],
    [
      'B1: a duplicate key written as an escape',
      'orders.read',
      '{"order_id":1,"order\\u005fid":2}',
      'REQUEST_JSON_DUPLICATE_KEY',
    ],
    ['B2: __proto__ as a key', 'orders.read', '{"order_id":1,"__proto__":{"a":1}}', 'REQUEST_JSON'],
    ['B2: constructor as a key', 'orders.read', '{"order_id":1,"constructor":1}', 'INPUT_INVALID'],
    ['B3: an integer that would be rounded', 'orders.read', '{"order_id":9007199254740993}', 'REQUEST_JSON_NUMBER'],
    ['B3: a number that would become infinite', 'orders.read', '{"order_id":1e400}', 'REQUEST_JSON_NUMBER'],
    ['B4: a lone surrogate', 'customers.find', '{"name":"ab\\ud800"}', 'REQUEST_JSON_TEXT'],
    ['B5: null for a string', 'customers.find', '{"name":null}', 'INPUT_INVALID'],
    ['B5: an object for a string', 'customers.find', '{"name":{"$ne":""}}', 'INPUT_INVALID'],
    ['B5: an array for a number', 'orders.read', '{"order_id":[1]}', 'INPUT_INVALID'],
    ['B6: an undeclared argument', 'orders.read', '{"order_id":1,"admin":true}', 'INPUT_INVALID'],
    ['B7: trailing garbage', 'orders.read', '{"order_id":1} {}', 'REQUEST_JSON'],
    ['B7: a batch', 'orders.read', '[{"order_id":1}]', 'INPUT_INVALID'],
    ['V01: null as the body', 'orders.read', 'null', 'INPUT_INVALID'],
    ['B7: nesting without end', 'orders.read', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'REQUEST_JSON_DEPTH'],
    ['B5: a number as text', 'orders.read', '{"order_id":"1"}', 'INPUT_INVALID'],
  ];
  for (const [name, operation, body, code] of refusedInputs) {
    it(`${name} is refused with ${code}, and nothing is sent`, async () => {
      const before = sandbox.received.length;
      const answer = await sandbox.call(server, token, operation, body);
      expect(answer.body['code']).toBe(code);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(sandbox.received.length).toBe(before);
    });
  }

  it('A6: denied and unknown operations get the same answer to the byte', async () => {
    const denied = await sandbox.call(server, token, 'orders.cancel', { order_id: 1 });
    const unknown = await sandbox.call(server, token, 'orders.cancels', { order_id: 1 });
    expect(denied.status).toBe(404);
    const withoutCall = (text: string) => text.replace(/"call":"[^"]*"/, '"call":""');
    expect(withoutCall(denied.text)).toBe(withoutCall(unknown.text));
    const { entries } = await sandbox.json(['audit', 'show', '--kind', 'call.refused', '--limit', '2']);
    const reasons = Array.isArray(entries) ? entries.map((each) => asRecord(asRecord(each)['entry'])['reason']) : [];
    expect(reasons).toEqual(['grant-missing', 'operation-unknown']);
  });

  it('A04: cannot approve its own call, whatever path it tries', async () => {
    const before = sandbox.received.length;
    const refund = { order_id: 5, amount_cents: 6000, reason: 'because' };
    const held = await sandbox.call(server, token, 'refunds.create', refund);
    const id = String(asRecord(held.body['approval'])['id']);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    for (const path of [`/v1/approvals/${id}/allow`, `/v1/approvals/${id}`, '/v1/approvals', `/v1/approval/allow`]) {
      const response = await fetch(server.url + path, { method: 'POST', headers, body: '{"state":"allowed"}' });
      expect([path, response.ok]).toEqual([path, false]);
    }
    const { approvals } = await sandbox.json(['approval', 'list']);
    expect(
      Array.isArray(approvals) && approvals.map((each) => [asRecord(each)['id'], asRecord(each)['state']]),
    ).toEqual([[id, 'pending']]);
    const again = await sandbox.call(server, token, 'refunds.create', refund, { 'x-approved-by': 'operator' });
    expect(again.body['code']).toBe('CALL_NEEDS_APPROVAL');
    expect(sandbox.received.length).toBe(before);
  });

  it('E8: gets [redacted] for every form of the key that an echo returns', async () => {
    const { status, text } = await sandbox.call(server, token, 'debug.echo', { note: 'x' });
    expect(status).toBe(200);
    expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(5);
    expect(sandbox.leaked()).toEqual([]);
  });

  const rawRequests: readonly (readonly [string, readonly string[], number])[] = [
    ['F1: a foreign Host', ['GET /v1/operations HTTP/1.1', 'Host: evil.example'], 421],
    ['F1: a foreign Origin', ['GET /v1/operations HTTP/1.1', 'Host: HOST', 'Origin: https://evil.example'], 403],
    ['F1: a cross-site fetch', ['GET /v1/operations HTTP/1.1', 'Host: HOST', 'Sec-Fetch-Site: cross-site'], 403],
    ['D03: an absolute-form target', ['GET http://evil.example/v1/operations HTTP/1.1', 'Host: HOST'], 400],
    ['P01: two Host headers', ['GET /v1/operations HTTP/1.1', 'Host: HOST', 'Host: evil.example'], 400],
    [
      'P01: length and chunks together',
      ['POST /mcp HTTP/1.1', 'Host: HOST', 'Content-Length: 4', 'Transfer-Encoding: chunked'],
      400,
    ],
    ['R15: TRACE', ['TRACE /v1/operations HTTP/1.1', 'Host: HOST'], 405],
    ['F5: CONNECT', ['CONNECT evil.example:443 HTTP/1.1', 'Host: HOST'], 405],
    [
      'C1: a path that leaves the API',
      ['POST /v1/operations/..%2f..%2fmcp/call HTTP/1.1', 'Host: HOST', 'Content-Length: 0'],
      404,
    ],
  ];
  for (const [name, lines, status] of rawRequests) {
    it(`${name} is refused with ${status}`, async () => {
      const answer = await sendRaw(lines);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      if (!name.includes('TRACE') && !name.includes('CONNECT')) expect(answer).toContain('"code":"');
    });
  }

  it('D15, E1: its own token never reaches the service, and headers that it invents do not either', async () => {
    const before = sandbox.received.length;
    const extra = { 'x-forwarded-for': '10.0.0.1', cookie: 'session=1', 'x-http-method-override': 'DELETE' };
    const { status } = await sandbox.call(server, token, 'orders.read', { order_id: 3 }, extra);
    const { headerNames, isAuthorised } = asRecord(sandbox.received.at(-1));
    expect([status, isAuthorised]).toEqual([200, true]);
    expect(sandbox.received.length).toBe(before + 1);
    expect(headerNames).toEqual(['accept', 'accept-encoding', 'authorization', 'connection', 'host', 'user-agent']);
  });

  it('a write repeated with its idempotency key is sent once, and answered alike', async () => {
    const before = sandbox.received.length;
    const headers = { 'idempotency-key': 'refund-1' };
    const refund = { order_id: 9, amount_cents: 2, reason: 'late' };
    const first = await sandbox.call(server, token, 'refunds.create', refund, headers);
    const second = await sandbox.call(server, token, 'refunds.create', refund, headers);
    expect(second.body['result']).toEqual(first.body['result']);
    expect(sandbox.received.length).toBe(before + 1);
    const other = await sandbox.call(server, token, 'refunds.create', { ...refund, amount_cents: 3 }, headers);
    expect(other.body['code']).toBe('IDEMPOTENCY_KEY_REUSED');
  });
});

function sendRaw(lines: readonly string[]): Promise<string> {
  const host = `127.0.0.1:${sandbox.port}`;
  const request = [
    ...lines,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Connection: close',
    '',
    '',
  ];
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(sandbox.port, '127.0.0.1', () =>
      socket.write(request.join('\r\n').replaceAll('HOST', host)),
    );
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      sandbox.saw('raw answer', text);
      resolve(text);
    });
  });
}
