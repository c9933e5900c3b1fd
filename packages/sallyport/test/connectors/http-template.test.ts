// Tests what is refused about an HTTP operation when the config is loaded.
import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../../src/connectors/http-template.ts';
import type { HttpRequestTemplate, OperationDefinition } from '../../src/domain/operation.ts';
import type { HttpService } from '../../src/domain/service.ts';
import { httpService } from '../net/http-service.ts';
import { fixed, operation, replyAll, slot, template } from './operation-definition.ts';

function problems(
  fields: Partial<HttpRequestTemplate>,
  others: Partial<OperationDefinition> = {},
  service: Partial<HttpService> = {},
): readonly string[] {
  const request = template(fields);
  return checkTemplate(httpService(service), operation({ request, ...others }), request).map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

describe('checkTemplate', () => {
  it('finds nothing wrong with a plain read', () => {
    expect(problems({})).toEqual([]);
  });

  it('refuses a read that uses a method that writes', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      expect(problems({ method })).toEqual([expect.stringMatching(/^error http.method: a read uses GET or HEAD/)]);
    }
  });

  it('warns of a DELETE that calls itself a write', () => {
    expect(problems({ method: 'DELETE' }, { effect: 'write' })).toEqual([
      expect.stringMatching(/^warning http.method/),
    ]);
    expect(problems({ method: 'DELETE' }, { effect: 'destroy' })).toEqual([]);
  });

  it('refuses a GET with a body, and rows of an HTTP reply', () => {
    expect(problems({ body: { kind: 'form', fields: { id: slot('id') } } })).toEqual([
      'error http.body: GET has no body',
    ]);
    expect(problems({}, { reply: { ...replyAll, kind: 'rows' } })).toHaveLength(1);
  });

  it('refuses inputs that do not exist and inputs that are used nowhere', () => {
    const found = problems({ query: { q: slot('missing') } }, { input: { id: { type: 'string' }, extra: {} } });
    expect(found).toEqual([
      'error http.query.q: there is no input missing',
      'error input.extra: the input extra is used nowhere in the request',
    ]);
  });

  it('refuses an input in the path that may be left out, and takes one with a default', () => {
    expect(problems({}, { optionalInputs: ['id'] })).toHaveLength(1);
    expect(problems({}, { optionalInputs: ['id'], input: { id: { type: 'string', default: 'x' } } })).toEqual([]);
  });

  it.each(['', '.', '..', 'a/b', 'a%2fb', 'a?b', 'a#b', 'a\\b', 'a\nb'])('C1: refuses the fixed segment %j', (text) => {
    expect(problems({ segments: [fixed(text), slot('id')] })).toHaveLength(1);
  });

  it('takes a slash at the end of the path', () => {
    expect(problems({ segments: [slot('id'), fixed('')] })).toEqual([]);
  });

  it.each([
    'host',
    'authorization',
    'cookie',
    'content-length',
    'transfer-encoding',
    'connection',
    'proxy-authorization',
    'x-forwarded-for',
    'forwarded',
    'te',
    'upgrade',
    'range',
    'x-http-method-override',
    'x-original-url',
    'expect',
  ])('C5, C6, R18: refuses the header %s', (name) => {
    expect(problems({ headers: { [name]: fixed('x') } })).toEqual([
      `error http.headers.${name}: the header ${name} belongs to Sallyport and cannot be set`,
    ]);
  });

  it('C5: refuses header names and fixed values that cannot be sent', () => {
    expect(problems({ headers: { 'a b': fixed('x') } })).toHaveLength(1);
    expect(problems({ headers: { 'x-a': fixed('a\r\nb') } })).toHaveLength(1);
  });

  it('C6: refuses fields that override the method', () => {
    expect(problems({ query: { _method: fixed('DELETE') } })).toHaveLength(1);
  });

  it('C4: refuses to set what is the place of the credential', () => {
    const inQuery = { place: { kind: 'query', name: 'api_key' } } as const;
    const inHeader = { place: { kind: 'header', name: 'X-Api-Key', prefix: '' } } as const;
    expect(problems({ query: { API_KEY: fixed('x') } }, {}, inQuery)).toHaveLength(1);
    expect(problems({ headers: { 'x-api-key': fixed('x') } }, {}, inHeader)).toHaveLength(1);
    expect(problems({ idempotencyHeader: 'X-Api-Key' }, {}, inHeader)).toHaveLength(1);
  });

  it('B5: refuses arrays, objects and null where text stands, and takes them in JSON', () => {
    for (const type of ['array', 'object', ['string', 'null']]) {
      expect(problems({}, { input: { id: { type } } })).toHaveLength(1);
    }
    const body = { kind: 'json', template: { kind: 'input', name: 'id' } } as const;
    const write = { effect: 'write', input: { id: { type: 'array' } } } as const;
    expect(problems({ method: 'POST', segments: [fixed('v1')], body }, write)).toEqual([]);
    expect(
      problems({ method: 'POST', segments: [fixed('v1')], body }, { ...write, optionalInputs: ['id'] }),
    ).toHaveLength(1);
  });
});
