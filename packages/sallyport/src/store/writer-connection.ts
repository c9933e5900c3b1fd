// Opens the one writing connection with the settings that durability and erasure depend on.
import { closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { applicationId } from '../domain/application-id.ts';
import { SallyportError } from '../domain/errors.ts';
import type { BoundValue } from './store.ts';

// A store uses a few dozen texts; a caller that makes up texts must not fill the memory with statements.
const maxStatements = 512;

// Every page of a commit is two writes and a checksum: a group of calls has half as many of this size as of the usual one.
const pageBytes = 8192;

// A checkpoint stands inside a commit, and everybody waits for it: often and short (2 MiB) rather than seldom and long. The
// log keeps its size and is written over, which a disk takes faster than a file that grows.
const checkpointPages = 256;

/** How long a statement waits for another process. */
export const busyTimeoutMs = 5000;

/** The value of one column of a row. */
export type ColumnValue = string | number | bigint | null | Uint8Array;

/** A connection as the writer's parts use it: prepared statements are kept by their text. */
export interface WriterConnection {
  /** Runs a write and returns how many rows it touched. */
  run(sql: string, parameters: readonly BoundValue[]): number;
  /** The same for a text that is run again and again: it is looked up once. */
  prepare(sql: string): (parameters: readonly BoundValue[]) => void;
  /** Every row of a read. */
  rows(sql: string, parameters: readonly BoundValue[]): readonly Readonly<Record<string, ColumnValue>>[];
  /** Runs statements that take no parameters and give no rows. */
  exec(sql: string): void;
  readonly isInTransaction: boolean;
  close(): void;
}

/**
 * Opens the file for writing, and makes it when it is not there (readable by its owner only).
 * @throws SallyportError STATE_UNSAFE (the file is no Sallyport store)
 */
export function openWriterConnection(file: string): WriterConnection {
  makeFile(file);
  const database = openDatabase(file);
  const statements = new Map<string, StatementSync>();
  function prepared(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= maxStatements) statements.clear();
    const fresh = database.prepare(sql);
    statements.set(sql, fresh);
    return fresh;
  }
  return {
    run: (sql, parameters) => Number(prepared(sql).run(...parameters).changes),
    prepare(sql) {
      const statement = database.prepare(sql);
      return (parameters) => {
        statement.run(...parameters);
      };
    },
    rows: (sql, parameters) => prepared(sql).all(...parameters),
    exec: (sql) => database.exec(sql),
    get isInTransaction() {
      return database.isTransaction;
    },
    close: () => database.close(),
  };
}

// SQLite gives the log and the shared memory the permissions of the file, so it is enough to make that one here.
function makeFile(file: string): void {
  // An empty one may have been made with any mode, and the permission model lets no mode be changed.
  if (lstatSync(file, { throwIfNoEntry: false })?.size === 0) rmSync(file);
  closeSync(openSync(file, 'a', 0o600));
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
    defensive: true,
    allowExtension: false,
  });
  try {
    markOwnFile(database);
    database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = full');
    database.exec('pragma secure_delete = on');
    database.exec('pragma trusted_schema = off');
    database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

// Before there is a log of its own: the mark stands in the file itself, for whoever opens it by another name.
function markOwnFile(database: DatabaseSync): void {
  const found = contentOf(database);
  if (found === 'foreign') {
    throw new SallyportError('STATE_UNSAFE', 'the state file is not a Sallyport store; choose another state folder');
  }
  if (found !== 'empty') return;
  database.exec(`pragma page_size = ${pageBytes}`);
  database.exec(`pragma application_id = ${applicationId}`);
}

function contentOf(database: DatabaseSync): 'store' | 'empty' | 'foreign' {
  try {
    const id = database.prepare('pragma application_id').get()?.['application_id'];
    if (id === applicationId) return 'store';
    const tables = database.prepare('select count(*) as count from sqlite_schema').get()?.['count'];
    return id === 0 && tables === 0 ? 'empty' : 'foreign';
  } catch (error) {
    // SQLITE_NOTADB: the file has another format altogether.
    if (sqliteCode(error) === 26) return 'foreign';
    throw error;
  }
}

/** The primary result code of an error from SQLite; undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
