// Services of type postgres: one reading of host and names, identity before the password, one target for the credential.
import { describe, expect, it } from 'vitest';
import { declaredCredentials } from '../../src/domain/declared-credentials.ts';
import { configOf, errorsOf } from './config-text.ts';

function postgresConfig(changes: readonly (readonly [string, string])[] = [], more = ''): string {
  const text = `services:
  shop:
    type: postgres
    host: db.example.com
    database: shop
    credential: shop
${more}
credentials:
  shop: { kind: username-password, max-lifetime: 90d }
operations:
  orders.get:
    service: shop
    effect: read
    description: One order.
    input: { id: { type: integer } }
    sql: select id from orders where id = :id and tags @> '{a}' and doc ? 'b'
    reply: { rows: 1 }`;
  return changes.reduce((all, [from, to]) => all.replace(from, to), text);
}

const messagesOf = (text: string): readonly string[] => errorsOf(text).map((line) => line.replace(/^\S+ /, ''));

describe('a postgres service', () => {
  it('has defaults', () => {
    expect([...configOf(postgresConfig()).services.values()]).toEqual([
      {
        type: 'postgres',
        id: 'shop',
        host: 'db.example.com',
        port: 5432,
        database: 'shop',
        searchPath: ['public'],
        trust: { kind: 'system' },
        addresses: [],
        credential: 'shop',
      },
    ]);
  });

  it('I7: gives its credential one target', () => {
    const { target } = [...declaredCredentials(configOf(postgresConfig()))][0]?.[1] ?? {};
    expect(target).toEqual({
      credential: 'shop',
      kind: 'username-password',
      use: 'call',
      scheme: 'postgres',
      host: 'db.example.com',
      port: 5432,
      place: 'postgres:shop',
      trust: 'system',
    });
  });

  it('leaves the statement, with all operators of PostgreSQL, to its grammar', () => {
    expect([...configOf(postgresConfig()).operations.values()][0]?.request).toMatchObject({ type: 'postgres' });
  });

  it('takes an address, schemas and ranges', () => {
    const text = postgresConfig(
      [['db.example.com', '"2001:db8::1"']],
      '    port: 6432\n    search-path: [shop, public]\n    addresses: [10.0.0.0/8]',
    );
    expect([...configOf(text).services.values()][0]).toMatchObject({
      host: '2001:db8::1',
      port: 6432,
      searchPath: ['shop', 'public'],
      addresses: ['10.0.0.0/8'],
    });
  });

  it.each([
    ['a URL', 'host: db.example.com', 'host: postgres://db.example.com'],
    ['a port in the host', 'host: db.example.com', 'host: "db.example.com:5432"'],
    ['a trailing dot', 'host: db.example.com', 'host: db.example.com.'],
    ['an ambiguous address', 'host: db.example.com', 'host: "127.1"'],
    ['a socket file', 'host: db.example.com', 'host: /run/postgresql'],
    ['a name that the server would cut', 'database: shop', `database: ${'x'.repeat(64)}`],
    ['an empty database', 'database: shop', 'database: ""'],
    ['no database', '    database: shop\n', ''],
    ['a key that does not exist', 'database: shop', 'database: shop\n    ssl: false'],
    ['a place', 'database: shop', 'database: shop\n    place: bearer'],
    ['no credential', 'credential: shop', 'credential: none'],
    ['a port out of range', 'database: shop', 'database: shop\n    port: 70000'],
    ['$user in the search path', 'database: shop', 'database: shop\n    search-path: ["$user"]'],
    ['the system schema in the search path', 'database: shop', 'database: shop\n    search-path: [pg_temp]'],
    ['a token', 'kind: username-password', 'kind: token'],
    ['no TLS for another machine', 'database: shop', 'database: shop\n    trust: loopback'],
    ['a range that is none', 'database: shop', 'database: shop\n    addresses: [10.0.0.1]'],
  ])('refuses %s', (_, from, to) => {
    expect(messagesOf(postgresConfig([[from, to]]))).not.toEqual([]);
  });

  it('may do without TLS on this machine', () => {
    const text = postgresConfig([['db.example.com', '127.0.0.1']], '    trust: loopback');
    expect([...configOf(text).services.values()][0]).toMatchObject({ trust: { kind: 'loopback' } });
  });

  it('has operations with sql', () => {
    const text = postgresConfig([
      [/^ {4}sql: .*$/m.exec(postgresConfig())?.[0] ?? '', "    http: { method: GET, path: '/{id}' }"],
      ['{ rows: 1 }', '[/id]'],
    ]);
    expect(messagesOf(text)).toEqual(['the service `shop` is of type postgres: its operations have `sql`']);
  });
});
