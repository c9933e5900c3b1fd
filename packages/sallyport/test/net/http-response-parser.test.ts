// Tests the reading of responses as bytes: what is a reply, what is refused, and that the network's cuts change nothing.
import { assert, constantFrom, integer, property, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseLimits } from '../../src/net/http-response-parser.ts';
import { ResponseParser } from '../../src/net/http-response-parser.ts';

const maxReplyBytes = 1_000;
const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

/** What became of the pieces of a response after which the peer closed its side. */
function outcome(pieces: readonly Buffer[], limits: Partial<ResponseLimits> = {}) {
  const parser = new ResponseParser({ method: 'GET', maxReplyBytes, ...limits });
  for (const piece of pieces) parser.read(piece);
  const state = parser.end();
  const { head } = parser;
  return {
    state,
    status: head?.status ?? null,
    headers: head?.headers ?? [],
    body: state === 'complete' ? parser.body.toString('latin1') : null,
  };
}

function whole(text: string, limits?: Partial<ResponseLimits>) {
  return outcome([Buffer.from(text, 'latin1')], limits);
}

function state(text: string): string {
  return whole(text).state;
}

function isReusable(text: string, method = 'GET'): boolean {
  const parser = new ResponseParser({ method, maxReplyBytes });
  return parser.read(Buffer.from(text, 'latin1')) === 'complete' && parser.isReusable;
}

const malformed: Readonly<Record<string, string>> = {
  nothing: '',
  'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
  'HTTP/0.9': 'hello',
  'HTTP/2': 'HTTP/2 200 OK\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\ncontent-length: 0\r\n\r\n',
  'a lower-case version': 'http/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'space before the status line': ' HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'an empty line first': '\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'two spaces before the status': 'HTTP/1.1  200 OK\r\ncontent-length: 0\r\n\r\n',
  'a tab before the status': 'HTTP/1.1\t200 OK\r\ncontent-length: 0\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n',
  'a status with a letter': 'HTTP/1.1 2x0 OK\r\ncontent-length: 0\r\n\r\n',
  'a status below 100': 'HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n',
  'no status': 'HTTP/1.1\r\ncontent-length: 0\r\n\r\n',
  'NUL in the reason phrase': 'HTTP/1.1 200 O\0K\r\ncontent-length: 0\r\n\r\n',
  'CR in the reason phrase': 'HTTP/1.1 200 O\rK\r\ncontent-length: 0\r\n\r\n',
  'a switch of protocols': 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n',
  'bare LF everywhere': 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok',
  'a bare LF after the status line': 'HTTP/1.1 200 OK\ncontent-length: 2\r\n\r\nok',
  'a bare LF after a header': `${ok}a: b\ncontent-length: 2\r\n\r\nok`,
  'a bare LF as the empty line': `${ok}content-length: 2\r\n\nok`,
  'a bare CR after a header': `${ok}a: b\rcontent-length: 2\r\n\r\nok`,
  'a bare CR within a value': `${ok}a: b\rc\r\ncontent-length: 2\r\n\r\nok`,
  'CR CR LF': `${ok}a: b\r\r\ncontent-length: 2\r\n\r\nok`,
  'obs-fold with a space': `${ok}a: b\r\n c\r\ncontent-length: 2\r\n\r\nok`,
  'obs-fold with a tab': `${ok}a: b\r\n\tc\r\ncontent-length: 2\r\n\r\nok`,
  'a folded first line': `${ok} a: b\r\ncontent-length: 2\r\n\r\nok`,
  'space before the colon': `${ok}content-length : 2\r\n\r\nok`,
  'a tab before the colon': `${ok}content-length\t: 2\r\n\r\nok`,
  'no colon': `${ok}content-length\r\n\r\n`,
  'no name': `${ok}: b\r\ncontent-length: 2\r\n\r\nok`,
  'a name with a bracket': `${ok}a(b: c\r\ncontent-length: 2\r\n\r\nok`,
  'a name with NUL': `${ok}a\0b: c\r\ncontent-length: 2\r\n\r\nok`,
  'a name beyond ASCII': `${ok}\xe4: c\r\ncontent-length: 2\r\n\r\nok`,
  'NUL in a value': `${ok}a: b\0c\r\ncontent-length: 2\r\n\r\nok`,
  'DEL in a value': `${ok}a: b\x7fc\r\ncontent-length: 2\r\n\r\nok`,
  'ESC in a value': `${ok}a: b\x1bc\r\ncontent-length: 2\r\n\r\nok`,
  'two equal lengths': `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\nok`,
  'two lengths': `${ok}content-length: 2\r\nContent-Length: 3\r\n\r\nok!`,
  'a list of lengths': `${ok}content-length: 2, 2\r\n\r\nok`,
  'an empty length': `${ok}content-length:\r\n\r\nok`,
  'a signed length': `${ok}content-length: +2\r\n\r\nok`,
  'a negative length': `${ok}content-length: -2\r\n\r\nok`,
  'a hexadecimal length': `${ok}content-length: 0x2\r\n\r\nok`,
  'a length with a fraction': `${ok}content-length: 2.0\r\n\r\nok`,
  'a length with a space in it': `${ok}content-length: 1 2\r\n\r\nok`,
  'a length of twenty digits': `${ok}content-length: 00000000000000000002\r\n\r\nok`,
  'a length and chunks': `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunks and a length': `${ok}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n`,
  'chunked twice': `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked, chunked': `${ok}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'gzip, chunked': `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'another transfer encoding': `${ok}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'identity as transfer encoding': `${ok}transfer-encoding: identity\r\ncontent-length: 2\r\n\r\nok`,
  'an empty transfer encoding': `${ok}transfer-encoding:\r\n\r\n0\r\n\r\n`,
  'chunked with a vertical tab': `${ok}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'a head over its cap': `${ok}a: ${'b'.repeat(33_000)}\r\ncontent-length: 2\r\n\r\nok`,
  'a head over its cap without an end': `${ok}a: ${'b'.repeat(33_000)}`,
  'heads over their cap together': `${`HTTP/1.1 103 Early\r\na: ${'b'.repeat(12_000)}\r\n\r\n`.repeat(3)}${ok}content-length: 2\r\n\r\nok`,
  'seventeen informational heads': `${'HTTP/1.1 103 Early\r\n\r\n'.repeat(17)}${ok}content-length: 2\r\n\r\nok`,
  'nothing but an informational head': 'HTTP/1.1 100 Continue\r\n\r\n',
  'a cut in the head': `${ok}content-length: 2\r\n`,
  'a cut in the body': `${ok}content-length: 3\r\n\r\nok`,
  'a cut in a chunk': `${chunked}3\r\nok`,
  'a cut before the last chunk': `${chunked}2\r\nok\r\n`,
  'a cut before the end of trailers': `${chunked}2\r\nok\r\n0\r\n`,
  'a chunk size with a sign': `${chunked}+2\r\nok\r\n0\r\n\r\n`,
  'a chunk size with 0x': `${chunked}0x2\r\nok\r\n0\r\n\r\n`,
  'a chunk size that is no number': `${chunked}g\r\nok\r\n0\r\n\r\n`,
  'no chunk size': `${chunked}\r\nok\r\n0\r\n\r\n`,
  'an extension without a size': `${chunked};a\r\nok\r\n0\r\n\r\n`,
  'a chunk size with space before': `${chunked} 2\r\nok\r\n0\r\n\r\n`,
  'a chunk size with space behind': `${chunked}2 \r\nok\r\n0\r\n\r\n`,
  'a chunk size of nine digits': `${chunked}000000002\r\nok\r\n0\r\n\r\n`,
  'a chunk size that ends in LF': `${chunked}2\nok\r\n0\r\n\r\n`,
  'a chunk size that ends in CR': `${chunked}2\rok\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${chunked}2\r\nokk\r\n0\r\n\r\n`,
  'a chunk shorter than its size': `${chunked}3\r\nok\r\n0\r\n\r\n`,
  'a chunk that ends in LF': `${chunked}2\r\nok\n0\r\n\r\n`,
  'a control character in an extension': `${chunked}2;a=\0\r\nok\r\n0\r\n\r\n`,
  'LF in an extension': `${chunked}2;a\nok\r\n0\r\n\r\n`,
  'endless extensions': `${chunked}2;${'a'.repeat(5_000)}\r\nok\r\n0\r\n\r\n`,
  'many extensions': `${chunked}${`1;${'a'.repeat(99)}\r\nx\r\n`.repeat(50)}0\r\n\r\n`,
  'endless trailers': `${chunked}0\r\n${'a: b\r\n'.repeat(1_500)}\r\n`,
  'a trailer without a colon': `${chunked}0\r\nab\r\n\r\n`,
  'a trailer with space before the colon': `${chunked}0\r\na : b\r\n\r\n`,
  'a folded trailer': `${chunked}0\r\na: b\r\n c\r\n\r\n`,
  'a trailer that ends in LF': `${chunked}0\r\na: b\n\r\n`,
  'a control character in a trailer': `${chunked}0\r\na: \x01\r\n\r\n`,
};

interface WellFormed {
  readonly text: string;
  readonly status: number;
  readonly headers?: readonly string[];
  readonly body: string;
  readonly method?: string;
}

const wellFormed: Readonly<Record<string, WellFormed>> = {
  'a length': { text: `${ok}content-length: 2\r\n\r\nok`, status: 200, headers: ['content-length', '2'], body: 'ok' },
  'a length of zero': { text: `${ok}content-length: 0\r\n\r\n`, status: 200, body: '' },
  'a length with leading zeros': { text: `${ok}content-length: 002\r\n\r\nok`, status: 200, body: 'ok' },
  'no header at all': { text: `${ok}\r\nrest`, status: 200, headers: [], body: 'rest' },
  chunks: { text: `${chunked}2\r\nok\r\nA\r\n0123456789\r\n0\r\n\r\n`, status: 200, body: 'ok0123456789' },
  'Chunked in capitals': { text: `${ok}Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n`, status: 200, body: '' },
  'extensions and trailers': {
    text: `${chunked}2;a=b;c="d"\r\nok\r\n000;x\r\nx-a: 1\r\nx-b:\r\n\r\n`,
    status: 200,
    headers: ['transfer-encoding', 'chunked'],
    body: 'ok',
  },
  'chunks that hold chunk signs': {
    text: `${chunked}7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n`,
    status: 200,
    body: '\r\n0\r\n\r\n',
  },
  'informational heads before it': {
    text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nx: 1\r\n\r\n${ok}content-length: 2\r\n\r\nok`,
    status: 200,
    headers: ['content-length', '2'],
    body: 'ok',
  },
  'HTTP/1.0': { text: 'HTTP/1.0 404 Not Found\r\ncontent-length: 2\r\n\r\nno', status: 404, body: 'no' },
  'an empty reason': { text: 'HTTP/1.1 201 \r\ncontent-length: 0\r\n\r\n', status: 201, body: '' },
  'no reason and no space': { text: 'HTTP/1.1 201\r\ncontent-length: 0\r\n\r\n', status: 201, body: '' },
  'a reason beyond ASCII': { text: 'HTTP/1.1 200 sch\xf6n\r\ncontent-length: 0\r\n\r\n', status: 200, body: '' },
  'space around a value': {
    text: `${ok}X-A:\t  b c \t\r\nx-b:\r\nX-A:d\r\ncontent-length: 0\r\n\r\n`,
    status: 200,
    headers: ['x-a', 'b c', 'x-b', '', 'x-a', 'd', 'content-length', '0'],
    body: '',
  },
  'a name like one of Object': { text: `${ok}__proto__: 1\r\ncontent-length: 0\r\n\r\n`, status: 200, body: '' },
  'an answer to HEAD': { text: `${ok}content-length: 5000\r\n\r\n`, status: 200, body: '', method: 'HEAD' },
  'no content': { text: 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n', status: 204, body: '' },
  'not modified': { text: 'HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n', status: 304, body: '' },
  'an end by closing': {
    text: `${ok}connection: close\r\n\r\nuntil\r\n\r\nthe end`,
    status: 200,
    body: 'until\r\n\r\nthe end',
  },
};

const tooLarge: Readonly<Record<string, string>> = {
  'a length': `${ok}content-length: 1001\r\n\r\n`,
  'the greatest length': `${ok}content-length: 999999999999999\r\n\r\n`,
  'a chunk': `${chunked}3e9\r\n`,
  'the greatest chunk': `${chunked}ffffffff\r\n`,
  'chunks together': `${chunked}${`64\r\n${'x'.repeat(100)}\r\n`.repeat(10)}1\r\nx\r\n0\r\n\r\n`,
  'what comes until the end': `${ok}\r\n${'x'.repeat(1_001)}`,
};

const everything: Readonly<Record<string, string>> = {
  ...malformed,
  ...tooLarge,
  ...Object.fromEntries(Object.entries(wellFormed).map(([name, { text }]) => [`well-formed: ${name}`, text])),
};

describe('a response', () => {
  it.each(Object.entries(wellFormed))(
    'with %s is a reply',
    (_what, { text, status, headers, body, method = 'GET' }) => {
      const found = whole(text, { method });
      expect(found).toMatchObject({ state: 'complete', status, body });
      if (headers !== undefined) expect(found.headers).toEqual(headers);
    },
  );

  it.each(Object.entries(malformed))('P01: with %s is none', (_what, text) => {
    expect(state(text)).toBe('malformed');
  });

  it.each(Object.entries(tooLarge))('V01: over its cap by %s is stopped, and its status known', (_what, text) => {
    expect(whole(text)).toMatchObject({ state: 'too-large', status: 200 });
    expect(whole(text, { maxReplyBytes: 1e16 }).state).not.toBe('too-large');
  });

  it('V01: may be as large as its cap', () => {
    const body = 'x'.repeat(maxReplyBytes);
    expect(state(`${ok}content-length: 1000\r\n\r\n${body}`)).toBe('complete');
    expect(state(`${chunked}3e8\r\n${body}\r\n0\r\n\r\n`)).toBe('complete');
    expect(state(`${ok}\r\n${body}`)).toBe('complete');
  });

  it('V01: may have a head as large as its cap', () => {
    const end = '\r\ncontent-length: 0\r\n\r\n';
    const filled = `${ok}a: `.padEnd(32 * 1024 - end.length, 'b');
    expect(state(`${filled}${end}`)).toBe('complete');
    expect(state(`${filled}b${end}`)).toBe('malformed');
  });
});

describe('the cuts of the network', () => {
  it.each(Object.entries(everything))('P01, R07: change nothing, wherever one is: %s', (_what, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const expected = outcome([bytes]);
    const step = Math.max(1, Math.ceil(bytes.length / 400));
    for (let at = 0; at <= bytes.length; at += step) {
      expect(outcome([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
  });

  it.each(Object.entries(everything))('P01, R07: change nothing, byte by byte: %s', (_what, text) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(outcome(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(outcome([bytes]));
  });

  it('P01, R07: change nothing, however many there are', () => {
    const texts = constantFrom(...Object.values(everything));
    const places = uniqueArray(integer({ min: 0, max: 9_999 }), { maxLength: 12 });
    assert(
      property(texts, places, (text, cuts) => {
        const bytes = Buffer.from(text, 'latin1');
        const marks = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].toSorted((a, b) => a - b);
        const pieces = marks.slice(1).map((mark, index) => bytes.subarray(marks[index], mark));
        expect(outcome(pieces)).toEqual(outcome([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('V01: cost memory for the bytes that came, not for their pieces', () => {
    const parser = new ResponseParser({ method: 'GET', maxReplyBytes: 100_000 });
    parser.read(Buffer.from(chunked));
    for (let count = 0; count < 100_000; count += 1) parser.read(Buffer.from('1\r\nx\r\n'));
    parser.read(Buffer.from('0\r\n\r\n'));
    expect(parser.body.length).toBe(100_000);
    expect(parser.body.buffer.byteLength).toBe(100_000);
  });
});

describe('a connection may be used again', () => {
  it.each([
    ['a length', `${ok}content-length: 2\r\n\r\nok`],
    ['chunks', `${chunked}2\r\nok\r\n0\r\n\r\n`],
    ['keep-alive', `${ok}connection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok`],
    ['another connection option', `${ok}connection: x-close\r\ncontent-length: 2\r\n\r\nok`],
    ['no content', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['no content and a length of zero', 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'],
    ['not modified and a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n'],
  ])('after a reply with %s', (_what, text) => {
    expect(isReusable(text)).toBe(true);
  });

  it('after an answer to HEAD', () => {
    expect(isReusable(`${ok}content-length: 9\r\n\r\n`, 'HEAD')).toBe(true);
  });

  it.each([
    ['a byte behind it', `${ok}content-length: 2\r\n\r\nok!`],
    ['a line end behind it', `${ok}content-length: 2\r\n\r\nok\r\n`],
    ['a second reply behind it', `${ok}content-length: 2\r\n\r\nok${ok}content-length: 2\r\n\r\nno`],
    ['a second reply behind its chunks', `${chunked}0\r\n\r\n${ok}content-length: 2\r\n\r\nno`],
    ['close', `${ok}connection: close\r\ncontent-length: 2\r\n\r\nok`],
    ['CLOSE among others', `${ok}connection: keep-alive, CLOSE\r\ncontent-length: 2\r\n\r\nok`],
    ['close in a second header', `${ok}connection: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok`],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['HTTP/1.0 and keep-alive', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok'],
    ['no content and a length', 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n'],
    ['no content and chunks', 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['no content and a body', 'HTTP/1.1 204 No Content\r\n\r\nok'],
  ])('P01: but not after a reply with %s', (_what, text) => {
    expect(whole(text).state).toBe('complete');
    expect(isReusable(text)).toBe(false);
  });

  it('P01: but not after a body behind the answer to HEAD', () => {
    expect(isReusable(`${ok}content-length: 2\r\n\r\nok`, 'HEAD')).toBe(false);
  });

  it('P01: but not after an end by closing', () => {
    const parser = new ResponseParser({ method: 'GET', maxReplyBytes });
    parser.read(Buffer.from(`${ok}\r\nok`));
    expect([parser.end(), parser.isReusable]).toEqual(['complete', false]);
  });
});
