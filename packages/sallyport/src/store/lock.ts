// One process at a time owns a state folder. The lock is one that the kernel releases when its process dies, however it
// dies: a file with a pid in it cannot be taken over without a race, and a pid may be in use again.
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { applicationId } from '../domain/application-id.ts';
import { SallyportError } from '../domain/errors.ts';
import { sqliteCode } from './writer-connection.ts';

/** A state folder that belongs to this process until `release`. */
export interface StateLock {
  release(): void;
}

/** Who holds a state folder. */
export interface LockHolder {
  readonly pid: number;
  /** Start time of the process in the system's own unit; empty where it cannot be read. */
  readonly startTime: string;
}

// A lock that is not referred to any more must not be released by the garbage collector.
const held = new Set<DatabaseSync>();

/**
 * Takes the state folder for this process; the lock of a dead process is taken over.
 * @throws SallyportError STATE_LOCKED (names the process that holds it), STORE_FAILED
 */
export function acquireLock(stateDir: string): StateLock {
  makeLockFile(stateDir);
  const database = openLockFile(stateDir);
  try {
    writeHolder(database);
    // Reserves the file: others can read who holds it, and cannot reserve it themselves.
    database.exec('begin immediate');
  } catch (error) {
    const holder = holderIn(database);
    database.close();
    if (sqliteCode(error) !== 5) throw failed(error);
    const process = holder === undefined ? 'another process' : `process ${holder.pid}`;
    throw new SallyportError('STATE_LOCKED', `the state folder is in use by ${process}; stop it first`, {
      cause: error,
    });
  }
  held.add(database);
  return {
    release: () => {
      if (held.delete(database)) database.close();
    },
  };
}

/** The live process that holds the state folder; undefined when none does; makes nothing. Do not open the lock file in any other way. */
export function lockHolder(stateDir: string): LockHolder | undefined {
  if (!existsSync(lockFile(stateDir))) return undefined;
  const database = openLockFile(stateDir);
  try {
    database.exec('begin immediate');
    return undefined;
  } catch (error) {
    if (sqliteCode(error) === 5) return holderIn(database);
    throw failed(error);
  } finally {
    database.close();
  }
}

function lockFile(stateDir: string): string {
  return join(stateDir, 'lock');
}

// SQLite would make it readable by others. Only a file that was not there may be opened and closed by hand: a close releases
// every lock that this process holds on it (POSIX fcntl).
function makeLockFile(stateDir: string): void {
  try {
    closeSync(openSync(lockFile(stateDir), 'wx', 0o600));
  } catch (error) {
    if (!existsSync(lockFile(stateDir))) throw failed(error);
  }
}

function openLockFile(stateDir: string): DatabaseSync {
  try {
    return new DatabaseSync(lockFile(stateDir), { timeout: 200, allowExtension: false });
  } catch (error) {
    throw failed(error);
  }
}

function writeHolder(database: DatabaseSync): void {
  database.exec('begin immediate');
  database.exec(`pragma application_id = ${applicationId}`);
  database.exec(
    'create table if not exists holder (id integer primary key, pid bigint not null, start_time text not null)',
  );
  database
    .prepare('insert or replace into holder (id, pid, start_time) values (1, ?, ?)')
    .run(process.pid, startTime());
  database.exec('commit');
}

function holderIn(database: DatabaseSync): LockHolder | undefined {
  try {
    const row = database.prepare('select pid, start_time from holder where id = 1').get();
    const { pid, start_time: startTime } = row ?? {};
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
  } catch {
    // The holder is writing its name right now, or has not come that far.
    return undefined;
  }
}

// The 22nd field; the second may hold spaces, so fields are counted after its closing parenthesis (proc(5)).
function startTime(): string {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function failed(cause: unknown): SallyportError {
  return new SallyportError('STORE_FAILED', 'the lock of the state folder cannot be taken; check the folder', {
    cause,
  });
}
