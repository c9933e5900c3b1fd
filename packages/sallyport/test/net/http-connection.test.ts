// Tests connections against raw servers: one that is in doubt carries no second exchange, and no exchange is sent twice.
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { send, site } from './pool-site.ts';
import { httpResponse } from './raw-server.ts';

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a connection in doubt', () => {
  it.each([
    ['bytes behind the reply', (socket: Socket) => socket.write(Buffer.concat([reply('one'), reply('two')]))],
    [
      'bytes after the reply',
      (socket: Socket) => {
        socket.write(reply('one'));
        setImmediate(() => socket.write(reply('two')));
      },
    ],
    ['a close after the reply', (socket: Socket) => socket.end(reply('one'))],
    ['connection: close', (socket: Socket) => socket.write(httpResponse(200, ['connection: close'], 'one'))],
    ['HTTP/1.0', (socket: Socket) => socket.write('HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\none')],
    ['no length', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\none')],
  ])('P01: is not used again after %s', async (_what, first) => {
    let requests = 0;
    const { raw, pool } = await site((_text, socket) => {
      requests += 1;
      if (requests === 1) first(socket);
      else socket.write(reply('right'));
    });
    expect(await send(pool)).toMatchObject({ kind: 'replied', body: Buffer.from('one') });
    expect(await send(pool)).toMatchObject({ kind: 'replied', body: Buffer.from('right') });
    expect(raw.received).toHaveLength(2);
  });

  it('P01: is closed when bytes come that nobody asked for', async () => {
    const closed = Promise.withResolvers<void>();
    const server: { socket?: Socket } = {};
    const { raw, pool } = await site((_text, socket) => {
      server.socket = socket;
      socket.on('close', () => closed.resolve());
      socket.write(reply('ok'));
    });
    await send(pool);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    server.socket?.write(reply('poison'));
    await closed.promise;
    expect(await send(pool)).toMatchObject({ kind: 'replied', body: Buffer.from('ok') });
    expect(raw.received).toHaveLength(2);
  });

  it('P01: is closed after a reply to half a request', async () => {
    const { raw, pool } = await site((text, socket) => {
      if (text.startsWith('POST /large')) {
        socket.pause();
        socket.write(httpResponse(413, [], 'no'));
      } else socket.write(reply('ok'));
    });
    const body = 'x'.repeat(32 * 1024 * 1024);
    expect(await send(pool, { path: '/large', body })).toMatchObject({ kind: 'replied', status: 413 });
    expect(await send(pool)).toMatchObject({ kind: 'replied', body: Buffer.from('ok') });
    expect(raw.received).toHaveLength(2);
  });

  it('P01, I3: is given up on a malformed reply, and its request not sent again', async () => {
    const { raw, pool } = await site((_text, socket) => socket.write('HTTP/1.1 200 OK\nbad\n\n'));
    expect(await send(pool)).toMatchObject({ kind: 'failed', reason: 'connection', isSent: true, status: null });
    expect(raw.received).toHaveLength(1);
  });

  it('I3: is given up when the server resets it, and its request not sent again', async () => {
    const { raw, pool } = await site((_text, socket) => void socket.resetAndDestroy());
    expect(await send(pool)).toMatchObject({ kind: 'failed', reason: 'connection', isSent: true });
    expect(raw.received).toHaveLength(1);
  });

  it('says nothing of the reply in its error', async () => {
    const { pool } = await site((_text, socket) => socket.write('HTTP/1.1 200 sk-echoed\0\r\nsk-echoed: 1\r\n\r\n'));
    const end = await send(pool);
    expect(end.kind === 'failed' && `${end.error.message} ${end.error.stack}`).not.toContain('sk-echoed');
  });
});

function reply(body: string): Buffer {
  return httpResponse(200, [], body);
}
