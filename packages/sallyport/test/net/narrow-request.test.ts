// Tests the narrow parser against node:http: what it takes, node:http takes as well and reads in the same way; in doubt it takes nothing.
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NarrowRequest, readNarrowRequest } from '../../src/net/narrow-request.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20260729);
const runs = 20_000;

type Read = Pick<NarrowRequest, 'method' | 'target' | 'headers'> & { readonly body: string };

let heard: (Read | 'error')[] = [];
const server = createServer({ insecureHTTPParser: false, maxHeaderSize: 16 * 1024, requireHostHeader: false });
server.on('request', (request: IncomingMessage, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers = request.rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
    const { method = '', url = '' } = request;
    heard.push({ method, target: url, headers, body: Buffer.concat(chunks).toString('latin1') });
    response.end();
  });
});
server.on('checkContinue', () => heard.push('error'));
server.on('upgrade', (_request, socket) => {
  heard.push('error');
  socket.destroy();
});
server.on('clientError', (_error, socket) => {
  heard.push('error');
  socket.destroy();
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What node:http makes of the bytes, and of a plain request right behind them: framing shows in where the second begins. */
async function byNodeHttp(bytes: Buffer): Promise<readonly (Read | 'error')[]> {
  heard = [];
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('data', () => {});
    socket.write(Buffer.concat([bytes, Buffer.from(behind)]));
  });
  return heard;
}

const behind = 'GET /behind HTTP/1.1\r\nconnection: close\r\n\r\n';
const readBehind: Read = { method: 'GET', target: '/behind', headers: ['connection', 'close'], body: '' };

function byUs(bytes: Buffer): Read | undefined {
  const request = readNarrowRequest(bytes);
  if (request === undefined) return undefined;
  const { method, target, headers, body } = request;
  return { method, target, headers, body: body.toString('latin1') };
}

const often = <T>(usual: T, ...odd: readonly T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(usual, ...odd) });
const lineEnd = often('\r\n', '\n', '\r', '\r\n ', '\r\r\n', '\r\n\r\n', '\0\r\n');
const header = fc
  .tuple(
    fc.constantFrom('Host', 'x-a', 'Content-Type', 'X_b', 'Authorization', 'accept', 'connection', 'content-length'),
    often(':', ': ', ' :', ':\t', '::', ''),
    fc.oneof(
      fc.constantFrom(
        '',
        'a',
        ' a b ',
        '\ta\t',
        'keep-alive',
        'close',
        '0',
        '2',
        '02',
        '+2',
        '2,2',
        'a\x7f',
        'ä',
        '"',
        '\0',
      ),
      fc.string({ maxLength: 6, unit: 'binary' }),
      fc.string({ maxLength: 12 }),
    ),
    lineEnd,
  )
  .map((parts) => parts.join(''));
const framingLine = fc.constantFrom(
  '',
  'transfer-encoding: chunked\r\n',
  'Content-Length : 3\r\n',
  'expect: 100-continue\r\n',
  'upgrade: h2c\r\n',
  'content-length: 3\r\n',
);
const request = fc
  .record({
    method: often('POST', 'GET', 'post', 'HEAD', 'POST ', ' GET', 'PRI'),
    gap: often(' ', '  ', '\t'),
    target: often('/v1/a', '/', '//a', '/a?b', '/%2e', '*', 'http://a/', '/\x80', '/~._-', '/a b', '/"'),
    version: often(' HTTP/1.1', ' HTTP/1.0', ' HTTP/1.2', '  HTTP/1.1', ' http/1.1', ''),
    end: lineEnd,
    headers: fc.array(header, { maxLength: 4 }),
    more: fc.oneof({ weight: 6, arbitrary: fc.constant('') }, { weight: 1, arbitrary: framingLine }),
    body: fc.string({ maxLength: 6, unit: 'binary' }),
    length: often(0, 1, -1, 100),
    behind: often('', '\r\n', 'GET / HTTP/1.1\r\n\r\n', 'x'),
  })
  .map(({ method, gap, target, version, end, headers, more, body, length, behind: rest }) => {
    const bytes = Buffer.byteLength(body, 'latin1') + length;
    const announced = body === '' && length === 0 ? '' : `Content-Length: ${bytes}\r\n`;
    return `${method}${gap}${target}${version}${end}${headers.join('')}${more}${announced}\r\n${body}${rest}`;
  });
const mutation = fc.record({
  at: fc.nat(200),
  length: fc.constantFrom(0, 0, 1, 2),
  put: fc.constantFrom(
    '',
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ':',
    '\0',
    '\x0b',
    '\x0c',
    '\x85',
    '\xa0',
    ',',
    ';',
    'a',
    '0',
  ),
});
const bytes = fc
  .tuple(request, fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 2 })))
  .map(([text, changes]) => {
    const changed = changes.reduce(
      (so, { at, length, put }) => so.slice(0, at % so.length) + put + so.slice((at % so.length) + length),
      text,
    );
    return Buffer.from(changed, 'latin1');
  });

describe('the narrow parser', () => {
  it(`P01: takes nothing that node:http refuses or reads in another way (${runs} requests, seed ${seed})`, async () => {
    let taken = 0;
    const property = fc.asyncProperty(bytes, async (sent) => {
      const ours = byUs(sent);
      if (ours === undefined) return;
      taken += 1;
      expect(await byNodeHttp(sent)).toEqual([ours, readBehind]);
    });
    await fc.assert(property, { seed, numRuns: runs });
    expect(taken).toBeGreaterThan(runs / 20);
  }, 240_000);

  const plain = 'POST /mcp HTTP/1.1\r\nHost: a\r\n';

  it('reads a plain request: names in lower case, values without the blanks around them', () => {
    const sent = `${plain}X-A: \t b c \r\nEMPTY:\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}`;
    expect(byUs(Buffer.from(sent))).toEqual({
      method: 'POST',
      target: '/mcp',
      headers: ['host', 'a', 'x-a', 'b c', 'empty', '', 'content-length', '2', 'connection', 'keep-alive'],
      body: '{}',
    });
    expect(byUs(Buffer.from('GET /healthz HTTP/1.1\r\n\r\n'))).toMatchObject({ method: 'GET', body: '' });
  });

  const expectNothing = (text: string): void => {
    expect(readNarrowRequest(Buffer.from(text, 'latin1'))).toBeUndefined();
  };

  it.each([
    ['both lengths', `${plain}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\nab`],
    ['chunks', `${plain}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a repeated length, though equal', `${plain}content-length: 2\r\ncontent-length: 2\r\n\r\nab`],
    ['a list of lengths', `${plain}content-length: 2, 2\r\n\r\nab`],
    ['a length with a sign', `${plain}content-length: +2\r\n\r\nab`],
    ['a length in hexadecimal', `${plain}content-length: 0x2\r\n\r\nab`],
    ['a length with a leading zero', `${plain}content-length: 02\r\n\r\nab`],
    ['a length beyond every bound', `${plain}content-length: 99999999999999999999\r\n\r\nab`],
    ['a length without digits', `${plain}content-length:\r\n\r\n`],
    ['a body that is not all there', `${plain}content-length: 3\r\n\r\nab`],
    ['a body that goes on', `${plain}content-length: 1\r\n\r\nab`],
    ['a body without a length', `${plain}\r\nab`],
    ['a second request', 'GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n'],
    ['a folded line', `${plain}x-a: 1\r\n 2\r\n\r\n`],
    ['a bare LF', `${plain}x-a: 1\nx-b: 2\r\n\r\n`],
    ['a bare CR', `${plain}x-a: 1\rx-b: 2\r\n\r\n`],
    ['a NUL', `${plain}x-a: 1\0\r\n\r\n`],
    ['a space before the colon', `${plain}content-length : 2\r\n\r\nab`],
    ['a name without a colon', `${plain}content-length\r\n\r\n`],
    ['an empty name', `${plain}: 2\r\n\r\n`],
    ['characters beyond ASCII', `${plain}x-a: ä\r\n\r\n`],
    ['an empty line first', `\r\n${plain}\r\n`],
    ['a hop by another name', `${plain}proxy-connection: close\r\n\r\n`],
    ['trailers', `${plain}trailer: x-a\r\n\r\n`],
  ])('P01: leaves to node:http %s', (_what, text) => expectNothing(text));

  it.each([
    ['an upgrade', `${plain}connection: upgrade\r\nupgrade: websocket\r\n\r\n`],
    ['Expect', `${plain}expect: 100-continue\r\ncontent-length: 2\r\n\r\nab`],
    ['absolute-form', 'GET http://a/ HTTP/1.1\r\n\r\n'],
    ['another method', 'TRACE / HTTP/1.1\r\n\r\n'],
    ['another version', 'GET / HTTP/1.0\r\n\r\n'],
    ['no version', 'GET /\r\n\r\n'],
  ])('F5: leaves to node:http %s', (_what, text) => expectNothing(text));

  it.each([
    ['a long head', `${plain}x-a: ${'a'.repeat(8 * 1024)}\r\n\r\n`],
    ['many headers', `${plain}${'x-a: 1\r\n'.repeat(60)}\r\n`],
  ])('V01: leaves to node:http %s', (_what, text) => expectNothing(text));

  it.each([
    ['half a head', plain],
    ['a connection that ends', `${plain}connection: close\r\n\r\n`],
  ])('F4: leaves to node:http %s', (_what, text) => expectNothing(text));
});
