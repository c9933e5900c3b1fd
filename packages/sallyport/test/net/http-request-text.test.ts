// Tests how requests are written: exactly what was meant, and nothing that could be read as more.
import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestParts } from '../../src/net/http-request-text.ts';
import { requestText } from '../../src/net/http-request-text.ts';

function written(fields: Partial<RequestParts>): string {
  const parts = { method: 'GET', path: '/', headers: [], body: null, ...fields };
  const { text, encoding } = requestText('service.test', parts);
  return Buffer.from(text, encoding).toString('latin1');
}

const refused = expect.objectContaining({ code: 'INTERNAL' });

describe('a request', () => {
  it('is one head, and its body behind it', () => {
    const body = '{"a":"ü"}';
    expect(written({ method: 'POST', path: '/a?b=c', headers: ['x-a', '1', 'x-b', ''], body })).toBe(
      'POST /a?b=c HTTP/1.1\r\nhost: service.test\r\nconnection: keep-alive\r\nx-a: 1\r\nx-b: \r\n' +
        `content-length: 10\r\n\r\n${Buffer.from(body).toString('latin1')}`,
    );
  });

  it('says that it has no body where one is expected', () => {
    for (const method of ['POST', 'PUT', 'PATCH']) expect(written({ method })).toContain('\r\ncontent-length: 0\r\n');
    for (const method of ['GET', 'HEAD', 'DELETE']) expect(written({ method })).not.toContain('content-length');
    expect(written({ method: 'POST', body: '' })).toContain('\r\ncontent-length: 0\r\n');
  });

  it.each(['', 'get', 'GET ', 'GET\r\n', 'GE\0T', 'Ä'])('C5: has no method %j', (method) => {
    expect(() => written({ method })).toThrow(refused);
  });

  it.each(['', 'a', '*', 'http://other/', '/ ', '/a b', '/\r\n', '/\n', '/\t', '/\0', '/ä', '/č', '/a#b', '/\x7f'])(
    'C3, C5: has no path %j',
    (path) => {
      expect(() => written({ path })).toThrow(refused);
    },
  );

  it.each(['', ' ', 'a b', 'a:', 'a\r\nb', 'a\n', 'a\0', 'A', 'ä', '(a)'])('C5: has no header name %j', (name) => {
    expect(() => written({ headers: [name, '1'] })).toThrow(refused);
  });

  // U+010D and U+010A lose their upper byte when they are written as latin1, and are CR and LF then.
  it.each(['a\r\nb: c', 'a\n', 'a\r', 'a\0b', '\x7f', '\x1b', 'ä', '\u010d\u010ab: c'])(
    'C5: has no header value %j',
    (value) => {
      expect(() => written({ headers: ['x-a', value] })).toThrow(refused);
    },
  );

  it.each(['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'])(
    'C5, D14: has no %s of a caller',
    (name) => {
      expect(() => written({ headers: [name, '1'] })).toThrow(refused);
    },
  );

  it('has a value for each header', () => {
    expect(() => written({ headers: ['x-a'] })).toThrow(refused);
  });

  it('C5: has as many lines as headers, whatever they hold', () => {
    assert(
      property(
        string({ unit: 'binary' }),
        string({ unit: 'binary' }),
        string({ unit: 'binary' }),
        (path, name, value) => {
          let text: string;
          try {
            text = written({ path: `/${path}`, headers: [name, value] });
          } catch {
            return;
          }
          expect(text.split(/\r\n|\r|\n/)).toHaveLength(6);
        },
      ),
    );
  });
});
