// Tests how connections of a listener end: what was refused is not served after all, and what was answered arrives whole.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { DoorHandler } from '../../src/net/door-request.ts';
import { jsonAnswer } from '../../src/net/http-answer.ts';
import { type ListenerLimits, startListener } from '../../src/net/listen.ts';
import type { Listener } from '../../src/net/listener.ts';
import { startRawServer, tlsFixture } from './raw-server.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const tls = { certFile: fixture('good'), keyFile: fixture('good-key') };
const sockets: Socket[] = [];
let listener: Listener | undefined;
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close(0);
});

interface Door {
  readonly isSecure: boolean;
  readonly handler: DoorHandler;
  readonly refused?: () => void;
}

async function start({ isSecure, handler, refused = () => {} }: Door, limits: ListenerLimits = {}): Promise<Listener> {
  const address = { host: '127.0.0.1', port: 0, hostNames: [], tls: isSecure ? tls : null };
  listener = await startListener({ address, handler, refused }, limits);
  return listener;
}

function open({ port, scheme }: Listener): Promise<Socket> {
  const isSecure = scheme === 'https';
  const socket = isSecure
    ? connectTls({ port, host: '127.0.0.1', servername: 'service.test', ca: tlsFixture('ca') })
    : connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  return new Promise((resolve) => socket.on(isSecure ? 'secureConnect' : 'connect', () => resolve(socket)));
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.on('close', () => resolve()));
const request = ({ port }: Listener): string => `GET /a HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

describe('a connection that was refused', () => {
  it.each([
    [false, ''],
    [true, ''],
    [false, 'GET'],
    [true, 'GET'],
  ])('I3: does not have served what comes behind the refusal (TLS: %s, began with "%s")', async (isSecure, first) => {
    let served = 0;
    let late: () => void = () => {};
    const door: Door = {
      isSecure,
      handler: (asked) => {
        served += 1;
        asked.answer(jsonAnswer(200, '{}'));
      },
      refused: () => late(),
    };
    const at = await start(door, { headersTimeoutMs: 10, checkEveryMs: 5 });
    for (let round = 0; round < 20; round += 1) {
      const socket = await open(at);
      socket.resume();
      late = () => socket.write(request(at).slice(first.length));
      if (first !== '') socket.write(first);
      await closed(socket);
      expect(served).toBe(0);
    }
  });
});

describe('a handshake that does not end', () => {
  it.each([
    ['nothing', ''],
    ['half a record', '\x16\x03\x01\x02\x00'],
  ])('V01: is given the time of a head and no more: %s', async (_what, bytes) => {
    const refused: string[] = [];
    const door: Door = { isSecure: true, handler: (asked) => asked.cut(), refused: () => refused.push('handshake') };
    const { port } = await start(door, { headersTimeoutMs: 20 });
    const socket = openTcp(port);
    socket.write(bytes, 'latin1');
    await closed(socket);
    expect(refused).toEqual(['handshake']);
  });

  it('does not hold a listener up that is closed', async () => {
    const { port, close } = await start({ isSecure: true, handler: (asked) => asked.cut() });
    const socket = openTcp(port);
    await new Promise((resolve) => socket.on('connect', resolve));
    await Promise.all([closed(socket), close(0)]);
  });

  it('is served no more when it ends after its listener was closed', async () => {
    const at = await start({ isSecure: true, handler: (asked) => asked.answer(jsonAnswer(200, '{}')) });
    let isGoingOn: () => void = () => {};
    const middle = await startRawServer((text, client) => {
      const service = connect(at.port, '127.0.0.1').on('error', () => {});
      sockets.push(service);
      isGoingOn = () => service.pipe(client);
      service.on('connect', () => {
        client.removeAllListeners('data');
        client.pipe(service);
        service.write(text, 'latin1');
        service.once('readable', () => hello());
      });
    });
    let hello: () => void = () => {};
    const greeted = new Promise<void>((resolve) => {
      hello = resolve;
    });
    const opening = open({ ...at, port: middle.port });
    await greeted;
    const closing = at.close(60_000);
    isGoingOn();
    await closed(await opening);
    await closing;
    await middle.close();
  });
});

function openTcp(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  return socket.on('error', () => {}).resume();
}

describe('closing a listener', () => {
  it.each([false, true])('lets an answer arrive that was given before (TLS: %s)', async (isSecure) => {
    const body = 'x'.repeat(8_000_000);
    const at = await start({ isSecure, handler: (asked) => asked.answer(jsonAnswer(200, body)) });
    const socket = await open(at);
    socket.write(request(at));
    const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.pause();
    const closing = at.close(10_000);
    let bytes = first.length;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.resume();
    await Promise.all([closed(socket), closing]);
    expect(bytes).toBeGreaterThan(body.length);
  });
});
