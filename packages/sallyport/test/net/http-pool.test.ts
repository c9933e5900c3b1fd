// Tests the pool of connections against raw servers: limits, and deadlines and aborts in every phase.
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { dialError } from '../../src/net/http-exchange.ts';
import { connected, poolBy, send, site } from './pool-site.ts';
import type { Answer } from './raw-server.ts';
import { httpResponse } from './raw-server.ts';

const answerOk: Answer = (_text, socket) => socket.write(httpResponse(200, [], 'ok'));

function repeated<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Resolves when the server has been asked so many times. */
function counter(wanted: number): { readonly count: () => void; readonly reached: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  return { count: () => void ((count += 1) === wanted && resolve()), reached: promise };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a pool', () => {
  it('opens no more connections than it may, and serves all who wait', async () => {
    const { raw, pool, dials } = await site(answerOk, { maxWaiting: 100 });
    const ends = await Promise.all(repeated(50, () => send(pool)));
    expect(ends.filter((end) => end.kind === 'replied')).toHaveLength(50);
    expect([raw.received.length, dials()]).toEqual([2, 2]);
  });

  it('never has two requests on one connection', async () => {
    const open = new Map<Socket, number>();
    const most = { requests: 0 };
    const { pool } = await site(
      (_text, socket) => {
        const requests = (open.get(socket) ?? 0) + 1;
        open.set(socket, requests);
        most.requests = Math.max(most.requests, requests);
        setImmediate(() => {
          open.set(socket, 0);
          socket.write(httpResponse(200, [], 'ok'));
        });
      },
      { maxWaiting: 100 },
    );
    await Promise.all(repeated(60, () => send(pool)));
    expect(most.requests).toBe(1);
  });

  it('uses one connection for requests that follow one another', async () => {
    const { raw, pool } = await site(answerOk);
    for (let count = 0; count < 20; count += 1) await send(pool);
    expect(raw.received).toHaveLength(1);
  });

  it('V01: refuses at once when too many wait', async () => {
    const asked = counter(2);
    const { pool } = await site(asked.count, { maxWaiting: 3 });
    const controller = new AbortController();
    const first = repeated(2, () => send(pool, { signal: controller.signal }));
    await asked.reached;
    const waiting = repeated(3, () => send(pool, { signal: controller.signal }));
    const refused = await send(pool);
    expect(refused).toMatchObject({ kind: 'failed', reason: 'connection', isSent: false });
    expect(refused.kind === 'failed' && dialError(refused.error)?.code).toBe('OVERLOADED');
    controller.abort();
    expect((await Promise.all([...first, ...waiting])).map((end) => end.kind === 'failed' && end.isSent)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('sends nothing of a request that cannot be written', async () => {
    const { raw, pool } = await site(answerOk);
    const refused = await send(pool, { headers: ['x-a', 'b\r\nc: d'] });
    expect(refused).toMatchObject({ kind: 'failed', isSent: false, error: { code: 'INTERNAL' } });
    expect(raw.received).toEqual([]);
  });

  it('says why nothing was sent to everyone who waits when dialling fails', async () => {
    const { pool } = await site(answerOk, { dial: () => Promise.reject(new Error('nobody there')) });
    const ends = await Promise.all(repeated(7, () => send(pool)));
    expect(ends.map((end) => end.kind === 'failed' && !end.isSent && end.error.message)).toEqual(
      repeated(7, () => 'nobody there'),
    );
  });

  it('takes a connection that comes after its caller went for the next one', async () => {
    const gate = Promise.withResolvers<void>();
    const { raw } = await site(answerOk);
    const late = poolBy(() => gate.promise.then(() => connected(raw.port)), { maxConnections: 1 });
    expect(await send(late, { timeoutMs: 5 })).toMatchObject({ reason: 'timeout', isSent: false });
    const next = send(late);
    gate.resolve();
    expect(await next).toMatchObject({ kind: 'replied' });
    expect(raw.received).toHaveLength(1);
  });

  it('closes connections that nobody needs', async () => {
    const closed = Promise.withResolvers<void>();
    const { pool } = await site(
      (_text, socket) => {
        socket.on('close', () => closed.resolve());
        socket.write(httpResponse(200, [], 'ok'));
      },
      { idleMs: 20 },
    );
    await send(pool);
    await closed.promise;
    expect(await send(pool)).toMatchObject({ kind: 'replied' });
  });

  it('closes a connection before its server says that it will', async () => {
    const { raw, pool } = await site((_text, socket) =>
      socket.write(httpResponse(200, ['keep-alive: timeout=1, max=100'], 'ok')),
    );
    await send(pool);
    await send(pool);
    expect(raw.received).toHaveLength(2);
  });

  it('ends everything when it is destroyed, and takes nothing more', async () => {
    const asked = counter(2);
    const { raw, pool } = await site(asked.count);
    const ends = repeated(4, () => send(pool));
    await asked.reached;
    await pool.destroy();
    expect((await Promise.all(ends)).map((end) => end.kind === 'failed' && [end.reason, end.isSent])).toEqual([
      ['connection', true],
      ['connection', true],
      ['connection', false],
      ['connection', false],
    ]);
    expect(await send(pool)).toMatchObject({ kind: 'failed', isSent: false });
    expect(raw.received).toHaveLength(2);
  });

  it('closes a connection that arrives after it was destroyed', async () => {
    const gate = Promise.withResolvers<void>();
    const { raw } = await site(answerOk);
    const dialled = connected(raw.port);
    const late = poolBy(() => gate.promise.then(() => dialled));
    const end = send(late);
    await late.destroy();
    gate.resolve();
    expect(await end).toMatchObject({ kind: 'failed', isSent: false });
    const socket = await dialled;
    await turn();
    expect(socket.destroyed).toBe(true);
  });
});

// What an exchange may be doing when it is stopped, and what is known of it then.
const phases: readonly (readonly [string, Answer, { readonly isSent: boolean; readonly status: number | null }])[] = [
  ['before the head of the reply', () => {}, { isSent: true, status: null }],
  ['within the head', (_text, socket) => socket.write('HTTP/1.1 200 O'), { isSent: true, status: null }],
  [
    'within the body',
    (_text, socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
    { isSent: true, status: 200 },
  ],
  [
    'within a chunk',
    (_text, socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok'),
    { isSent: true, status: 200 },
  ],
  [
    'before a reply ends by closing',
    (_text, socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nok'),
    { isSent: true, status: 200 },
  ],
];

describe('an exchange that is stopped', () => {
  it.each(phases)('by its deadline %s says so, and its connection is closed', async (_phase, answer, known) => {
    const closed = Promise.withResolvers<void>();
    const { pool } = await site((text, socket) => {
      socket.on('close', () => closed.resolve());
      answer(text, socket);
    });
    expect(await send(pool, { timeoutMs: 40 })).toMatchObject({ kind: 'failed', reason: 'timeout', ...known });
    await closed.promise;
  });

  it.each(phases)('F4: by an abort %s says so, and gives its slot back', async (_phase, answer, { isSent }) => {
    const { pool } = await site(answer, { maxConnections: 1 });
    for (let round = 0; round < 20; round += 1) {
      const controller = new AbortController();
      const end = send(pool, { signal: controller.signal });
      for (let turns = 0; turns < round; turns += 1) await turn();
      controller.abort();
      expect(await end).toMatchObject({ kind: 'failed', reason: 'aborted' });
    }
    expect(await send(pool, { timeoutMs: 100 })).toMatchObject({ reason: 'timeout', isSent });
  });

  it('while it waits is never sent', async () => {
    const asked = counter(1);
    const { raw, pool } = await site(asked.count, { maxConnections: 1 });
    const first = send(pool, { timeoutMs: 200 });
    await asked.reached;
    const controller = new AbortController();
    const aborted = send(pool, { path: '/aborted', signal: controller.signal });
    const late = send(pool, { path: '/late', timeoutMs: 20 });
    controller.abort();
    expect(await aborted).toMatchObject({ reason: 'aborted', isSent: false });
    expect(await late).toMatchObject({ reason: 'timeout', isSent: false });
    expect(await first).toMatchObject({ reason: 'timeout', isSent: true });
    expect(raw.received.join('')).not.toMatch(/aborted|late/);
  });

  it('while it is dialled for is never sent', async () => {
    const { raw, pool } = await site(answerOk, { dial: () => new Promise(() => {}) });
    const controller = new AbortController();
    const aborted = send(pool, { signal: controller.signal });
    controller.abort();
    expect(await aborted).toMatchObject({ reason: 'aborted', isSent: false });
    expect(await send(pool, { timeoutMs: 20 })).toMatchObject({ reason: 'timeout', isSent: false });
    expect(raw.received).toEqual([]);
  });

  it('leaves others on the same signal or pool alone', async () => {
    const { pool } = await site((text, socket) => {
      if (text.lastIndexOf('/fast') > text.lastIndexOf('/slow')) socket.write(httpResponse(200, [], 'ok'));
    });
    const controller = new AbortController();
    const slow = send(pool, { path: '/slow', signal: controller.signal });
    expect(await send(pool, { path: '/fast', signal: controller.signal })).toMatchObject({ kind: 'replied' });
    const other = send(pool, { path: '/slow', timeoutMs: 60 });
    controller.abort();
    expect(await slow).toMatchObject({ reason: 'aborted' });
    expect(await other).toMatchObject({ reason: 'timeout' });
  });

  it('leaves no listener on its signal, however it ends', async () => {
    const { pool } = await site((text, socket) => {
      if (!text.includes('/slow')) socket.write(httpResponse(200, [], 'ok'));
    });
    const { signal } = new AbortController();
    await Promise.all(repeated(5, () => send(pool, { signal })));
    await send(pool, { path: '/slow', timeoutMs: 20, signal });
    await send(pool, { maxReplyBytes: 1, signal });
    const last = send(pool, { path: '/slow', signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await pool.destroy();
    await last;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
