// A PostgreSQL database for tests of its connector: a cluster of its own, a role for the agent, and short ways to run statements.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { PostgresCluster } from '../../../../test/postgres-cluster.ts';
import { startCluster } from '../../../../test/postgres-cluster.ts';
import type { Execution, ExecutionAccess, Prepared, ServiceConnection } from '../../src/connectors/connector.ts';
import { connectService } from '../../src/connectors/index.ts';
import type { CredentialId } from '../../src/domain/credential.ts';
import type { JsonObject } from '../../src/domain/json-value.ts';
import type { OperationInput } from '../../src/domain/operation.ts';
import type { SecretFields } from '../../src/domain/secret.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { PostgresService, ServiceId, TrustAnchor } from '../../src/domain/service.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { input, operation, replyAll } from './operation-definition.ts';
import type { Declared } from './shop-database.ts';

/** The password of the role `agent`, with characters that its place must not change. */
export const agentPassword = 'Zk9#vé"\\ q7 xTw2';

const schema = readFileSync(new URL('./postgres-shop.sql', import.meta.url), 'utf8');
const tlsFile = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const pem = (name: string): string => readFileSync(tlsFile(name), 'utf8');
const goodCertificate = { certificate: tlsFile('good'), key: tlsFile('good-key') };

/** Trust in one certificate of the fixtures. */
export function trustIn(name: string): TrustAnchor {
  return { kind: 'ca', file: `${name}.pem`, pem: pem(name), sha256: name };
}

/** A service on this machine. */
function postgresService(fields: Partial<PostgresService> = {}): PostgresService {
  return {
    type: 'postgres',
    id: 'shop' as ServiceId,
    host: '127.0.0.1',
    port: 5432,
    database: 'shop',
    searchPath: ['public'],
    trust: trustIn('ca'),
    addresses: ['127.0.0.0/8', '::1/128'],
    credential: 'shop' as CredentialId,
    ...fields,
  };
}

/** A connection that ends with the test. */
export function connectTo(fields: Partial<PostgresService> = {}): ServiceConnection {
  const connection = connectService(postgresService(fields), { network: createNetwork() });
  onTestFinished(() => connection.close());
  return connection;
}

/** A user name and a password as the vault gives them. */
export function fields(username: string, password: string): SecretFields {
  return { username: { secret: false, value: username }, password: { secret: true, value: new Secret(password) } };
}

/** Compiles a statement. */
export function prepare(connection: ServiceConnection, sql: string, declared: Declared = {}): Promise<Prepared> {
  const { effect = 'read', input: inputs = {}, maxRows = 100, maxBytes = 100_000, isSilent = false } = declared;
  return connection.prepare(
    operation({
      effect,
      input: inputs,
      request: { type: 'postgres', sql },
      reply: isSilent ? { ...replyAll, kind: 'none' } : { kind: 'rows', headers: [], maxRows, maxBytes },
    }),
  );
}

/** Messages of everything that is wrong with a statement; none when nothing is. */
export function messagesOf({ problems }: Prepared): readonly string[] {
  return problems.map(({ message }) => message);
}

/** What a run may differ in. */
export interface RunOptions extends Declared {
  readonly values?: OperationInput;
  readonly access?: Partial<ExecutionAccess>;
}

/** Compiles and runs a statement as `agent`. */
export async function run(connection: ServiceConnection, sql: string, options: RunOptions = {}): Promise<Execution> {
  const prepared = await prepare(connection, sql, options);
  if (!prepared.ok) throw new Error(messagesOf(prepared).join('; '));
  return await prepared.plan.execute(prepared.plan.build(input(options.values ?? {})), {
    credential: fields('agent', agentPassword),
    credentialVersion: 1,
    idempotencyKey: null,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...options.access,
  });
}

/** The rows of an execution as JSON text, or kind and code of its end. */
export function outcome(execution: Execution): string {
  if (execution.kind !== 'replied') return `${execution.kind} ${execution.error.code}`;
  return execution.body.kind === 'rows' ? JSON.stringify(execution.body.rows) : execution.body.kind;
}

/** The rows of an execution. */
export function rowsOf(execution: Execution): readonly JsonObject[] {
  if (execution.kind !== 'replied' || execution.body.kind !== 'rows') throw new Error(outcome(execution));
  return execution.body.rows as readonly JsonObject[];
}

/** The database of a test file. */
export class PostgresShop {
  #cluster: PostgresCluster | undefined;

  constructor(binary: string, access: readonly string[] = ['host all agent 127.0.0.1/32 scram-sha-256']) {
    beforeAll(async () => {
      this.#cluster = await startCluster(binary, { access, tls: goodCertificate });
      const literal = agentPassword.replaceAll("'", "''");
      this.sql(`create database shop; create role agent login password '${literal}';`, 'postgres');
      this.sql(schema);
    });
    afterAll(async () => {
      await this.#cluster?.stop();
    });
  }

  get port(): number {
    return this.#cluster?.port ?? 0;
  }

  /** Runs SQL as superuser. */
  sql(text: string, database = 'shop'): string {
    return this.#cluster?.sql(text, database) ?? '';
  }

  /** A connection that ends with the test. */
  connect(changed: Partial<PostgresService> = {}): ServiceConnection {
    return connectTo({ port: this.port, ...changed });
  }

  /** Everything that statements could have changed, as one text. */
  state(): string {
    return this.sql(`
      select string_agg(t::text, ',' order by t::text) from orders t;
      select string_agg(t::text, ',' order by t::text) from items t;
      select string_agg(t::text, ',' order by t::text) from audit_log t;
      select string_agg(t::text, ',' order by t::text) from secrets t;
      select last_value, is_called from s;
      select count(*) from pg_largeobject_metadata;
      select string_agg(relname::text || relkind::text, ',' order by relname) from pg_class where relnamespace = 'public'::regnamespace;`);
  }
}
