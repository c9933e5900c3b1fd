// Tests how a request's body is read: whole, within its bounds, and never compressed.
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SallyportError } from '../../src/domain/errors.ts';
import { startListener } from '../../src/net/listen.ts';
import type { Listener } from '../../src/net/listener.ts';
import { problemOf } from '../../src/net/problem-response.ts';

let listener: Listener;
let ends: string[];
let ended: () => void;
let isEnded: Promise<void>;

beforeEach(async () => {
  ends = [];
  isEnded = new Promise((resolve) => {
    ended = resolve;
  });
  listener = await startListener({
    address: { host: '127.0.0.1', port: 0, hostNames: [], tls: null },
    refused: () => {},
    handler: (request) => {
      Promise.resolve()
        .then(() => request.readBody(10, 100))
        .then(
          (body) => {
            ends.push(body.toString());
            request.answer({ status: 200, contentType: null, body: 'read', headers: [] });
            ended();
          },
          (error: unknown) => {
            ends.push(error instanceof SallyportError ? error.code : 'other');
            if (error instanceof SallyportError)
              request.answer(problemOf(error, { members: { issues: [] }, headers: ['x-a', '1'] }));
            ended();
          },
        );
    },
  });
});

afterEach(() => listener.close(0));

function post(headers: readonly string[], body: string, keepOpen = true): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(listener.port, '127.0.0.1');
    let text = '';
    socket.setTimeout(400, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.write(
      `POST / HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\n${headers.join('\r\n')}\r\n\r\n${body}`,
      () => {
        if (!keepOpen) socket.destroy();
      },
    );
  });
}

it('reads a body with a length and a chunked one', async () => {
  expect(await post(['content-length: 10', 'connection: close'], '0123456789')).toMatch(/^HTTP\/1.1 200 /);
  expect(await post(['transfer-encoding: chunked', 'connection: close'], '3\r\nabc\r\n0\r\n\r\n')).toMatch(
    /^HTTP\/1.1 200 /,
  );
  expect(ends).toEqual(['0123456789', 'abc']);
});

it('P06: refuses a body that says or proves to be too large, and closes the connection', async () => {
  expect(await post(['content-length: 11'], '')).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i);
  expect(await post(['transfer-encoding: chunked'], `b\r\n${'x'.repeat(11)}\r\n`)).toMatch(/^HTTP\/1.1 413 /);
  expect(ends).toEqual(['REQUEST_TOO_LARGE', 'REQUEST_TOO_LARGE']);
});

it('P06: refuses a body that drips in too slowly', async () => {
  expect(await post(['content-length: 5'], 'ab')).toMatch(/^HTTP\/1.1 408 [\s\S]*REQUEST_TIMEOUT/);
});

it('refuses a body that is cut off', async () => {
  await post(['content-length: 5'], 'ab', false);
  await isEnded;
  expect(ends).toEqual(['REQUEST_MALFORMED']);
});

it('P01: refuses a body whose chunks are no chunks', async () => {
  for (const chunk of ['-1\r\n\r\n', 'zz\r\nab\r\n', '2\r\nabc\r\n0\r\n\r\n']) {
    expect(await post(['transfer-encoding: chunked'], chunk)).toMatch(/^HTTP\/1.1 400 [\s\S]*REQUEST_MALFORMED/);
  }
  expect(ends).toEqual(['REQUEST_MALFORMED', 'REQUEST_MALFORMED', 'REQUEST_MALFORMED']);
});

it('P06: refuses compressed bodies', async () => {
  expect(await post(['content-length: 2', 'content-encoding: gzip'], 'ab')).toMatch(
    /^HTTP\/1.1 415 [\s\S]*REQUEST_CONTENT_TYPE/,
  );
  await post(['content-length: 2', 'content-encoding: identity', 'connection: close'], 'ab');
  expect(ends).toEqual(['REQUEST_CONTENT_TYPE', 'ab']);
});

it('adds members and headers to a problem', async () => {
  expect(await post(['content-length: 11'], '')).toMatch(/x-a: 1[\s\S]*"issues":\[\]/);
});
