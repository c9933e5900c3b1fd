// Operations: closed and bounded inputs, fixed requests that whole values fill, and replies that are named.
import { describe, expect, it } from 'vitest';
import type { OperationDefinition } from '../../src/domain/operation.ts';
import { configOf, errorsOf, httpConfig, operation, simpleOperation } from './config-text.ts';

function errors(text: string): readonly string[] {
  return errorsOf(httpConfig({ operation: text })).map((line) => line.replace(/^\S+ /, ''));
}

function read(text: string): OperationDefinition | undefined {
  return [...configOf(httpConfig({ operation: text })).operations.values()][0];
}

function sqlErrors(input: string, sql: string, reply = '{ rows: 1 }'): readonly string[] {
  const lines = ['services: { db: { type: sqlite, file: x.db } }', 'operations:', '  a.b:', '    service: db'];
  const rest = [`    effect: read`, '    description: x', `    input: ${input}`, `    sql: ${JSON.stringify(sql)}`];
  return errorsOf([...lines, ...rest, `    reply: ${reply}`].join('\n')).map((line) => line.replace(/^\S+ /, ''));
}

const post = (rest: string) => `{ method: POST, path: /items, ${rest} }`;

describe('an operation', () => {
  it('is read into a definition with its defaults', () => {
    expect(read(simpleOperation)).toEqual({
      id: 'items.get',
      service: 'api',
      effect: 'read',
      description: 'One item.',
      input: { id: { type: 'integer' } },
      optionalInputs: [],
      request: {
        type: 'http',
        method: 'GET',
        path: '/items/{id}',
        segments: [
          { kind: 'fixed', text: 'items' },
          { kind: 'input', name: 'id' },
        ],
        query: {},
        headers: {},
        body: { kind: 'none' },
        idempotencyHeader: null,
      },
      reply: { kind: 'fields', fields: [['name']], maxBytes: 65_536, maxRows: 100, headers: [] },
      timeoutMs: 10_000,
    });
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('that reads may not %s', (method) => {
    expect(errors(`effect: read\ndescription: x\nhttp: { method: ${method}, path: / }\nreply: none`)).toHaveLength(1);
  });

  it('has either http or sql, as its service asks', () => {
    expect(errors('effect: read\ndescription: x\nreply: none')).toEqual(['an operation has either `http` or `sql`']);
    expect(errors('effect: read\ndescription: x\nsql: select 1\nreply: { rows: 1 }')).toEqual([
      'the service `api` is of type http: its operations have `http`',
    ]);
  });

  it.each(['"a\u202eb"', '"a\\u200bb"', '"a\\U000E0041"', '"a\\u0007"', '""', `"${'x'.repeat(1025)}"`])(
    'A1: has a description that can be seen: not %s',
    (text) => {
      expect(errors(simpleOperation.replace('One item.', text)).length).toBeGreaterThan(0);
    },
  );

  it('has a timeout of at most five minutes', () => {
    expect(read(`${simpleOperation}\ntimeout: 30s`)?.timeoutMs).toBe(30_000);
    for (const timeout of ['6m', '0s', '10'])
      expect(errors(`${simpleOperation}\ntimeout: "${timeout}"`)).toHaveLength(1);
  });

  it('A4: has a tool name of its own', () => {
    const more = simpleOperation.replaceAll('\n', '\n    ');
    const text = httpConfig({ more: `  items_get:\n    service: api\n    ${more}` });
    expect(errorsOf(text)).toEqual([expect.stringContaining('has the tool name `items_get`, and so has `items.get`')]);
  });

  it('has a tool name of at most 64 characters', () => {
    expect(errorsOf(httpConfig().replace('items.get', 'a'.repeat(65)))).toEqual([
      expect.stringContaining('more than 64 characters'),
    ]);
  });
});

describe('an input', () => {
  const asBody = (input: string) => operation(`{ a: ${input} }`, post('body: { a: $a }'));

  it.each([
    '{ type: string, maxLength: 10 }',
    '{ type: string, format: date }',
    '{ enum: [a, b] }',
    '{ const: 1 }',
    '{ type: [integer, "null"], minimum: 1 }',
    '{ type: array, items: { type: integer }, maxItems: 3 }',
    '{ type: object, properties: { b: { type: boolean } }, required: [b], additionalProperties: false }',
    '{ type: number, multipleOf: 0.5, default: 1 }',
  ])('may be %s', (input) => {
    expect(errors(asBody(input))).toEqual([]);
  });

  it.each([
    ['unbounded text', '{ type: string }'],
    ['text bounded by a pattern only', '{ type: string, pattern: "^a*$" }'],
    ['an unbounded list', '{ type: array, items: { type: integer } }'],
    ['a list of anything', '{ type: array, maxItems: 3 }'],
    ['a list of unbounded text', '{ type: array, maxItems: 3, items: { type: string } }'],
    ['an open map', '{ type: object }'],
    ['a map that takes more', '{ type: object, properties: {}, additionalProperties: true }'],
    ['anything', '{}'],
    ['a union with unbounded text', '{ type: [string, integer] }'],
    ['an unknown type', '{ type: text }'],
    ['an empty range', '{ type: integer, minimum: 2, maximum: 1 }'],
    ['a format nobody checks', '{ type: string, format: email }'],
    ['a maximum that is text', '{ type: integer, maximum: "5" }'],
    ['no schema', 'string'],
    ['a required property that is not there', '{ type: object, properties: {}, required: [b] }'],
    ['optional within a map', '{ type: object, properties: { b: { type: boolean, optional: true } } }'],
    ['a prototype name', '{ type: object, properties: { "a b": { type: boolean } } }'],
    ['an enum that hides something', '{ enum: ["a\\u200b"] }'],
    ['a default that hides something', '{ type: string, maxLength: 9, default: "a\\u202e" }'],
  ])('is not %s', (_, input) => {
    expect(errors(asBody(input)).length).toBeGreaterThan(0);
  });

  it.each([
    '$ref',
    '$dynamicRef',
    '$id',
    '$schema',
    'if',
    'not',
    'anyOf',
    'oneOf',
    'allOf',
    'patternProperties',
    'propertyNames',
    'unevaluatedProperties',
    'dependentSchemas',
    'contains',
    '$comment',
    'examples',
  ])('A7: has no keyword %s', (keyword) => {
    expect(errors(asBody(`{ type: integer, "${keyword}": {} }`))).toEqual([
      expect.stringContaining(`\`${keyword}\` is not a keyword for inputs`),
    ]);
  });

  it('A7: is at most eight levels deep, with at most 1000 enum values and 64 KiB', () => {
    const deep = `${'{ type: array, maxItems: 1, items: '.repeat(8)}{ type: integer }${' }'.repeat(8)}`;
    expect(errors(asBody(deep))).toEqual([expect.stringContaining('nested deeper than 8')]);
    expect(errors(asBody(`{ enum: [${Array.from({ length: 1001 }, (_, i) => i).join(', ')}] }`))).toEqual([
      'has more than 1000 values',
    ]);
    expect(errors(asBody(`{ enum: [${'x'.repeat(70_000)}] }`))).toEqual(['is larger than 64 KiB']);
  });

  it.each(['"a-b"', '"1a"', 'toString-', '"a.b"', `a${'b'.repeat(64)}`])('is not named %s', (name) => {
    expect(errors(operation(`{ ${name}: { type: integer } }`, post('body: 1'))).length).toBeGreaterThan(0);
  });

  it('may be left out when it is optional or has a default', () => {
    const input = '{ a: { type: integer, optional: true }, b: { type: integer, default: 1 }, c: { type: integer } }';
    const definition = read(operation(input, post('body: [$a, $b, $c]')));
    expect(definition?.optionalInputs).toEqual(['a', 'b']);
    expect(definition?.input).toEqual({
      a: { type: 'integer' },
      b: { type: 'integer', default: 1 },
      c: { type: 'integer' },
    });
  });

  it('is closed at every level', () => {
    expect(read(asBody('{ type: object, properties: { b: { type: object, properties: {} } } }'))?.input['a']).toEqual({
      type: 'object',
      additionalProperties: false,
      properties: { b: { type: 'object', properties: {}, additionalProperties: false } },
    });
  });

  it('that the request does not use is an error', () => {
    expect(errors(operation('{ a: { type: integer } }', post('body: 1')))).toEqual([
      'the input `a` is used nowhere in the request',
    ]);
  });
});

describe('a path', () => {
  const withPath = (path: string) =>
    operation('{ a: { type: string, maxLength: 9 } }', `{ method: PUT, path: "${path}", body: $a }`);

  it('is decoded by segment, and a slash at its end is an empty one', () => {
    const request = read(withPath('/a%20b/{a}/'))?.request;
    expect(request).toMatchObject({
      segments: [
        { kind: 'fixed', text: 'a b' },
        { kind: 'input', name: 'a' },
        { kind: 'fixed', text: '' },
      ],
    });
    expect(read(withPath('/'))?.request).toMatchObject({ segments: [] });
  });

  it.each([
    'items',
    '',
    '/a/../b',
    '/./a',
    '/%2e%2e/a',
    '/%2E/a',
    '/a%2Fb',
    '/a%5Cb',
    '/a\\\\b',
    '/a//b',
    '/a?b=1',
    '/a#b',
    '/x{a}',
    '/{a}x',
    '/{a}{a}',
    '/{}',
    '/{a',
    '/a}',
    '/$a',
    '/{nothing}',
    '/a%00b',
    '/a\\tb',
    '/a%zz',
    '/%252e',
    '/..;/a',
  ])('D5: is not %s', (path) => {
    expect(errors(withPath(path))).toHaveLength(1);
  });

  it('takes no input that may be left out, and no list', () => {
    const http = '{ method: PUT, path: "/{a}" }';
    expect(errors(operation('{ a: { type: integer, optional: true } }', http))).toHaveLength(1);
    expect(errors(operation('{ a: { type: array, maxItems: 1, items: { type: integer } } }', http))).toHaveLength(1);
    expect(errors(operation('{ a: { enum: [1, null] } }', http))).toHaveLength(1);
    expect(errors(operation('{ a: { type: integer, default: 3 } }', http))).toEqual([]);
  });
});

describe('query, headers, form and body', () => {
  it('hold fixed text or whole inputs; `$$` writes a dollar', () => {
    const http =
      '{ method: POST, path: /, query: { q: $a, n: 5, f: true }, headers: { X-Cost: $$5 }, body: { a: [$a, $$b, 1, null] } }';
    expect(read(operation('{ a: { type: integer } }', http))?.request).toMatchObject({
      query: { q: { kind: 'input', name: 'a' }, n: { kind: 'fixed', text: '5' }, f: { kind: 'fixed', text: 'true' } },
      headers: { 'x-cost': { kind: 'fixed', text: '$5' } },
      body: {
        kind: 'json',
        template: {
          kind: 'object',
          fields: {
            a: {
              kind: 'array',
              items: [
                { kind: 'input', name: 'a' },
                { kind: 'value', value: '$b' },
                { kind: 'value', value: 1 },
                { kind: 'value', value: null },
              ],
            },
          },
        },
      },
    });
  });

  it('read a form', () => {
    expect(read(operation('{ a: { type: integer } }', post('form: { x: $a }')))?.request).toMatchObject({
      body: { kind: 'form', fields: { x: { kind: 'input', name: 'a' } } },
    });
  });

  it.each([
    'body: { a: $b }',
    'body: { a: "$a b" }',
    'body: { a: $a }, form: { a: $a }',
    'query: { a: [1] }',
    'query: [a]',
    'query: { "": $a }',
    'form: { a: null }',
    'headers: { X-A: $a, x-a: $a }',
    'headers: { X-A: "a\\nb", x-b: $a }',
    'headers: { "X A": $a }',
    'body: null, query: { a: $a }',
    'body: $a, unknown: 1',
  ])('refuse %s', (rest) => {
    expect(errors(operation('{ a: { type: integer } }', post(rest))).length).toBeGreaterThan(0);
  });

  it('refuse a body where the method has none', () => {
    expect(errors('effect: read\ndescription: x\nhttp: { method: GET, path: /, body: 1 }\nreply: none')).toEqual([
      'GET has no body',
    ]);
  });

  it.each([
    'Authorization',
    'cookie',
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'proxy-authorization',
    'te',
    'trailer',
    'upgrade',
    'X-HTTP-Method-Override',
    'forwarded',
    'x-forwarded-for',
    'expect',
    'keep-alive',
    'accept-encoding',
    'content-type',
    'Range', // cuts an echoed credential small
  ])('P05, R18: set no header %s', (name) => {
    expect(errors(operation('{}', post(`headers: { ${name}: x }`)))).toHaveLength(1);
    expect(errors(operation('{}', post(`idempotency-header: ${name}`)))).toHaveLength(1);
  });

  it('leave the place of the credential alone', () => {
    const service = (place: string) => `url: https://a.example\ncredential: api\nplace: ${place}`;
    const errorsAt = (place: string, rest: string) =>
      errorsOf(httpConfig({ service: service(place), operation: operation('{}', post(rest)) }));
    expect(errorsAt('{ header: X-Key }', 'headers: { x-key: a }')).toHaveLength(1);
    expect(errorsAt('{ header: X-Key }', 'idempotency-header: x-KEY')).toHaveLength(1);
    expect(errorsAt('{ query: key }', 'query: { Key: a }')).toHaveLength(1);
    expect(errorsAt('{ query: key }', 'query: { other: a }')).toEqual([]);
  });

  it('name an idempotency header once', () => {
    expect(read(operation('{}', post('idempotency-header: Idempotency-Key')))?.request).toMatchObject({
      idempotencyHeader: 'idempotency-key',
    });
    expect(errors(operation('{}', post('idempotency-header: A, headers: { a: b }')))).toHaveLength(1);
  });
});

describe('a statement', () => {
  it('uses every input, by name', () => {
    expect(sqlErrors('{ a: { type: integer } }', 'select :a, \':b\', ":c", x::int -- :d\n /* :e */')).toEqual([]);
    expect(sqlErrors('{ a: { type: integer } }', 'select 1')).toEqual(['the input `a` is used nowhere in the request']);
    expect(sqlErrors('{}', 'select :b')).toEqual(['no input is named `b`']);
  });

  it.each(['select ?', 'select @a', 'select $a', ' ', 'select \0'])('is not %j', (sql) => {
    expect(sqlErrors('{}', sql)).toHaveLength(1);
  });

  it('takes no list as a parameter', () => {
    expect(sqlErrors('{ a: { type: array, maxItems: 1, items: { type: integer } } }', 'select :a')).toHaveLength(1);
  });
});

describe('a reply', () => {
  const replyErrors = (reply: string) => errors(operation('{}', post('body: 1'), reply));

  it('must be said', () => {
    expect(errors('effect: read\ndescription: x\nhttp: { method: GET, path: / }')).toEqual([
      expect.stringMatching(/^`reply` is missing; say what the agent may see/),
    ]);
  });

  it('names fields by pointer', () => {
    const reply = '{ fields: [/a/*/b, /c~1d~0], rows: 5, bytes: 1000, headers: [ETag] }';
    expect(read(operation('{}', post('body: 1'), reply))?.reply).toEqual({
      kind: 'fields',
      fields: [['a', '*', 'b'], ['c/d~']],
      maxRows: 5,
      maxBytes: 1000,
      headers: ['etag'],
    });
  });

  it.each([
    '[]',
    '[a]',
    '[""]',
    '[/a~2]',
    '[1]',
    'some',
    '{ rows: 5 }',
    '{ fields: all }',
    '{ fields: [/a], bytes: 9000000 }',
    '{ fields: [/a], rows: 10001 }',
    '{ fields: [/a], headers: [Set-Cookie] }',
    '{ fields: [/a], headers: ["a b"] }',
  ])('is not %s', (reply) => {
    expect(replyErrors(reply)).toHaveLength(1);
  });

  it('of a statement says how many rows', () => {
    expect(sqlErrors('{}', 'select 1', 'none')).toEqual([]);
    for (const reply of ['all', '[/a]', '{}', '{ rows: 0 }', '{ rows: 1, fields: [/a] }']) {
      expect(sqlErrors('{}', 'select 1', reply)).toHaveLength(1);
    }
  });
});
