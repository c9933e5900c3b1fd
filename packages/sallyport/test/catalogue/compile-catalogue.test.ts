// A config becomes operations that are ready to run and a view for each agent, or a list of everything that is wrong.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { type CatalogueOutcome, closeCatalogue, compileCatalogue } from '../../src/catalogue/compile-catalogue.ts';
import type { AgentId } from '../../src/domain/agent.ts';
import type { Config } from '../../src/domain/config.ts';
import type { OperationDefinition, OperationId } from '../../src/domain/operation.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { configOf } from '../config/config-text.ts';

const text = `services:
  shop:
    type: http
    url: https://shop.example.com
    credential: shop
    place: bearer
credentials:
  shop: { kind: token, max-lifetime: 90d }
operations:
  orders.get:
    service: shop
    effect: read
    description: One order.
    input: { id: { type: integer, minimum: 1, maximum: 1000000 } }
    http: { method: GET, path: '/orders/{id}' }
    reply: [/total]
  orders.refund:
    service: shop
    effect: write
    description: Refunds an order.
    input:
      id: { type: integer, minimum: 1, maximum: 1000000 }
      reason: { enum: [broken, late], default: late }
    http: { method: POST, path: '/orders/{id}/refunds', body: { reason: $reason } }
    reply: none
agents:
  reader:
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    may: [orders.get]
  clerk:
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    may: [orders.*]
    may-not: [orders.get]
`;

async function outcomeOf(config: Config): Promise<CatalogueOutcome> {
  const outcome = await compileCatalogue(config, { network: createNetwork() });
  if (outcome.ok) onTestFinished(() => closeCatalogue(outcome.catalogue));
  return outcome;
}

async function catalogueOf(config: Config): Promise<Catalogue> {
  const outcome = await outcomeOf(config);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.catalogue;
}

/** The config with one operation changed, as a config that was not parsed from a file could be. */
function withOperation(id: string, change: (definition: OperationDefinition) => OperationDefinition, as = id): Config {
  const config = configOf(text);
  const definition = config.operations.get(id as OperationId);
  if (definition === undefined) throw new Error('no such operation');
  const changed = { ...change(definition), id: as as OperationId };
  return { ...config, operations: new Map([...config.operations, [changed.id, changed]]) };
}

async function messagesOf(config: Config): Promise<readonly string[]> {
  const { problems } = await outcomeOf(config);
  return problems.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);
}

const get = 'orders.get' as OperationId;
const refund = 'orders.refund' as OperationId;

describe('the catalogue', () => {
  it('holds every operation, ready to validate and to build', async () => {
    const { operations } = await catalogueOf(configOf(text));
    const operation = operations.get(refund);
    expect(operation).toMatchObject({ toolName: 'orders_refund', plan: { describe: 'POST /orders/{id}/refunds' } });
    expect(operation?.credential?.target).toMatchObject({ host: 'shop.example.com', place: 'bearer' });
    const validation = operation?.validate({ id: 7 });
    if (validation?.ok !== true) throw new Error('refused');
    expect(validation.input).toEqual({ id: 7, reason: 'late' });
    expect(operation?.plan.build(validation.input).bytes).toBeGreaterThan(0);
  });

  it('A6: shows each agent only what it may call, by operation and by tool', async () => {
    const { views } = await catalogueOf(configOf(text));
    const seen = [...views].map(([id, view]) => [id, [...view.operations.keys()], [...view.byTool.keys()]]);
    expect(seen).toEqual([
      ['reader', [get], ['orders_get']],
      ['clerk', [refund], ['orders_refund']],
    ]);
    expect(views.get('nobody' as AgentId)).toBeUndefined();
  });

  it('gives the same digest for the same operation, and another for any change of what is executed or where', async () => {
    const digestOf = async (config: Config) => (await catalogueOf(config)).operations.get(get)?.digest;
    const digest = await digestOf(configOf(text));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf(configOf(text.replace('description: Refunds', 'description: Pays back')))).toBe(digest);
    const changes = [
      ['https://shop.example.com', 'https://shop.example.net'],
      ['place: bearer', 'place: { header: x-key }'],
      ["path: '/orders/{id}' }", "path: '/order/{id}' }"],
      ['maximum: 1000000 } }', 'maximum: 1000001 } }'],
      ['[/total]', '[/total, /card]'],
    ] as const;
    for (const [from, to] of changes) {
      expect(text).toContain(from);
      expect(await digestOf(configOf(text.replace(from, to)))).not.toBe(digest);
    }
  });

  it('A4: refuses two operations with one tool name, and names that differ in case or dash only', async () => {
    for (const name of ['orders_get', 'Orders.get', 'orders-get']) {
      const messages = await messagesOf(withOperation('orders.get', (definition) => definition, name));
      expect(messages).toContain(
        `error operations.${name}: its tool name is that of the operation orders.get; rename one of them`,
      );
    }
  });

  it('refuses a name that no tool can have', async () => {
    const long = `orders.${'x'.repeat(64)}`;
    expect(await messagesOf(withOperation('orders.get', (one) => one, long))).toEqual([
      `error operations.${long}: the name is longer than 64 characters; shorten it`,
    ]);
    expect((await messagesOf(withOperation('orders.get', (one) => one, 'orders.gеt')))[0]).toContain(
      'letters, digits, dots',
    );
  });

  it('A7: reports every faulty input with its place', async () => {
    const config = withOperation('orders.get', (definition) => ({
      ...definition,
      input: { id: { type: 'integer', $ref: '#' }, q: { type: 'string', pattern: '(?=x)' } },
    }));
    const messages = await messagesOf(config);
    expect(messages).toContain(
      'error operations.orders.get.input.id.$ref: this keyword is not supported in inputs; remove it',
    );
    expect(messages).toContainEqual(
      expect.stringMatching(/^error operations\.orders\.get\.input\.q\.pattern: the pattern /),
    );
  });

  it('reports what the connector finds, under the operation', async () => {
    const config = withOperation('orders.get', (definition) => ({
      ...definition,
      request: { type: 'sqlite', sql: 'select 1' },
    }));
    expect((await messagesOf(config))[0]).toMatch(/^error operations\.orders\.get: /);
  });

  it('reports a database that is not there once, under its service, with its path', async () => {
    const one = (name: string) => `  ${name}:
    service: shop
    effect: read
    description: ${name}
    input: {}
    sql: select 1 as one
    reply: { rows: 1 }
`;
    const services = 'services:\n  shop: { type: sqlite, file: /no/such/shop.db }\n';
    expect(await messagesOf(configOf(`${services}operations:\n${one('a.read')}${one('b.read')}`))).toEqual([
      'error services.shop.file: the database file /no/such/shop.db does not exist',
    ]);
  });

  it('E6: refuses a service whose credential is not declared', async () => {
    const config = { ...configOf(text), credentials: new Map() };
    expect((await messagesOf(config))[0]).toBe(
      'error operations.orders.get.service: the credential of this service is not declared, or has no place',
    );
  });

  it('refuses an operation of a service that is not declared', async () => {
    const config = { ...configOf(text), services: new Map() };
    expect((await messagesOf(config))[0]).toBe('error operations.orders.get.service: this service is not declared');
  });

  it('names conditions that no input can meet', async () => {
    const config = configOf(text);
    const clerk = config.agents.get('clerk' as AgentId);
    const grant = clerk?.grants[0];
    if (clerk === undefined || grant === undefined) throw new Error('no such agent');
    const where = { reason: { const: 'lost' }, price: { minimum: 1 }, id: { enum: [0, 7] } };
    const changed = { ...clerk, grants: [{ ...grant, where }] };
    expect(await messagesOf({ ...config, agents: new Map([[clerk.id, changed]]) })).toEqual([
      'warning agents.clerk.may.0.orders.*.where.reason: no value of this condition fits the schema of the input',
      'warning agents.clerk.may.0.orders.*.where.price: no operation that this rule names has an input of this name',
    ]);
  });

  it('warns of replies without an allow-list and of a service without TLS', async () => {
    const changed = text
      .replace('https://shop.example.com', 'http://127.0.0.1:8080\n    trust: loopback')
      .replace('[/total]', 'all');
    const messages = await messagesOf(configOf(changed));
    expect(messages.map((message) => message.split(':')[0])).toEqual([
      'warning services.shop.trust',
      'warning operations.orders.get.reply',
    ]);
  });

  it('ends its connections once, however often it is closed', async () => {
    const catalogue = await catalogueOf(configOf(text));
    await Promise.all([catalogue.close(), closeCatalogue(catalogue)]);
    await catalogue.close();
  });
});
