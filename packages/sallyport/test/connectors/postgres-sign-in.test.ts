// Who gets the credential of a database: nobody but a server whose identity is proven, and never the password itself.
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeWithServer } from '../../../../test/servers.ts';
import type { Execution } from '../../src/connectors/connector.ts';
import { openSession } from '../../src/connectors/postgres-session.ts';
import { agentPassword, connectTo, fields, outcome, PostgresShop, run, trustIn } from './postgres-database.ts';

const sslRequest = '0000000804d2162f';
const password = 'pw-never-on-the-wire';

function causeOf(execution: Execution): string {
  return execution.kind === 'replied' ? '' : String(execution.error.cause);
}

interface FakeServer {
  readonly port: number;
  /** What came in clear text, hex. */
  clear(): string;
  /** What came through TLS. */
  secret(): string;
}

/** Answers an SSLRequest as told; after a yes it speaks TLS with a certificate of the fixtures, and answers nothing. */
async function fakeServer(answer: string, certificate = 'good'): Promise<FakeServer> {
  const clear: Buffer[] = [];
  const secret: Buffer[] = [];
  const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
  const secureContext = createSecureContext({ cert: pem(certificate), key: pem(`${certificate}-key`) });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (chunk: Buffer) => {
      clear.push(chunk);
      socket.write(answer);
      if (answer !== 'S') {
        socket.on('data', (more: Buffer) => clear.push(more));
        return;
      }
      const tls = new TLSSocket(socket, { isServer: true, secureContext });
      tls.on('data', (more: Buffer) => secret.push(more)).on('error', () => {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    clear: () => Buffer.concat(clear).toString('hex'),
    secret: () => Buffer.concat(secret).toString('latin1'),
  };
}

const access = { credential: fields('agent', password), timeoutMs: 1_000 };

describe('D12: a server that did not prove its identity', () => {
  it.each([
    ['offers no TLS', 'N'],
    ['answers with an error', 'E'],
    ['puts clear text before the handshake', 'SR\0\0\0\u0008\0\0\0\0'],
  ])('gets nothing but the request for TLS when it %s', async (_, answer) => {
    const server = await fakeServer(answer);
    const execution = await run(connectTo({ port: server.port }), 'select 1 as a', { access });
    expect(outcome(execution)).toBe('not-sent UPSTREAM_IDENTITY');
    expect(server.clear()).toBe(sslRequest);
  });

  it.each(['wrong-name', 'expired', 'self-signed'])('gets nothing when its certificate is %s', async (certificate) => {
    const server = await fakeServer('S', certificate);
    const execution = await run(connectTo({ port: server.port }), 'select 1 as a', { access });
    expect(outcome(execution)).toBe('not-sent UPSTREAM_IDENTITY');
    expect([server.clear(), server.secret()]).toEqual([sslRequest, '']);
  });

  it('control: one with the right certificate gets the user name, and no password', async () => {
    const server = await fakeServer('S');
    const execution = await run(connectTo({ port: server.port }), 'select 1 as a', { access });
    expect(outcome(execution)).toBe('not-sent UPSTREAM_TIMEOUT');
    expect(server.secret()).toContain('agent');
    expect(server.secret()).not.toContain(password);
  });

  it('loses the connection when it takes too long to sign in', async () => {
    const server = await fakeServer('');
    const dial = async () => connect({ host: '127.0.0.1', port: server.port });
    const signIn = { user: 'agent', password, database: 'shop' };
    await expect(openSession(dial, signIn, 50)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(server.clear()).not.toContain(Buffer.from(password).toString('hex'));
  });

  it('is not reached at an address that the service may not have', async () => {
    const execution = await run(connectTo({ port: 5432, addresses: [] }), 'select 1 as a', { access });
    expect(outcome(execution)).toBe('not-sent ADDRESS_REFUSED');
  });
});

describeWithServer('postgres', 'signing in at a real server', ({ binary }) => {
  const shop = new PostgresShop(binary, [
    'hostssl all agent 127.0.0.1/32 scram-sha-256',
    'hostnossl shop agent 127.0.0.1/32 scram-sha-256',
    'host all md5_user 127.0.0.1/32 md5',
    'host all clear_user 127.0.0.1/32 password',
    'host all trusted_user 127.0.0.1/32 trust',
  ]);
  const loopback = { trust: { kind: 'loopback' } } as const;

  it('works by SCRAM over TLS, by name and by address, and without TLS on loopback where that is declared', async () => {
    for (const fields of [{}, { host: 'localhost' }, loopback]) {
      expect(outcome(await run(shop.connect(fields), 'select 1 as a'))).toBe('[{"a":1}]');
    }
  });

  it('E11: takes nothing from the environment', async () => {
    const settings = { OPTIONS: '-c no_such_setting=1', REPLICATION: 'database', SSLNEGOTIATION: 'direct' };
    const identity = { USER: 'md5_user', PASSWORD: 'other', HOST: '192.0.2.1', PORT: '1', DATABASE: 'other' };
    for (const [name, value] of Object.entries({ ...settings, ...identity, SSLMODE: 'disable', PASSFILE: '/dev/null' }))
      vi.stubEnv(`PG${name}`, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(outcome(await run(shop.connect(), 'select current_user::text as a'))).toBe('[{"a":"agent"}]');
  });

  it('D12: is refused for another authority, and for another name', async () => {
    const other = await run(shop.connect({ trust: trustIn('other-ca') }), 'select 1 as a');
    expect(outcome(other)).toBe('not-sent UPSTREAM_IDENTITY');
    const system = await run(shop.connect({ trust: { kind: 'system' } }), 'select 1 as a');
    expect(outcome(system)).toBe('not-sent UPSTREAM_IDENTITY');
    const name = await run(shop.connect({ host: '127.0.0.2' }), 'select 1 as a');
    expect(outcome(name)).toMatch(/^not-sent UPSTREAM_(?:IDENTITY|UNREACHABLE)$/);
  });

  it.each([
    ['md5_user', 'the server asks for the password as MD5'],
    ['clear_user', 'the server asks for the password in clear text'],
    ['trusted_user', 'the server lets everybody in without a password'],
  ])('is refused as %s', async (user, cause) => {
    shop.sql(`set password_encryption = md5; create role ${user} login password '${password}'`);
    for (const fieldsOfService of [{}, loopback]) {
      const execution = await run(shop.connect(fieldsOfService), 'select 1 as a', {
        access: { credential: fields(user, password) },
      });
      expect(outcome(execution)).toBe('not-sent UPSTREAM_IDENTITY');
      expect(causeOf(execution)).toContain(cause);
    }
  });

  it('is refused with a wrong password, an unknown database, and without a credential', async () => {
    const wrong = await run(shop.connect(), 'select 1 as a', { access: { credential: fields('agent', 'wrong') } });
    expect(outcome(wrong)).toBe('not-sent UPSTREAM_REFUSED_CREDENTIAL');
    expect(causeOf(wrong)).toBe('Error: FATAL 28P01 in auth_failed');
    const unknown = await run(shop.connect({ database: 'other' }), 'select 1 as a');
    expect(outcome(unknown)).toBe('not-sent UPSTREAM_REFUSED');
    const none = await run(shop.connect(), 'select 1 as a', { access: { credential: null } });
    expect(outcome(none)).toBe('not-sent CREDENTIAL_MISSING');
    expect(JSON.stringify([wrong, unknown, none])).not.toContain(agentPassword);
  });

  it('says that there is no room when the server has none', async () => {
    shop.sql('alter role agent connection limit 0');
    const full = await run(shop.connect(), 'select 1 as a');
    shop.sql('alter role agent connection limit -1');
    expect(outcome(full)).toBe('not-sent UPSTREAM_UNREACHABLE');
  });
});
