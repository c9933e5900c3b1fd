// The connector for SQLite files: one fixed statement an operation, compiled under the engine's authoriser, run in threads.
import { existsSync } from 'node:fs';
import type { Effect } from '../domain/effect.ts';
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition, OperationInput } from '../domain/operation.ts';
import { ownFileMessage } from '../domain/own-files.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import type { SqliteService } from '../domain/service.ts';
import type { Connector, ExecutionAccess, Prepared, ServiceConnection } from './connector.ts';
import { sqliteExecution } from './sqlite-execution.ts';
import type { SqlitePool } from './sqlite-pool.ts';
import { createSqlitePool } from './sqlite-pool.ts';
import type { RunRequest, WorkerAnswer } from './sqlite-protocol.ts';
import { SqlitePlannedRequest } from './sqlite-request.ts';
import { readStatement } from './sqlite-statement.ts';
import { bindValues } from './sqlite-values.ts';

/** SQLite files on this machine: parameters bound by the driver, reads on read-only connections, writes in transactions. */
export const sqliteConnector: Connector<SqliteService> = {
  type: 'sqlite',
  connect: (service) => connect(service),
};

const readers = 4;
const prepareTimeoutMs = 15_000;
const maxBusyMs = 5_000;
const statementWords = new Set(['SELECT', 'WITH', 'VALUES', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE']);

interface Pools {
  readonly read: SqlitePool;
  readonly write: SqlitePool;
}

function connect(service: SqliteService): ServiceConnection {
  const pools: Pools = {
    read: createSqlitePool({ file: service.file, mode: 'read' }, readers),
    write: createSqlitePool({ file: service.file, mode: 'write' }, 1),
  };
  let checked: Promise<readonly Problem[]> | undefined;
  const check = (): Promise<readonly Problem[]> => {
    checked ??= checkFile(pools, service);
    return checked;
  };
  return {
    check,
    prepare: async (operation) =>
      (await check()).length > 0 ? { ok: false, problems: [] } : await prepare(pools, operation),
    close: async () => {
      await Promise.all([pools.read.close(), pools.write.close()]);
    },
  };
}

async function checkFile(pools: Pools, { file }: SqliteService): Promise<readonly Problem[]> {
  const compiled = await compile(pools, { sql: 'select 1', effect: 'read' });
  if (compiled.kind === 'answered' && compiled.answer.kind === 'prepared') return [];
  if (compiled.kind === 'answered' && compiled.answer.kind === 'own-file') {
    return [problem(`the database file ${file} ${ownFileMessage}`, ['file'])];
  }
  const why = isMissing(file) ? 'does not exist' : 'cannot be opened; is it a SQLite file that this user may read?';
  return [problem(`the database file ${file} ${why}`, ['file'])];
}

// Under the permission model a file that the start did not name cannot even be looked for.
function isMissing(file: string): boolean {
  try {
    return !existsSync(file);
  } catch {
    return false;
  }
}

function compile(pools: Pools, statement: { readonly sql: string; readonly effect: Effect }) {
  return pools.read.run(
    { kind: 'prepare', ...statement },
    { timeoutMs: prepareTimeoutMs, signal: new AbortController().signal },
  );
}

async function prepare(pools: Pools, operation: OperationDefinition): Promise<Prepared> {
  const statement = operation.request;
  if (statement.type !== 'sqlite') {
    return { ok: false, problems: [problem('a SQLite service needs sql, not http')] };
  }
  const problems = checkText(operation, statement.sql);
  if (problems.length > 0) return { ok: false, problems };
  // Writes are compiled on a read-only connection too: nothing can happen to the database while a config is checked.
  const compiled = await compile(pools, { sql: statement.sql, effect: operation.effect });
  if (compiled.kind === 'lost') return { ok: false, problems: [problem('the database did not answer in time')] };
  return prepared(pools, operation, { sql: statement.sql, answer: compiled.answer });
}

interface CompiledStatement {
  readonly sql: string;
  readonly answer: WorkerAnswer;
}

function prepared(pools: Pools, operation: OperationDefinition, { sql, answer }: CompiledStatement): Prepared {
  if (answer.kind === 'refused') {
    return { ok: false, problems: answer.messages.map((message) => problem(`the statement is refused: ${message}`)) };
  }
  if (answer.kind !== 'prepared') return { ok: false, problems: [problem('the database file cannot be opened')] };
  const problems = checkColumns(answer.columns);
  if (problems.length > 0) return { ok: false, problems };
  const parameters = readStatement(sql).parameters;
  const pool = operation.effect === 'read' ? pools.read : pools.write;
  return {
    ok: true,
    problems: checkEffect(operation, answer.actions),
    plan: {
      describe: 'sql',
      build: (input: OperationInput) => new SqlitePlannedRequest(sql, bindValues(parameters, input)),
      execute: async (request, access) => {
        if (!(request instanceof SqlitePlannedRequest)) {
          return { kind: 'not-sent', error: new SallyportError('INTERNAL', 'a request of another connector') };
        }
        const run = runRequest(operation, { sql, actions: answer.actions }, { values: request.values, access });
        return sqliteExecution(operation, await pool.run(run, access));
      },
    },
  };
}

function runRequest(
  operation: OperationDefinition,
  statement: Pick<RunRequest, 'sql' | 'actions'>,
  call: { readonly values: RunRequest['values']; readonly access: ExecutionAccess },
): RunRequest {
  return {
    kind: 'run',
    ...statement,
    values: call.values,
    maxRows: operation.reply.maxRows,
    maxBytes: operation.reply.maxBytes,
    // Waiting for a lock cannot be stopped from outside, so it must end before the deadline does.
    busyTimeoutMs: Math.min(maxBusyMs, Math.trunc(call.access.timeoutMs / 2)),
  };
}

function checkText(operation: OperationDefinition, sql: string): readonly Problem[] {
  const text = readStatement(sql);
  const problems: Problem[] = [];
  if (!statementWords.has(text.firstWord)) {
    problems.push(problem('sql is one SELECT, WITH, VALUES, INSERT, REPLACE, UPDATE or DELETE statement'));
  }
  if (text.hasTrailingText) problems.push(problem('sql is one statement: nothing may follow the first semicolon'));
  for (const parameter of text.otherParameters) {
    problems.push(problem(`write the parameter ${parameter} as :name, after an input`));
  }
  for (const name of text.parameters) {
    if (!Object.hasOwn(operation.input, name))
      problems.push(problem(`there is no input ${name} for the parameter :${name}`));
  }
  for (const name of Object.keys(operation.input)) {
    if (!text.parameters.includes(name)) {
      problems.push(problem(`the input ${name} is used nowhere in the statement`, ['input', name]));
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

// The engine's code of DELETE; a trigger may delete as well, and counts.
function checkEffect(operation: OperationDefinition, actions: readonly string[]): readonly Problem[] {
  const doesDelete = actions.some((action) => action.startsWith('[9,'));
  return operation.effect === 'write' && doesDelete
    ? [{ ...problem('the statement deletes rows; declare effect: destroy'), severity: 'warning' }]
    : [];
}

function problem(message: string, path: ConfigPath = ['sql']): Problem {
  return { severity: 'error', path, message };
}
