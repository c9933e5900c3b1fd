// Tests how requests are built: each value whole in its own place, or refused before anything is sent.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestBuilder } from '../../src/connectors/http-request.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import type { HttpRequestTemplate, OperationInput } from '../../src/domain/operation.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { httpService } from '../net/http-service.ts';
import { fixed, input, slot, template } from './operation-definition.ts';

const service = httpService({ basePath: ['api'] });

function build(fields: Partial<HttpRequestTemplate>, values: OperationInput) {
  return requestBuilder(service, template(fields))(input(values));
}

function refusal(fields: Partial<HttpRequestTemplate>, values: OperationInput): unknown {
  try {
    return build(fields, values);
  } catch (error) {
    return error;
  }
}

const unsafe = expect.objectContaining({ code: 'INPUT_UNSAFE' });

describe('the path', () => {
  it('holds each value as one encoded segment', () => {
    expect(build({}, { id: "a b?c#d&e=f@g:h;i'(j)*!é" }).path).toBe(
      '/api/v1/items/a%20b%3Fc%23d%26e%3Df%40g%3Ah%3Bi%27%28j%29%2A%21%C3%A9',
    );
    expect(build({}, { id: 7 }).path).toBe('/api/v1/items/7');
    expect(build({}, { id: true }).path).toBe('/api/v1/items/true');
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/',
    'a\\b',
    '%2e%2e',
    '%2E',
    '.%2e',
    '%252e%252e',
    '%25252e%25252e',
    '..%2f',
    'a%2Fb',
    'a%5cb',
    '%00',
    'a\0b',
    'a\nb',
    '\u0085',
    '\ud800',
    '..;x=1',
    '%c0%ae%c0%ae',
    '%c0%af',
    '\uff0e\uff0e',
    'a\uff0fb',
    '\u2025',
    '%2525252525252e',
  ])('C1: refuses %j', (id) => {
    expect(refusal({}, { id })).toEqual(unsafe);
  });

  it('C1: takes harmless values with dots and percent signs', () => {
    const ids = ['...', '.hidden', 'a..b', '100%', 'v1.2', '%zz', '50%25', '~x_-'];
    expect(ids.map((id) => build({}, { id }).path.split('/').length)).toEqual(ids.map(() => 5));
  });

  it('C1: either refuses a value or sends it as one segment that decodes to it', () => {
    const tricky = fc.stringMatching(/^([./%\\;?#@:2eEfF5cC0-9a]|\u00e9|\ud83d\ude00){0,12}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), tricky), (id) => {
        const built = refusal({}, { id });
        if (built instanceof SallyportError) return built.code === 'INPUT_UNSAFE';
        const { path } = build({}, { id });
        const segments = new URL(`https://service.test${path}`).pathname.split('/');
        return segments.length === 5 && decodeURIComponent(segments[4] ?? '') === id && !/%2f|%5c/i.test(path);
      }),
    );
  });

  it('C2: keeps replacement patterns as they are', () => {
    expect(build({}, { id: "$&$1$'{id}" }).path).toBe('/api/v1/items/%24%26%241%24%27%7Bid%7D');
  });

  it('C3, D17: cannot reach another host, port, scheme or user', () => {
    for (const id of ['@evil.test', ':8080', 'http:', 'evil.test:443']) {
      expect(build({ segments: [slot('id')] }, { id }).path).toBe(`/api/${encodeURIComponent(id)}`);
    }
    expect(refusal({ segments: [slot('id')] }, { id: '//evil.test' })).toEqual(unsafe);
  });

  it('ends in a slash where the template does', () => {
    expect(build({ segments: [slot('id'), fixed('')] }, { id: 'a' }).path).toBe('/api/a/');
  });
});

describe('the query', () => {
  it('C4: keeps separators, equal signs and repeated keys inside one value', () => {
    const request = build({ query: { q: slot('q'), 'a b': fixed('x&y') } }, { id: '1', q: 'a&b=c;d[]=e+f%20#g\n' });
    expect(request.query).toBe('q=a%26b%3Dc%3Bd%5B%5D%3De%2Bf%2520%23g%0A&a%20b=x%26y');
  });

  it('leaves out an input that was left out', () => {
    expect(build({ query: { q: slot('q'), p: slot('p') } }, { id: '1', p: '' }).query).toBe('p=');
  });

  it.each([[null], [['a', 'b']], [{ a: 1 }], ['\ud800'], ['a\0b'], [{ rawJSON: '../x' }]])(
    'B5: refuses %j where text stands',
    (q) => {
      expect(refusal({ query: { q: slot('q') } }, { id: '1', q })).toEqual(unsafe);
      expect(refusal({ headers: { 'x-q': slot('q') } }, { id: '1', q })).toEqual(unsafe);
      expect(refusal({ method: 'POST', body: { kind: 'form', fields: { q: slot('q') } } }, { id: '1', q })).toEqual(
        unsafe,
      );
    },
  );

  it('B3: writes numbers exactly', () => {
    const exact = parseStrictJson('9007199254740993', { maxDepth: 1, numbers: 'keep' });
    const query = { a: slot('a'), b: slot('b'), c: slot('c'), d: slot('d') };
    expect(build({ query }, { id: '1', a: exact, b: 0.1, c: -0, d: 9007199254740991 }).query).toBe(
      'a=9007199254740993&b=0.1&c=0&d=9007199254740991',
    );
  });
});

describe('the headers', () => {
  it('are ours, and the values of the template', () => {
    const fields: Partial<HttpRequestTemplate> = {
      headers: { 'x-fixed': fixed('a b'), 'x-q': slot('q'), 'x-none': slot('none') },
    };
    expect(build(fields, { id: '1', q: 'v' }).headers).toEqual([
      'accept-encoding',
      'identity',
      'accept',
      'application/json',
      'user-agent',
      'sallyport',
      'x-fixed',
      'a b',
      'x-q',
      'v',
    ]);
  });

  it.each(['a\r\nx: 1', 'a\nb', 'a\0b', 'é', ' a', 'a ', '', '\t', '\u007f'])('C5: refuses %j as a value', (q) => {
    expect(refusal({ headers: { 'x-q': slot('q') } }, { id: '1', q })).toEqual(unsafe);
  });
});

describe('the body', () => {
  it('holds whole JSON values, exactly', () => {
    const items = parseStrictJson('[{"n":9007199254740993},null,"</x>"]', { maxDepth: 5, numbers: 'keep' });
    const request = build(
      {
        method: 'POST',
        body: {
          kind: 'json',
          template: {
            kind: 'object',
            fields: {
              items: { kind: 'input', name: 'items' },
              kind: { kind: 'value', value: 'order' },
              gone: { kind: 'input', name: 'gone' },
              list: {
                kind: 'array',
                items: [
                  { kind: 'input', name: 'id' },
                  { kind: 'input', name: 'gone' },
                ],
              },
            },
          },
        },
      },
      { id: '"},"admin":true', items },
    );
    expect(request.body?.toString()).toBe(
      '{"items":[{"n":9007199254740993},null,"</x>"],"kind":"order","list":["\\"},\\"admin\\":true"]}',
    );
    expect(request.headers).toContain('application/json');
  });

  it('encodes forms', () => {
    const request = build(
      { method: 'POST', body: { kind: 'form', fields: { a: slot('id'), b: slot('gone') } } },
      { id: 'x&b=1' },
    );
    expect(request.body?.toString()).toBe('a=x%26b%3D1');
    expect(request.headers).toContain('application/x-www-form-urlencoded');
  });

  it('B2: reads own properties of the input only', () => {
    const fields: Partial<HttpRequestTemplate> = { query: { a: slot('toString'), b: slot('__proto__') } };
    expect(build(fields, { id: '1' }).query).toBe('');
  });
});
