// Compares our reading of well-formed responses with that of two other clients, over real sockets and with random cuts.
import { request as nodeRequest } from 'node:http';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  record,
  string,
  tuple,
  uint8Array,
} from 'fast-check';
import { request as undiciRequest } from 'undici';
import { describe, expect, it } from 'vitest';
import { send, site } from './pool-site.ts';

interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly pieces: readonly Uint8Array[];
  readonly framing: 'length' | 'chunked' | 'close';
  readonly cuts: readonly number[];
}

const name = string({ unit: constantFrom(...'abcXYZ019-_.!~'.split('')), minLength: 1, maxLength: 12 });
const value = string({ unit: constantFrom(...'azAZ09 \t,;:="()\xe9\xff'.split('')), maxLength: 20 });
const replies = record<Reply>({
  status: oneof(constantFrom(200, 201, 204, 304, 404, 500), integer({ min: 200, max: 599 })),
  headers: array(
    tuple(
      name.map((text) => `x-${text}`),
      value,
    ),
    { maxLength: 6 },
  ),
  pieces: array(uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 5 }),
  framing: constantFrom('length', 'chunked', 'close'),
  cuts: array(integer({ min: 0, max: 600 }), { maxLength: 4 }),
});

describe('a well-formed response', () => {
  it('P01: reads as node:http and undici read it', async () => {
    const served: { pieces: readonly Buffer[]; closes: boolean } = { pieces: [], closes: false };
    const { raw, pool } = await site((_text, socket) => {
      const { pieces, closes } = served;
      socket.setNoDelay(true);
      for (const piece of pieces) socket.write(piece);
      if (closes) socket.end();
    });
    const url = `http://127.0.0.1:${raw.port}/`;
    await assert(
      asyncProperty(replies, async (reply) => {
        served.pieces = cut(responseOf(reply), reply.cuts);
        served.closes = reply.framing === 'close';
        const ours = await send(pool, { method: 'GET' });
        if (ours.kind !== 'replied') throw new Error('no reply', { cause: ours.error });
        const found = { status: ours.status, headers: ours.headers, body: ours.body.toString('latin1') };
        expect(found).toEqual(await byNode(url));
        expect(found).toMatchObject(await byUndici(url));
      }),
      { numRuns: 150 },
    );
  });
});

function responseOf({ status, headers, pieces, framing }: Reply): Buffer {
  const hasBody = status !== 204 && status !== 304;
  const lines = headers.map(([key, text]) => `${key}:${text}\r\n`).join('');
  const body = hasBody ? pieces : [];
  const length = body.reduce((sum, piece) => sum + piece.length, 0);
  const framed = {
    length: hasBody ? `content-length: ${length}\r\n` : '',
    chunked: hasBody ? 'transfer-encoding: chunked\r\n' : '',
    close: 'connection: close\r\n',
  }[framing];
  const head = Buffer.from(`HTTP/1.1 ${status} Reason\r\n${lines}${framed}\r\n`, 'latin1');
  if (framing !== 'chunked' || !hasBody) return Buffer.concat([head, ...body]);
  const chunks = body.flatMap((piece) => [`${piece.length.toString(16)};x="y"\r\n`, piece, '\r\n']);
  return Buffer.concat([head, ...chunks.map((part) => Buffer.from(part)), Buffer.from('0\r\nx-t: 1\r\n\r\n')]);
}

function cut(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const marks = [0, ...cuts.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return marks.slice(1).map((mark, index) => bytes.subarray(marks[index], mark));
}

function byNode(url: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    nodeRequest(url, { agent: false }, (message) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.on('end', () => {
        const headers = message.rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
        resolve({ status: message.statusCode, headers, body: Buffer.concat(chunks).toString('latin1') });
      });
    })
      .on('error', reject)
      .end();
  });
}

async function byUndici(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const { statusCode, body } = await undiciRequest(url, { reset: true });
  return { status: statusCode, body: Buffer.from(await body.arrayBuffer()).toString('latin1') };
}
