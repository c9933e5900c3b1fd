// Tests what a client sees of plain requests and of the way from them to node:http: the same answers, in their order.
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoorHandler, DoorRequest } from '../../src/net/door-request.ts';
import { jsonAnswer } from '../../src/net/http-answer.ts';
import { overHttp } from '../../src/net/http-door.ts';
import { type ListenerLimits, startListener } from '../../src/net/listen.ts';
import type { Listener } from '../../src/net/listener.ts';
import { tlsFixture } from './raw-server.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20260730);
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const address = { host: '127.0.0.1', port: 0, hostNames: [], tls: null };
let listener: Listener | undefined;
let byHttp: Server | undefined;
let refused: string[];
beforeEach(() => {
  refused = [];
});
afterEach(async () => {
  await listener?.close(0);
  byHttp?.closeAllConnections();
  byHttp?.close();
});

async function start(handler: DoorHandler, limits: ListenerLimits = {}): Promise<Listener> {
  listener = await startListener({ address, handler, refused: ({ code }) => refused.push(code) }, limits);
  return listener;
}

/** The same handler with nothing but node:http before it. */
async function startByHttp(handler: DoorHandler): Promise<number> {
  byHttp = createServer({ keepAliveTimeout: 75_000, requireHostHeader: false }, overHttp(handler));
  await new Promise<void>((resolve) => byHttp?.listen(0, '127.0.0.1', resolve));
  const bound: AddressInfo | string | null = byHttp.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** Says back what was heard. */
const echo: DoorHandler = (request) => {
  const { method, target } = request;
  Promise.resolve(request.readBody(100_000, 1_000)).then(
    (body) => request.answer(jsonAnswer(200, JSON.stringify({ method, target, body: body.toString() }))),
    () => request.cut(),
  );
};

interface Talk {
  readonly socket: Socket;
  readonly text: () => string;
  readonly ended: Promise<string>;
}

function open(port: number): Talk {
  return listenTo(connect(port, '127.0.0.1'));
}

function listenTo(socket: Socket): Talk {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  return { socket, text: () => text, ended };
}

/** Once the text that came back has the words so many times. */
async function heard({ socket, text }: Talk, words: string, times = 1): Promise<void> {
  while (text().split(words).length <= times) await new Promise((resolve) => socket.once('data', resolve));
}

const plain = (port: number, target = '/a', more = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`;
const last = 'connection: close\r\n';
const withoutTime = (text: string): string =>
  text.replaceAll(/^date: .*GMT/gim, 'date').replaceAll(/127\.0\.0\.1:\d+/g, 'host');

describe('an answer to a plain request', () => {
  it.each([
    ['JSON', jsonAnswer(200, '{"a":"ä€😀"}')],
    ['plain JSON', jsonAnswer(200, '{}')],
    ['no body', { status: 202, contentType: null, body: '', headers: [] }],
    ['further headers', { ...jsonAnswer(401, '{}'), headers: ['www-authenticate', 'Bearer realm="a"', 'x-a', '1'] }],
    ['a status that ends the connection', jsonAnswer(413, '{}')],
  ])('is that of node:http to the byte but for the time: %s', async (_what, answer) => {
    const handler: DoorHandler = (request) => request.answer(answer);
    const { port } = await start(handler);
    const other = await startByHttp(handler);
    const answers = [port, other].map(async (at) => {
      const talk = open(at);
      talk.socket.write(plain(at));
      await heard(talk, '\r\n\r\n');
      talk.socket.destroy();
      return withoutTime(talk.text());
    });
    const [ours, theirs] = await Promise.all(answers);
    expect(ours).toMatch(/^HTTP\/1\.1 \d+ \w+/);
    expect(lines(ours)).toEqual(lines(theirs));
  });

  it('has no header that would become two', async () => {
    const odd = { ...jsonAnswer(200, '{}'), headers: ['x-a', 'b\r\nx-c: d'] };
    const { port } = await start((request) => {
      expect(() => request.answer(odd)).toThrow(/odd characters/);
      request.cut();
    });
    const talk = open(port);
    talk.socket.write(plain(port));
    expect(await talk.ended).toBe('');
  });
});

// Node sets some of its headers elsewhere in the list.
function lines(text: string | undefined): readonly string[] {
  const [head = '', body = ''] = (text ?? '').split('\r\n\r\n');
  return [...head.toLowerCase().split('\r\n').toSorted(), body];
}

describe('the way to node:http', () => {
  it(`P01: gives the answers of node:http, whatever pieces the requests come in (seed ${seed})`, async () => {
    const { port } = await start(echo);
    const other = await startByHttp(echo);
    const one = fc.constantFrom(
      plain(port),
      plain(port, '/b', 'x-a: 1\r\n'),
      `POST /c HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\ncontent-length: 5\r\n\r\nhello`,
      `POST /d HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      `\r\n${plain(port, '/e')}`,
    );
    const cuts = fc.array(fc.tuple(fc.nat(400), fc.boolean()), { maxLength: 4 });
    const property = fc.asyncProperty(fc.array(one, { maxLength: 4 }), cuts, async (requests, places) => {
      const text = requests.join('') + plain(port, '/z', last);
      const sent = await Promise.all([port, other].map((at) => sendInPieces(open(at), text, places)));
      expect(withoutTime(sent[0] ?? '').split('HTTP/1.1 200')).toHaveLength(requests.length + 2);
      expect(lines(sent[0])).toEqual(lines(sent[1]));
      const bodies = sent.map((answers) => answers.match(/\{.*?\}/g));
      expect(bodies[0]).toEqual(bodies[1]);
    });
    await fc.assert(property, { seed, numRuns: 300 });
  }, 60_000);

  it('P01: answers in the order of the requests, though later ones came before the answer', async () => {
    const asked: DoorRequest[] = [];
    let isAsked: () => void = () => {};
    const { port } = await start((request) => {
      if (request.target === '/slow') {
        asked.push(request);
        isAsked();
      } else echo(request);
    });
    const talk = open(port);
    const first = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    talk.socket.write(plain(port, '/slow'));
    await first;
    talk.socket.write(plain(port, '/next') + plain(port, '/last', last));
    await new Promise((resolve) => setImmediate(resolve));
    asked[0]?.answer(jsonAnswer(200, '{"target":"/slow"}'));
    expect((await talk.ended).match(/\/(?:slow|next|last)/g)).toEqual(['/slow', '/next', '/last']);
  });

  it('F4: does not take more from a client that does not read its answers', async () => {
    let served = 0;
    const { port } = await start((request) => {
      served += 1;
      request.answer(jsonAnswer(200, 'x'.repeat(4_000_000)));
    });
    const talk = open(port);
    talk.socket.pause();
    for (let sent = 0; sent < 50; sent += 1) {
      await new Promise((resolve) => talk.socket.write(plain(port), resolve));
    }
    talk.socket.resume();
    await heard(talk, 'HTTP/1.1 200', 2);
    expect(served).toBeLessThan(50);
    talk.socket.destroy();
  });
});

describe('a connection of plain requests', () => {
  it('is served over TLS, on to the request that node:http gets', async () => {
    const tls = { certFile: fixture('good'), keyFile: fixture('good-key') };
    const secure = { ...address, hostNames: ['service.test'], tls };
    listener = await startListener({ address: secure, handler: echo, refused: ({ code }) => refused.push(code) });
    const { port } = listener;
    const options = { port, host: '127.0.0.1', servername: 'service.test', ca: tlsFixture('ca') };
    const talk = listenTo(connectTls(options));
    talk.socket.write(plain(port));
    await heard(talk, '"/a"');
    talk.socket.write(plain(port, '/b'));
    await heard(talk, '"/b"');
    talk.socket.write(plain(port, '/c', last));
    expect((await talk.ended).match(/"\/[abc]"/g)).toEqual(['"/a"', '"/b"', '"/c"']);
  });

  it('F1: stands behind the guard, and ends with its refusal', async () => {
    const { port } = await start(echo);
    const talk = open(port);
    talk.socket.write('GET /a HTTP/1.1\r\nHost: evil.test\r\n\r\n');
    expect(await talk.ended).toMatch(/^HTTP\/1\.1 421 [\s\S]*connection: close[\s\S]*"code":"REQUEST_HOST"/);
    expect(refused).toEqual(['REQUEST_HOST']);
  });

  it('B7: refuses a compressed body though a value before it is named like that header', async () => {
    const { port } = await start((request) => {
      Promise.resolve()
        .then(() => request.readBody(1_000, 1_000))
        .then(
          () => request.answer(jsonAnswer(200, '{}')),
          () => request.answer(jsonAnswer(415, '{}')),
        );
    });
    const talk = open(port);
    const headers = 'x-a: content-encoding\r\nidentity: 1\r\ncontent-encoding: gzip\r\ncontent-length: 2';
    talk.socket.write(`POST /a HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}\r\n\r\n{}`);
    await heard(talk, '\r\n\r\n');
    expect(talk.text()).toMatch(/^HTTP\/1\.1 415 /);
    talk.socket.destroy();
  });

  it('F4: aborts what its client left, and nothing that was answered', async () => {
    const signals: AbortSignal[] = [];
    let isLeft: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      isLeft = resolve;
    });
    const { port } = await start((request) => {
      const signal = request.abortSignal();
      signals.push(signal);
      expect(request.abortSignal()).toBe(signal);
      signal.addEventListener('abort', () => isLeft());
      if (request.target === '/a') request.answer(jsonAnswer(200, '{}'));
      else talk.socket.destroy();
    });
    const talk = open(port);
    talk.socket.write(plain(port));
    await heard(talk, '{}');
    talk.socket.write(plain(port, '/left'));
    await left;
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  it('F4: is refused with 408 when nothing comes on it in time', async () => {
    const { port } = await start(echo, { headersTimeoutMs: 40, checkEveryMs: 10 });
    expect(await open(port).ended).toMatch(/^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/);
    expect(refused).toEqual(['REQUEST_TIMEOUT']);
  });

  it('is not cut between requests by that time', async () => {
    const { port } = await start(echo, { headersTimeoutMs: 20, checkEveryMs: 10 });
    const [used, fresh] = [open(port), open(port)];
    used.socket.write(plain(port));
    await heard(used, '"/a"');
    await fresh.ended;
    used.socket.write(plain(port, '/b'));
    await heard(used, '"/b"');
    expect(refused).toEqual(['REQUEST_TIMEOUT']);
  });

  it('ends at once with its listener when it is idle, and after its answer when it is not', async () => {
    let due: DoorRequest | undefined;
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const { port, close } = await start((request) => {
      if (request.target === '/slow') {
        due = request;
        isAsked();
      } else echo(request);
    });
    const [idle, busy] = [open(port), open(port)];
    idle.socket.write(plain(port));
    busy.socket.write(plain(port, '/slow'));
    await Promise.all([heard(idle, '"/a"'), asked]);
    const closed = close(10_000);
    await idle.ended;
    due?.answer(jsonAnswer(200, '{"late":true}'));
    await closed;
    expect(await busy.ended).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*"late":true/);
  });
});

/** A pause makes two chunks of what stands before and after it, mostly. */
async function sendInPieces(
  talk: Talk,
  text: string,
  places: readonly (readonly [number, boolean])[],
): Promise<string> {
  const at = places.map(([place]) => place % text.length).toSorted((a, b) => a - b);
  const ends = [...at, text.length];
  let from = 0;
  for (const [index, end] of ends.entries()) {
    talk.socket.write(text.slice(from, end));
    from = end;
    if (places[index]?.[1]) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return talk.ended;
}
