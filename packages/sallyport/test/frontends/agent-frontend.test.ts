// The agents' door as a whole: which paths there are, what every answer carries, and what happens when a client misbehaves.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallOutcome } from '../../src/domain/reply.ts';
import { authorization, type Door, json, mcpHeaders, openDoor, rpc, send, sendBytes, toolCall } from './door.ts';
import { goodToken, reply } from './scripted-pipeline.ts';

let door: Door;
beforeEach(async () => {
  door = await openDoor({ bodyTimeoutMs: 200 });
});
afterEach(() => door.close());

describe('the paths', () => {
  it('answers a health check without saying anything else', async () => {
    const answer = await send(door, { method: 'GET', path: '/healthz' });
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}']);
  });

  it.each(['/', '/mcp/', '/MCP', '/v1', '/v1/operations/', '/v1/operations/a/b/call', '/v1/operations/a%2Fb/call'])(
    'has nothing at %s',
    async (path) => {
      const answer = await send(door, { path, headers: [...authorization, ...json], body: '{}' });
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([404, 'REQUEST_NOT_FOUND']);
      expect(answer.headers['content-type']).toBe('application/problem+json');
    },
  );

  it.each(['/v1/operations/../call', '/v1/operations/%2e%2e/call', '/v1/operations/a%00/call', '/v1/operations//call'])(
    'C1: has nothing at %s',
    async (path) => {
      const answer = await send(door, { path, headers: [...authorization, ...json], body: '{}' });
      expect([answer.status, door.pipeline.calls]).toEqual([404, []]);
    },
  );

  it.each(['/mcp?x=1', '/v1/operations?agent=other', '/healthz?'])('refuses the query of %s', async (path) => {
    const answer = await send(door, { path, headers: [...authorization, ...json], body: '{}' });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'REQUEST_MALFORMED']);
  });

  it.each([
    ['GET', '/mcp', 'POST'],
    ['DELETE', '/mcp', 'POST'],
    ['OPTIONS', '/mcp', 'POST'],
    ['POST', '/v1/operations', 'GET'],
    ['HEAD', '/v1/operations', 'GET'],
    ['GET', '/v1/operations/shop.refund/call', 'POST'],
    ['POST', '/healthz', 'GET'],
  ])('refuses %s %s and says what is allowed', async (method, path, allowed) => {
    const answer = await send(door, { method, path, headers: [...authorization, ...json] });
    expect([answer.status, answer.headers.allow]).toEqual([405, allowed]);
    expect(door.pipeline.refused).toEqual(['REQUEST_METHOD']);
  });
});

describe('every answer', () => {
  it('is never stored, and its type never guessed', async () => {
    for (const sent of [toolCall('shop_refund'), { method: 'GET', path: '/healthz' }, { path: '/nothing' }]) {
      const { headers } = await send(door, sent);
      expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
      expect(headers['content-length']).toBeDefined();
    }
  });

  it('keeps the connection for the next request, also after a refusal with a short body', async () => {
    const first = message({ ...toolCall('shop_refund'), headers: [...json] });
    const second = message(toolCall('shop_refund'));
    const received = await sendBytes(door, `${first}${second.replace('\r\n', '\r\nconnection: close\r\n')}`);
    expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
  });
});

describe('A06, F1: DNS rebinding', () => {
  it.each([
    ['host', 'evil.example'],
    ['origin', 'https://evil.example'],
    ['sec-fetch-site', 'cross-site'],
  ])('refuses a foreign %s before the door is reached', async (name, value) => {
    const sent = message(toolCall('shop_refund'));
    const host = name === 'host' ? '' : `host: 127.0.0.1:${door.port}\r\n`;
    const received = await sendBytes(door, sent.replace(/host: .*\r\n/, `${host}${name}: ${value}\r\n`));
    expect(received).toMatch(/^HTTP\/1.1 4(21|03) /);
    expect(door.pipeline.calls).toEqual([]);
  });
});

describe('A06, F2: nobody is trusted for being local', () => {
  it.each([
    ['GET', '/v1/operations'],
    ['POST', '/v1/operations/shop.refund/call'],
    ['POST', '/mcp'],
  ])('%s %s without a token is refused with a word on what to do', async (method, path) => {
    const answer = await send(door, { method, path, headers: [...json], body: method === 'POST' ? '{}' : '' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="sallyport"');
    expect(answer.text).toContain('sallyport agent add');
    expect(door.pipeline.refused).toEqual(['TOKEN_MISSING']);
  });

  it.each(['Basic abc', 'Bearer', 'Bearer a b', `bearer ${'x'.repeat(600)}`, 'Bearer töken'])(
    'refuses the authorization %s as malformed',
    async (value) => {
      const answer = await send(door, { method: 'GET', path: '/v1/operations', headers: ['authorization', value] });
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, 'TOKEN_MALFORMED']);
      expect(answer.headers['www-authenticate']).toContain('invalid_token');
    },
  );

  it('never says a token back', async () => {
    const headers = ['authorization', 'Bearer spt_stranger-0123456789'];
    const answers = [
      await send(door, { method: 'GET', path: '/v1/operations', headers }),
      await send(door, { path: '/v1/operations/shop.refund/call', headers: [...headers, ...json], body: '{}' }),
      await send(door, {
        headers: [...headers, ...mcpHeaders('tools/list').slice(2)],
        body: JSON.stringify(rpc('tools/list')),
      }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(JSON.stringify(answer)).not.toContain('stranger');
    }
  });
});

describe('F4: clients that hang, leave or drip', () => {
  it('tells the pipeline that the client went away', async () => {
    const { promise, resolve } = Promise.withResolvers<AbortSignal>();
    const never = Promise.withResolvers<CallOutcome>();
    door.pipeline.answer = ({ signal }) => {
      resolve(signal);
      return never.promise;
    };
    const socket = connect(door.port, '127.0.0.1');
    socket.write(message(toolCall('shop_refund')));
    const signal = await promise;
    expect(signal.aborted).toBe(false);
    const aborted = once(signal, 'abort');
    socket.destroy();
    await aborted;
    never.resolve(reply('{}'));
    expect((await send(door, { method: 'GET', path: '/healthz' })).status).toBe(200);
  });

  it('does not abort a call whose answer was sent', async () => {
    await send(door, toolCall('shop_refund'));
    expect(door.pipeline.calls[0]?.signal.aborted).toBe(false);
  });

  it('cuts off a body that does not arrive in time', async () => {
    const socket = connect(door.port, '127.0.0.1');
    const head = message(toolCall('shop_refund')).split('\r\n\r\n')[0];
    socket.write(`${head}\r\n\r\n{`);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    const received = Buffer.concat(chunks).toString();
    expect(received).toContain('HTTP/1.1 408');
    expect(received).toContain('REQUEST_TIMEOUT');
  });

  it('refuses a body over 1 MiB, announced or not, and closes', async () => {
    const announced = `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${door.port}\r\nauthorization: Bearer ${goodToken}\r\ncontent-type: application/json\r\ncontent-length: 1048577\r\n\r\n`;
    expect(await sendBytes(door, announced)).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i);
    const chunk = `100001\r\n${'a'.repeat(0x100001)}\r\n0\r\n\r\n`;
    const chunked = announced.replace('content-length: 1048577', 'transfer-encoding: chunked') + chunk;
    expect(await sendBytes(door, chunked)).toMatch(/^HTTP\/1.1 413 /);
    expect(door.pipeline.refused).toEqual(['REQUEST_TOO_LARGE', 'REQUEST_TOO_LARGE']);
  });
});

describe('an error of our own', () => {
  it('becomes INTERNAL without its text, and its cause goes to the operator', async () => {
    door.pipeline.answer = () => Promise.reject(new Error('password=hunter2 at /srv/x.ts'));
    for (const sent of [
      toolCall('shop_refund'),
      { path: '/v1/operations/shop.refund/call', headers: [...authorization, ...json], body: '{}' },
    ]) {
      const answer = await send(door, sent);
      expect([answer.status, answer.text.includes('INTERNAL')]).toEqual([500, true]);
      expect(answer.text).not.toMatch(/hunter2|srv/);
    }
    expect(door.pipeline.refused).toEqual(['INTERNAL', 'INTERNAL']);
  });
});

function message({ path = '/mcp', headers = [], body = '' }: ReturnType<typeof toolCall>): string {
  const lines = [`POST ${path} HTTP/1.1`, `host: 127.0.0.1:${door.port}`];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return [...lines, `content-length: ${Buffer.byteLength(body)}`, '', String(body)].join('\r\n');
}
