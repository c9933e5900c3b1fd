// Tests one HTTP exchange against raw servers: identity before bytes, one sending, bounds, and the truth about the end.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpService } from '../../src/domain/service.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import type { Exchange, ExchangeRequest } from '../../src/net/http-exchange.ts';
import { dialError } from '../../src/net/http-exchange.ts';
import { httpService } from './http-service.ts';
import type { Answer, RawServer } from './raw-server.ts';
import { httpResponse, startRawServer, tlsFixture } from './raw-server.ts';

const secret = 'sk-live-8f2c1a7b9d3e4f50';
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function server(answer: Answer, certificate?: string): Promise<RawServer> {
  const started = await startRawServer(answer, certificate);
  cleanups.push(() => started.close());
  return started;
}

function plainService(port: number): HttpService {
  return httpService({ scheme: 'http', host: '127.0.0.1', port, trust: { kind: 'loopback' } });
}

function tlsService(port: number, ca: string): HttpService {
  const trust = { kind: 'ca', file: 'ca.pem', pem: tlsFixture(ca), sha256: '' } as const;
  return httpService({ host: 'service.test', port, trust, addresses: ['127.0.0.0/8'] });
}

function poolOf(service: HttpService, answers: readonly string[] = ['127.0.0.1']) {
  const network = createNetwork({ resolve: () => Promise.resolve(answers), connectTimeoutMs: 3_000 });
  const pool = network.httpPool(service);
  cleanups.push(() => pool.destroy());
  return pool;
}

function send(pool: ReturnType<typeof poolOf>, fields: Partial<ExchangeRequest> = {}): Promise<Exchange> {
  return pool.send({
    method: 'GET',
    path: '/v1/orders',
    headers: ['authorization', `Bearer ${secret}`],
    body: null,
    maxReplyBytes: 1_000,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...fields,
  });
}

function post(pool: ReturnType<typeof poolOf>, fields: Partial<ExchangeRequest> = {}): Promise<Exchange> {
  return send(pool, { method: 'POST', body: '{"amount":1}', ...fields });
}

function dialCode(exchange: Exchange): string | undefined {
  return exchange.kind === 'failed' && !exchange.isSent ? dialError(exchange.error)?.code : undefined;
}

describe('an exchange', () => {
  it('sends the request as given and returns status, headers and body', async () => {
    const raw = await server((_text, socket) =>
      socket.write(httpResponse(200, ['X-Kind: one', 'X-Kind: two'], 'hello')),
    );
    const exchange = await post(poolOf(plainService(raw.port)));
    expect(exchange).toMatchObject({ kind: 'replied', status: 200, body: Buffer.from('hello') });
    expect(exchange.kind === 'replied' && exchange.headers.slice(0, 4)).toEqual(['x-kind', 'one', 'x-kind', 'two']);
    expect(raw.received[0]).toBe(
      `POST /v1/orders HTTP/1.1\r\nhost: 127.0.0.1:${raw.port}\r\nconnection: keep-alive\r\nauthorization: Bearer ${secret}\r\ncontent-length: 12\r\n\r\n{"amount":1}`,
    );
  });

  it('keeps connections for the next requests', async () => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')));
    const pool = poolOf(plainService(raw.port));
    for (let count = 0; count < 10; count += 1) await send(pool);
    expect(raw.received.length).toBeLessThanOrEqual(2);
  });

  it('ignores informational responses and trailers', async () => {
    const raw = await server((_text, socket) => {
      socket.write('HTTP/1.1 103 Early\r\nx-early: 1\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      socket.write('2\r\nok\r\n0\r\nx-trailer: 1\r\n\r\n');
    });
    const exchange = await send(poolOf(plainService(raw.port)));
    expect(exchange).toMatchObject({ kind: 'replied', status: 200, body: Buffer.from('ok') });
    expect(JSON.stringify(exchange)).not.toMatch(/x-early|x-trailer/);
  });

  it('never sends a POST twice when the connection ends after the request', async () => {
    const raw = await server((_text, socket) => socket.destroy());
    const exchange = await post(poolOf(plainService(raw.port)));
    expect(exchange).toMatchObject({ kind: 'failed', reason: 'connection', isSent: true });
    expect(raw.received).toHaveLength(1);
  });

  it('never sends a request twice on a kept connection that ends after reading it', async () => {
    let requests = 0;
    const raw = await server((_text, socket) => {
      requests += 1;
      if (requests === 1) socket.write(httpResponse(200, [], 'ok'));
      else socket.destroy();
    });
    const pool = poolOf(plainService(raw.port));
    await post(pool);
    expect(await post(pool)).toMatchObject({ kind: 'failed', isSent: true });
    expect(await send(pool)).toMatchObject({ kind: 'failed', isSent: true });
    expect(requests).toBe(3);
  });

  it('uses a new connection when the kept one was closed while idle', async () => {
    const raw = await server((_text, socket) => socket.end(httpResponse(200, [], 'ok')));
    const pool = poolOf(plainService(raw.port));
    expect(await post(pool)).toMatchObject({ kind: 'replied' });
    expect(await post(pool)).toMatchObject({ kind: 'replied' });
    expect(raw.received).toHaveLength(2);
  });

  it('says that nothing was sent when nobody listens', async () => {
    const raw = await startRawServer(() => {});
    await raw.close();
    expect(dialCode(await post(poolOf(plainService(raw.port))))).toBe('UPSTREAM_UNREACHABLE');
  });

  it('says that nothing was sent when the call was stopped before', async () => {
    const raw = await server(() => {});
    const exchange = await post(poolOf(plainService(raw.port)), { signal: AbortSignal.abort() });
    expect(exchange).toMatchObject({ kind: 'failed', reason: 'aborted', isSent: false });
    expect(raw.received).toEqual([]);
  });

  it('ends at its deadline and closes the connection', async () => {
    let closed: () => void = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const raw = await server((_text, socket) => void socket.on('close', closed));
    expect(await post(poolOf(plainService(raw.port)), { timeoutMs: 50 })).toMatchObject({
      kind: 'failed',
      reason: 'timeout',
      isSent: true,
    });
    await isClosed;
  });

  it('gives its slot back when the client goes away in mid-reply', async () => {
    const raw = await server((_text, socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nx'));
    const pool = poolOf(plainService(raw.port));
    for (let round = 0; round < 100; round += 1) {
      const controller = new AbortController();
      const ends = send(pool, { signal: controller.signal });
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect((await ends).kind).toBe('failed');
    }
    expect(await send(pool, { timeoutMs: 200 })).toMatchObject({ isSent: true, reason: 'timeout' });
  });

  it('V01: stops a reply that says or proves to be too large, and knows its status', async () => {
    const said = await server((_text, socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n'));
    const proven = await server((_text, socket) => {
      socket.write(`HTTP/1.1 201 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n`);
    });
    expect(await send(poolOf(plainService(said.port)))).toMatchObject({ reason: 'too-large', status: 200 });
    expect(await send(poolOf(plainService(proven.port)))).toMatchObject({ reason: 'too-large', status: 201 });
  });

  it('P01: fails on replies with conflicting framing', async () => {
    const raw = await server((_text, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
    });
    expect(await send(poolOf(plainService(raw.port)))).toMatchObject({ kind: 'failed', isSent: true });
  });

  it('fails on a switch of protocols that nobody asked for', async () => {
    const raw = await server((_text, socket) => {
      socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    });
    expect(await send(poolOf(plainService(raw.port)), { timeoutMs: 1_000 })).toMatchObject({ kind: 'failed' });
  });
});

describe('dialling', () => {
  it('proves the identity of the service by its own authority', async () => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')), 'good');
    expect(await send(poolOf(tlsService(raw.port, 'ca')))).toMatchObject({ kind: 'replied', status: 200 });
  });

  it.each([
    ['for another name', 'wrong-name', 'ca'],
    ['that expired', 'expired', 'ca'],
    ['that signed itself', 'self-signed', 'ca'],
    ['of another authority', 'good', 'other-ca'],
  ])('D12: writes no byte of the secret to a peer with a certificate %s', async (_what, certificate, ca) => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')), certificate);
    expect(dialCode(await post(poolOf(tlsService(raw.port, ca))))).toBe('UPSTREAM_IDENTITY');
    expect(raw.received.join('')).toBe('');
  });

  it('D12: is not weakened by the environment', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')), 'self-signed');
    expect(dialCode(await send(poolOf(tlsService(raw.port, 'ca'))))).toBe('UPSTREAM_IDENTITY');
    expect(raw.received.join('')).toBe('');
  });

  it('D12: does not believe the authorities of a service for one that trusts the system', async () => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')), 'good');
    const service = httpService({ port: raw.port, addresses: ['127.0.0.0/8'] });
    expect(dialCode(await send(poolOf(service)))).toBe('UPSTREAM_IDENTITY');
    expect(raw.received.join('')).toBe('');
  });

  it('D12: writes nothing to a peer that answers TLS with clear text', async () => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')));
    expect(dialCode(await send(poolOf(tlsService(raw.port, 'ca'))))).toBe('UPSTREAM_IDENTITY');
    expect(raw.received.join('')).not.toContain(secret);
  });

  it('D08: refuses a name when one of its answers may not be dialled', async () => {
    const raw = await server(() => {}, 'good');
    for (const bad of ['10.0.0.1', '169.254.169.254', '0.0.0.0', 'fe80::1%lo']) {
      expect(dialCode(await send(poolOf(tlsService(raw.port, 'ca'), ['127.0.0.1', bad])))).toBe('ADDRESS_REFUSED');
    }
    expect(raw.received).toEqual([]);
  });

  it('C9, D08: resolves once for each connection and dials what it checked', async () => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')), 'good');
    let asked = 0;
    const network = createNetwork({
      resolve: () => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '169.254.169.254']),
    });
    const pool = network.httpPool(tlsService(raw.port, 'ca'));
    cleanups.push(() => pool.destroy());
    expect(await send(pool)).toMatchObject({ kind: 'replied' });
    expect(asked).toBe(1);
  });

  it.each(['u@evil.test', 'evil.test/', 'EVIL.test', '127.1', '0x7f.1', '２', 'evil.test?x', 'a%62c', 'evil\0.test'])(
    'D10: opens no pool for the host %j, which is not canonical',
    (host) => {
      expect(() => createNetwork().httpPool(httpService({ host }))).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    },
  );

  it('refuses an address literal that is private', async () => {
    const raw = await server(() => {});
    const service = httpService({ scheme: 'http', host: '127.0.0.1', port: raw.port });
    expect(dialCode(await send(poolOf(service)))).toBe('ADDRESS_REFUSED');
    expect(raw.received).toEqual([]);
  });

  it('never dials a listener of our own', async () => {
    const raw = await server(() => {});
    const network = createNetwork();
    network.refuseOwnListener('127.0.0.1', raw.port);
    const pool = network.httpPool(plainService(raw.port));
    cleanups.push(() => pool.destroy());
    expect(dialCode(await send(pool))).toBe('ADDRESS_REFUSED');
  });

  it('tries the next address when one does not answer', async () => {
    const raw = await server((_text, socket) => socket.write(httpResponse(200, [], 'ok')), 'good');
    expect(await send(poolOf(tlsService(raw.port, 'ca'), ['127.0.0.2', '127.0.0.1']))).toMatchObject({
      kind: 'replied',
    });
  });

  it('gives up on a name that has no answer or does not resolve', async () => {
    const service = tlsService(1, 'ca');
    expect(dialCode(await send(poolOf(service, [])))).toBe('UPSTREAM_UNREACHABLE');
    const failing = createNetwork({ resolve: () => Promise.reject(new Error('NXDOMAIN')) }).httpPool(service);
    cleanups.push(() => failing.destroy());
    expect(dialCode(await send(failing))).toBe('UPSTREAM_UNREACHABLE');
  });

  it('gives up on a handshake that never ends', async () => {
    const raw = await server(() => {});
    const network = createNetwork({ resolve: () => Promise.resolve(['127.0.0.1']), connectTimeoutMs: 100 });
    const pool = network.httpPool(tlsService(raw.port, 'ca'));
    cleanups.push(() => pool.destroy());
    expect(dialCode(await send(pool))).toBe('UPSTREAM_UNREACHABLE');
  });

  it('D01: shows the name of the service and no other in the handshake', async () => {
    const raw = await server(() => {});
    const network = createNetwork({ resolve: () => Promise.resolve(['127.0.0.1']), connectTimeoutMs: 200 });
    const pool = network.httpPool(tlsService(raw.port, 'ca'));
    cleanups.push(() => pool.destroy());
    await send(pool, { headers: ['authorization', `Bearer ${secret}`] });
    expect(raw.received[0]).toContain('service.test');
    expect(raw.received[0]).not.toContain(secret);
  });
});
