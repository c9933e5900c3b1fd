// What an operator is shown of a request before a yes: all of it, as it would be sent, and no credential.
import { describe, expect, it } from 'vitest';
import { requestBuilder } from '../../src/connectors/http-request.ts';
import { SqlitePlannedRequest } from '../../src/connectors/sqlite-request.ts';
import { httpService } from '../net/http-service.ts';
import { input, slot, template } from './operation-definition.ts';

describe('the preview of a statement', () => {
  it('is its text by lines, and each value with its type', () => {
    const values = { id: 7n, name: '1\n\u200b', note: null, share: 0.5 };
    expect(new SqlitePlannedRequest('update a set b = :name\n where id = :id', values).preview()).toEqual([
      { part: 'statement', lines: ['update a set b = :name', ' where id = :id'] },
      { part: 'values', lines: [':id = 7', ':name = "1\\n\u200b"', ':note = null', ':share = 0.5'] },
    ]);
  });
});

describe('the preview of an HTTP request', () => {
  const service = httpService({ basePath: ['api'] });

  it('is method, whole URL, headers and body, as they are sent', () => {
    const built = requestBuilder(
      service,
      template({
        method: 'POST',
        query: { note: slot('note') },
        headers: { 'x-note': slot('note') },
        body: { kind: 'json', template: { kind: 'object', fields: { note: { kind: 'input', name: 'note' } } } },
      }),
    )(input({ id: 'a b', note: 'x&y' }));
    const parts = Object.fromEntries(built.preview().map(({ part, lines }) => [part, lines]));
    expect(parts['sends']).toEqual([
      `POST ${service.scheme}://${service.host}:${service.port}/api/v1/items/a%20b?note=x%26y`,
    ]);
    expect(parts['headers']).toContain('x-note: x&y');
    expect(parts['body']).toEqual(['{"note":"x&y"}']);
  });

  it('has no body where none is sent', () => {
    const parts = requestBuilder(service, template())(input({ id: 'a' })).preview();
    expect(parts.map(({ part }) => part)).toEqual(['sends', 'headers']);
  });
});
