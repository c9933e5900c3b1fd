// The thread in which SQL runs: it can be given up when a statement takes too long, which the main thread cannot.
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { applicationId } from '../domain/application-id.ts';
import { SallyportError } from '../domain/errors.ts';
import type { AuthoriserMode } from './sqlite-authoriser.ts';
import { authorise, shadowActions } from './sqlite-authoriser.ts';
import type {
  Cell,
  PrepareRequest,
  RunRequest,
  WorkerAnswer,
  WorkerRequest,
  WorkerSettings,
} from './sqlite-protocol.ts';

const maxValueBytes = 64 * 1024 * 1024;
const maxCachedStatements = 200;

const settings = readSettings(workerData);
const port = parentPort;
let mode: AuthoriserMode = { kind: 'own' };
let database: DatabaseSync | undefined;
let busyTimeoutMs = 0;
const statements = new Map<string, StatementSync>();

port?.on('message', (request: WorkerRequest) => {
  port.postMessage(answer(request));
});

function readSettings(data: unknown): WorkerSettings {
  if (typeof data === 'object' && data !== null && 'file' in data && 'mode' in data && typeof data.file === 'string') {
    return { file: data.file, mode: data.mode === 'write' ? 'write' : 'read' };
  }
  throw new TypeError('this file is started by the SQLite connector only');
}

function answer(request: WorkerRequest): WorkerAnswer {
  try {
    database ??= open();
    if (database === undefined) return { kind: 'own-file' };
    return request.kind === 'prepare' ? prepare(database, request) : run(database, request);
  } catch (error) {
    return failure(error);
  } finally {
    mode = { kind: 'own' };
  }
}

function open(): DatabaseSync | undefined {
  const url = pathToFileURL(settings.file);
  // Never creates the file: a missing database is a mistake in the config, not an empty database.
  url.searchParams.set('mode', settings.mode === 'read' ? 'ro' : 'rw');
  const opened = new DatabaseSync(url, {
    readOnly: settings.mode === 'read',
    allowExtension: false,
    defensive: true,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    readBigInts: true,
    returnArrays: true,
    limits: { attach: 0, length: maxValueBytes },
  });
  // What a path leads to can change at any time; what was opened stays what it is.
  if (isOwnFile(opened)) {
    opened.close();
    return undefined;
  }
  opened.setAuthorizer((...action) => authorise(mode, action));
  opened.exec('PRAGMA trusted_schema = OFF');
  if (settings.mode === 'read') opened.exec('PRAGMA query_only = ON');
  return opened;
}

function isOwnFile(db: DatabaseSync): boolean {
  const row: unknown = db.prepare('pragma application_id').get();
  return Array.isArray(row) && Number(row[0]) === applicationId;
}

function prepare(db: DatabaseSync, request: PrepareRequest): WorkerAnswer {
  const actions = new Set<string>();
  const refusals = new Set<string>();
  try {
    mode = { kind: 'record', effect: request.effect, actions, refusals };
    const statement = db.prepare(request.sql);
    const isWhole = statement.sourceSQL.trim() === request.sql.trim() || request.sql.startsWith(statement.sourceSQL);
    if (!isWhole) refusals.add('the engine reads it as another statement');
    if (refusals.size > 0) return { kind: 'refused', messages: [...refusals] };
    mode = { kind: 'own' };
    const shadows = shadowActions(actions, virtualTables(db));
    return {
      kind: 'prepared',
      columns: statement.columns().map((column) => column.name),
      actions: [...actions, ...shadows],
    };
  } catch (error) {
    return { kind: 'refused', messages: refusals.size > 0 ? [...refusals] : [messageOf(error)] };
  }
}

function virtualTables(db: DatabaseSync): readonly string[] {
  const rows = db.prepare("select name from pragma_table_list where schema = 'main' and type = 'virtual'").all();
  return rows.flatMap((row: unknown) => (Array.isArray(row) ? row.map(String) : []));
}

function run(db: DatabaseSync, request: RunRequest): WorkerAnswer {
  setBusyTimeout(db, request.busyTimeoutMs);
  return settings.mode === 'read' ? read(db, request) : write(db, request);
}

function read(db: DatabaseSync, request: RunRequest): WorkerAnswer {
  try {
    return collect(compiled(db, request), request);
  } catch (error) {
    forget(request);
    throw error;
  }
}

function write(db: DatabaseSync, request: RunRequest): WorkerAnswer {
  db.exec('BEGIN IMMEDIATE');
  try {
    const statement = compiled(db, request);
    const result = statement.columns().length > 0 ? collect(statement, request) : change(statement, request);
    mode = { kind: 'own' };
    db.exec('COMMIT');
    return result;
  } catch (error) {
    mode = { kind: 'own' };
    forget(request);
    // Some failures have ended the transaction already (INSERT OR ROLLBACK).
    if (db.isTransaction) db.exec('ROLLBACK');
    return { kind: 'failed', reason: 'rolled-back', detail: engineCode(error) };
  }
}

function setBusyTimeout(db: DatabaseSync, ms: number): void {
  if (ms === busyTimeoutMs) return;
  db.exec(`PRAGMA busy_timeout = ${Math.trunc(ms)}`);
  busyTimeoutMs = ms;
}

// The authoriser stays in force while it runs: a changed schema makes the engine compile it again.
function compiled(db: DatabaseSync, request: RunRequest): StatementSync {
  mode = { kind: 'enforce', actions: new Set(request.actions) };
  const known = statements.get(request.sql);
  if (known !== undefined) return known;
  const statement = db.prepare(request.sql);
  statement.setAllowUnknownNamedParameters(false);
  if (statements.size >= maxCachedStatements) statements.clear();
  statements.set(request.sql, statement);
  return statement;
}

// The driver resets a statement before it runs again, and throws what made the run before fail, with that caller's values in it.
function forget({ sql }: RunRequest): void {
  statements.delete(sql);
}

function change(statement: StatementSync, request: RunRequest): WorkerAnswer {
  const { changes } = statement.run(request.values);
  const count = Number(changes);
  return { kind: 'rows', columns: ['changes'], rows: [[count]], bytes: String(count).length, isTruncated: false };
}

function collect(statement: StatementSync, request: RunRequest): WorkerAnswer {
  const columns = statement.columns().map((column) => column.name);
  const frameBytes = columns.reduce((sum, name) => sum + Buffer.byteLength(name) + 4, 2);
  const rows: Cell[][] = [];
  let bytes = 2;
  let isTruncated = false;
  for (const values of statement.iterate(request.values)) {
    const row = cellsOf(values);
    const rowBytes = row.reduce<number>((sum, cell) => sum + cellBytes(cell), frameBytes);
    if (rows.length >= request.maxRows || bytes + rowBytes > request.maxBytes) {
      isTruncated = true;
      break;
    }
    rows.push(row);
    bytes += rowBytes;
  }
  return { kind: 'rows', columns, rows, bytes, isTruncated };
}

function cellsOf(values: unknown): Cell[] {
  if (!Array.isArray(values)) throw unreadable('the driver returned no array');
  return values.map(cellOf);
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  throw unreadable('the result holds a value that JSON cannot carry');
}

function unreadable(why: string): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_UNREADABLE', why);
}

function cellBytes(cell: Cell): number {
  return typeof cell === 'string' ? Buffer.byteLength(cell) + 2 : String(cell).length;
}

function failure(error: unknown): WorkerAnswer {
  // SQLITE_BUSY and SQLITE_LOCKED in the low byte of the extended code.
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return { kind: 'failed', reason: code === 5 || code === 6 ? 'busy' : 'rolled-back', detail: engineCode(error) };
}

/** What may be logged of a failed run: the engine's message quotes values (`no such column: …`), its code and the text of that do not. */
function engineCode(error: unknown): string {
  if (error instanceof SallyportError) return error.message;
  const hasCode = error instanceof Error && 'errcode' in error && 'errstr' in error;
  return hasCode ? `SQLite error ${Number(error.errcode)}: ${String(error.errstr)}` : 'the driver failed';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}
