// The connector for PostgreSQL: one fixed statement an operation, read with the server's grammar, run in a transaction of its own.
import type { Clock } from '../domain/clock.ts';
import { systemClock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import { isScalarSchema } from '../domain/scalar-schema.ts';
import type { PostgresService } from '../domain/service.ts';
import type { Connector, ConnectorContext, Prepared, ServiceConnection } from './connector.ts';
import type { SignIn } from './postgres-connection.ts';
import type { PostgresExecution } from './postgres-execution.ts';
import { executeStatement } from './postgres-execution.ts';
import type { ParsedStatement } from './postgres-grammar.ts';
import type { PostgresPool } from './postgres-pool.ts';
import { createPostgresPool } from './postgres-pool.ts';
import { PostgresPlannedRequest } from './postgres-request.ts';
import { checkTree } from './postgres-rules.ts';
import type { PostgresSession } from './postgres-session.ts';
import { bindTexts } from './postgres-values.ts';

/** PostgreSQL databases: parameters bound by the driver, reads in read-only transactions, SCRAM over verified TLS. */
export const postgresConnector: Connector<PostgresService> = {
  type: 'postgres',
  connect: (service, context) => connect(service, context),
};

const maxConnections = 8;

interface Database {
  readonly service: PostgresService;
  readonly pool: PostgresPool;
  readonly open: (signIn: SignIn) => Promise<PostgresSession>;
  readonly clock: Clock;
}

function connect(service: PostgresService, { network }: ConnectorContext): ServiceConnection {
  const pool = createPostgresPool(maxConnections);
  const open = async (signIn: SignIn): Promise<PostgresSession> => {
    // The driver is loaded by those who use it.
    const { openSession } = await import('./postgres-session.ts');
    return await openSession(() => network.dialPostgres(service), signIn);
  };
  const database: Database = { service, pool, open, clock: systemClock };
  return {
    // Nothing of a server can be told without asking it; `sallyport doctor` does.
    check: () => Promise.resolve([]),
    prepare: (operation) => prepare(database, operation),
    close: () => pool.close(),
  };
}

async function prepare(database: Database, operation: OperationDefinition): Promise<Prepared> {
  const { request } = operation;
  if (request.type !== 'postgres') {
    return { ok: false, problems: [problem('a PostgreSQL service needs sql, not http')] };
  }
  const { parseStatement } = await import('./postgres-grammar.ts');
  const parsed = await parseStatement(request.sql);
  if (!parsed.ok) {
    return { ok: false, problems: parsed.messages.map((message) => problem(`the statement is refused: ${message}`)) };
  }
  const facts = checkTree(parsed.statement.tree, operation.effect);
  const problems = [
    ...facts.refusals.map((message) => problem(`the statement is refused: ${message}`)),
    ...checkParameters(operation, parsed.statement.parameters),
    ...checkColumns(facts.columns),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const warnings = facts.doesDelete && operation.effect === 'write' ? [deleteWarning] : [];
  return { ok: true, problems: warnings, plan: planOf(database, operation, parsed.statement) };
}

function planOf(database: Database, operation: OperationDefinition, statement: ParsedStatement) {
  const { service, pool, open, clock } = database;
  const settings = settingsOf(service);
  const shared: PostgresExecution = {
    operation,
    sql: statement.text,
    database: service.database,
    settings,
    pool,
    open,
    clock,
  };
  return {
    describe: 'sql',
    build: (input) => new PostgresPlannedRequest(statement, bindTexts(statement.parameters, input)),
    execute: (planned, access) =>
      planned instanceof PostgresPlannedRequest
        ? executeStatement(shared, planned.values, access)
        : Promise.resolve({
            kind: 'not-sent',
            error: new SallyportError('INTERNAL', 'a request of another connector'),
          }),
  } satisfies Extract<Prepared, { ok: true }>['plan'];
}

// Whatever the role, the database or a trigger has set: how the text is read, where names are looked up, how values are written.
function settingsOf({ searchPath }: PostgresService): PostgresExecution['settings'] {
  // Named last, because temporary tables would come first where they are not named.
  const schemas = ['pg_catalog', ...searchPath, 'pg_temp'].map((schema) => `"${schema.replaceAll('"', '""')}"`);
  return [
    ['search_path', schemas.join(', ')],
    ['standard_conforming_strings', 'on'],
    ['transform_null_equals', 'off'],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, MDY'],
    ['IntervalStyle', 'iso_8601'],
    ['bytea_output', 'hex'],
    ['extra_float_digits', '1'],
  ];
}

function checkParameters({ input }: OperationDefinition, parameters: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  for (const name of parameters) {
    if (!Object.hasOwn(input, name)) problems.push(problem(`there is no input ${name} for the parameter :${name}`));
  }
  for (const [name, schema] of Object.entries(input)) {
    if (!parameters.includes(name)) {
      problems.push(problem(`the input ${name} is used nowhere in the statement`, ['input', name]));
    } else if (!isScalarSchema(schema)) {
      problems.push(problem(`${name} may be a list, map or null, which cannot be bound`, ['input', name]));
    }
  }
  return problems;
}

function checkColumns(columns: readonly string[]): readonly Problem[] {
  const repeated = new Set(columns.filter((name, index) => columns.indexOf(name) !== index));
  return [
    ...[...repeated].map((name) => problem(`two columns are named ${name}: rename one with AS`)),
    ...(columns.includes('__proto__') ? [problem('a column must not be named __proto__')] : []),
  ];
}

function problem(message: string, path: ConfigPath = ['sql']): Problem {
  return { severity: 'error', path, message };
}

const deleteWarning: Problem = {
  ...problem('the statement deletes rows; declare effect: destroy'),
  severity: 'warning',
};
