// Requests to the agents' socket: whose it is, what is known when one fails, and the guard that stands behind it.
import { chmodSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SocketListener, startSocketListener } from '../../src/net/listen.ts';
import { callOverSocket, type SocketCall } from '../../src/net/socket-call.ts';

let folder: string;
let path: string;
let listener: SocketListener | undefined;
let raw: Server | undefined;
const refused: string[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-socket-')));
  path = join(folder, 'agent.sock');
});
afterEach(async () => {
  await listener?.close(0);
  raw?.close();
  listener = undefined;
  raw = undefined;
  refused.length = 0;
  rmSync(folder, { recursive: true, force: true });
});

describe('a call over the socket', () => {
  it('brings status and body back', async () => {
    await listen();
    expect(await callOverSocket(path, post('{"a":"ü"}'))).toEqual({ kind: 'answered', status: 200, body: '{"a":"ü"}' });
  });

  it('was not sent where there is no server, no socket, or a dead one', async () => {
    expect(await callOverSocket(path, post(''))).toMatchObject({
      kind: 'not-sent',
      why: { code: 'SERVER_NOT_RUNNING' },
    });
    writeFileSync(path, '');
    expect(await callOverSocket(path, post(''))).toMatchObject({
      kind: 'not-sent',
      why: { code: 'SERVER_NOT_RUNNING' },
    });
  });

  it.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}'],
    ['more than it said', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n{}'],
    ['something else', 'SSH-2.0-x\r\ncontent-length: 2\r\n\r\n{}'],
  ])('is lost, and not sent again, when the answer is %s', async (_, answer) => {
    let connections = 0;
    await listenRaw((socket) => {
      connections += 1;
      socket.once('data', () => socket.end(answer));
    });
    expect(await callOverSocket(path, post('{}'))).toEqual({ kind: 'lost' });
    expect(connections).toBe(1);
  });

  it('F4: leaves the server when it is aborted', async () => {
    const left = Promise.withResolvers<void>();
    const controller = new AbortController();
    await listenRaw((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => left.resolve());
      socket.once('data', () => controller.abort());
    });
    expect(await callOverSocket(path, { ...post('{}'), signal: controller.signal })).toEqual({ kind: 'aborted' });
    await left.promise;
    expect(await callOverSocket(path, { ...post('{}'), signal: controller.signal })).toEqual({ kind: 'aborted' });
  });

  it.each(['a\r\nsallyport-agent: other', '２０２５', '\u007f'])(
    'C5: sends nothing with %j in a header, and says so without a throw',
    async (value) => {
      let connections = 0;
      await listenRaw((socket) => {
        connections += 1;
        socket.end();
      });
      const call = { ...post('{}'), headers: { 'mcp-name': value } };
      expect(await callOverSocket(path, call)).toMatchObject({ kind: 'not-sent', why: { code: 'INTERNAL' } });
      expect(connections).toBe(0);
    },
  );
});

describe('F2: the listener on a socket', () => {
  it('is for this user only', async () => {
    await listen();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('replaces what a dead server left, and goes away', async () => {
    writeFileSync(path, '');
    chmodSync(path, 0o666);
    await listen();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['localhost', '127.0.0.1:7420', 'evil.example', 'agent.sock.evil.example'])(
    'F1: knows no other Host than its own: not %s',
    async (host) => {
      await listen();
      expect(await callOverSocket(path, { ...post('{}'), headers: { host } })).toMatchObject({ status: 421 });
      expect(refused).toEqual(['REQUEST_HOST']);
    },
  );

  it('F1: refuses a page of a browser', async () => {
    await listen();
    const headers = { origin: 'http://agent.sock.evil.example' };
    expect(await callOverSocket(path, { ...post('{}'), headers })).toMatchObject({ status: 403 });
  });
});

function post(body: string): SocketCall {
  return { method: 'POST', path: '/mcp', headers: {}, body: Buffer.from(body), signal: new AbortController().signal };
}

async function listen(): Promise<void> {
  listener = await startSocketListener({
    path,
    handler: (request) => {
      Promise.resolve(request.readBody(2_000_000, 10_000)).then(
        (body) => request.answer({ status: 200, contentType: null, body: body.toString(), headers: [] }),
        () => request.cut(),
      );
    },
    refused: (error) => refused.push(error.code),
  });
}

async function listenRaw(onConnection: (socket: Socket) => void): Promise<void> {
  raw = createServer(onConnection);
  await new Promise<void>((resolve) => raw?.listen(path, resolve));
}
