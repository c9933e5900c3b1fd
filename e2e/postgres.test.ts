// Contract: the packed package in front of a real PostgreSQL, with TLS and SCRAM: what agents get, what they do not, and where the
// password is found (nowhere).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates, rolePassword, startShopServer } from '../examples/shop-postgres/database.ts';
import type { PostgresCluster } from '../test/postgres-cluster.ts';
import { describeWithServer } from '../test/servers.ts';
import { freePort, type RunningServer, Sandbox } from './sandbox.ts';

const example = readFileSync(new URL('../examples/shop-postgres/sallyport.yaml', import.meta.url), 'utf8');

const moreOperations = `
  customers.emails:
    service: shop-db
    effect: read
    description: Reads a column that the role may not read.
    input: { city: { type: string, maxLength: 60 } }
    sql: select email from customers where city = :city
    reply: { rows: 5 }
  debug.say:
    service: shop-db
    effect: read
    description: Says what it was told.
    input: { text: { type: string, maxLength: 200 } }
    sql: select :text::text as said
    reply: { rows: 1 }
`;

describeWithServer('postgres', 'a PostgreSQL service', ({ binary }) => {
  let sandbox: Sandbox;
  let database: PostgresCluster;
  let databasePort: number;
  let server: RunningServer;
  let support: string;
  let warehouse: string;

  const writeConfig = (change: (text: string) => string = (text) => text) => {
    const text = example
      .replace('port: 7440', `port: ${databasePort}`)
      .replace('127.0.0.1:7430', `127.0.0.1:${sandbox.servicePort}`)
      .replace('\nagents:\n', `${moreOperations}\nagents:\n`)
      .replace('- orders.pack\n', '- orders.pack\n      - customers.emails\n      - debug.say\n');
    sandbox.writeConfig(() => change(`${text}\nlisten: { port: ${sandbox.port} }\n`));
  };
  const plantPassword = () => {
    const { value, proof } = rolePassword.make();
    const password = sandbox.plant('shop-db', value.slice(value.indexOf('password=') + 'password='.length), 0);
    return { value, proof, password: password.value };
  };
  const call = (token: string, operation: string, input: unknown) => sandbox.call(server, token, operation, input);
  const read = () => call(warehouse, 'orders.by-customer', { customer_id: 42, limit: 2 });

  beforeAll(async () => {
    sandbox = await Sandbox.create();
    databasePort = await freePort();
    writeConfig();
    const dataFolder = join(sandbox.folder, 'project', 'data');
    makeCertificates(dataFolder);
    const { value, proof } = plantPassword();
    const ports = { sallyport: sandbox.port, service: sandbox.servicePort, database: databasePort };
    database = await startShopServer(binary, { proofs: { 'shop-db': proof }, dataFolder, ports });
    await sandbox.prepare();
    await sandbox.json(['credential', 'add', 'shop-db'], { input: value });
    support = await sandbox.token('support-bot');
    warehouse = await sandbox.token('warehouse-bot');
    server = await sandbox.up();
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    const leaked = sandbox.leaked();
    await sandbox.close();
    await database.stop();
    expect(leaked).toEqual([]);
  }, 60_000);

  it('lists to each agent what it may call', async () => {
    const response = await fetch(`${server.url}/v1/operations`, { headers: { authorization: `Bearer ${warehouse}` } });
    const text = await response.text();
    sandbox.saw('list of operations', text);
    expect(text).toContain('orders.pack');
    expect(text).not.toContain('refunds.create');
  });

  it('reads, as itself over TLS', async () => {
    const { status, body } = await read();
    expect([status, body['result']]).toEqual([
      200,
      {
        rows: [
          { id: 168, status: 'placed', total_cents: 11392, placed_at: '2026-05-17T00:00:00Z' },
          { id: 167, status: 'delivered', total_cents: 3473, placed_at: '2026-04-10T00:00:00Z' },
        ],
        truncated: false,
      },
    ]);
    const sessions = `select distinct usename, ssl from pg_stat_activity join pg_stat_ssl using (pid) where application_name = 'sallyport'`;
    expect(database.sql(sessions)).toBe('shop_agent|t');
  });

  it('writes, once', async () => {
    const pack = () => call(warehouse, 'orders.pack', { order_id: 168 });
    expect((await pack()).body['result']).toMatchObject({ rows: [{ id: 168, status: 'packed' }] });
    expect((await pack()).body['result']).toMatchObject({ rows: [] });
    expect(database.sql('select status from orders where id = 168', 'shop')).toBe('packed');
  });

  it('A6: does not exist for an agent without the grant', async () => {
    const denied = await call(support, 'orders.pack', { order_id: 4 });
    const unknown = await call(support, 'orders.unknown', { order_id: 4 });
    expect(denied.body['code']).toBe('OPERATION_NOT_AVAILABLE');
    expect([denied.status, denied.body['message']]).toEqual([unknown.status, unknown.body['message']]);
  });

  it('D1: takes no SQL in values, and nothing but values', async () => {
    const name = "x' or 1=1; drop table orders; --";
    expect((await call(support, 'customers.find', { name })).body['result']).toMatchObject({ rows: [] });
    for (const customer_id of ["1'; drop table orders; --", { $ne: 1 }, [1], null])
      expect((await call(support, 'orders.by-customer', { customer_id })).body['code']).toBe('INPUT_INVALID');
    expect((await read()).status).toBe(200);
  });

  it('I10: says what the role may not do, and no value', async () => {
    const { status, text, body } = await call(warehouse, 'customers.emails', { city: 'Bremen-of-the-agent' });
    expect([status, body['code']]).toEqual([502, 'STATEMENT_FAILED']);
    expect(text).not.toMatch(/Bremen|email|shop_agent/);
  });

  it('E8: takes its password out of what the database says', async () => {
    const [password] = sandbox.secrets;
    const { text } = await call(warehouse, 'debug.say', { text: `it is ${password?.value ?? ''}` });
    expect(text).toContain('it is [redacted]');
  });

  it('uses a new password for the next call', async () => {
    const { value, password } = plantPassword();
    database.sql(`alter role shop_agent password '${password}'`);
    await sandbox.json(['credential', 'add', 'shop-db'], { input: value });
    expect((await read()).status).toBe(200);
    const sessions = `select count(*) from pg_stat_activity where application_name = 'sallyport'`;
    await expect.poll(() => database.sql(sessions)).toBe('1');
  });

  it.each([
    ['host', 'host: localhost', 'host: 127.0.0.1', 'UPSTREAM_IDENTITY'],
    ['database', 'database: shop', 'database: postgres', 'UPSTREAM_REFUSED_CREDENTIAL'],
  ])(
    'I7: sends nothing to another %s before a rebind, and only to who proves that name after it',
    async (_, from, to, end) => {
      writeConfig((text) => text.replace(from, to));
      await sandbox.json(['reload']);
      expect((await read()).body['code']).toBe('CREDENTIAL_TARGET_CHANGED');
      await sandbox.json(['credential', 'rebind', 'shop-db', '--yes']);
      expect((await read()).body['code']).toBe(end);
      writeConfig();
      await sandbox.json(['reload']);
      await sandbox.json(['credential', 'rebind', 'shop-db', '--yes']);
      expect((await read()).status).toBe(200);
    },
  );

  it('D1: does not load a statement that hides something, and keeps what runs', async () => {
    writeConfig((text) => text.replace('select :text::text as said', 'select pg_read_file(:text) as said'));
    const { status, output } = await sandbox.run(['check']);
    expect(status).toBe(1);
    expect(output).toMatch(/sallyport\.yaml:\d+:\d+ error.*the function pg_read_file, which is not allowed/);
    expect((await sandbox.run(['reload'])).status).not.toBe(0);
    expect((await read()).status).toBe(200);
    writeConfig();
  });

  it('is found to prove its identity by `doctor`', async () => {
    const { output } = await sandbox.run(['doctor']);
    expect(output).toContain(`localhost:${databasePort} proves its identity`);
  });

  it('leaves records that hold together', async () => {
    expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true, problems: [] });
  });
});
