// Applies many batches in one transaction, so that one sync to disk makes all of them durable.
import { foldLog } from './fold-log.ts';
import type { Batch, Leaf, Statement } from './store.ts';
import { sqliteCode, type WriterConnection } from './writer-connection.ts';

/** Appends leaves to the audit tree inside the writer's transaction; the tree itself is the audit's. */
export interface LeafAppender {
  /** Appends in order and returns the index of the first; undefined, and nothing is appended, when they do not fit the open calls. */
  append(leaves: readonly Leaf[]): number | undefined;
  /** Called once before each commit in which leaves were appended: writes what is left to write, and the head. */
  finish(): void;
  /** Called after each commit. */
  committed(): void;
  /** Called after a rollback: goes back to what is stored. */
  restore(): void;
}

/** How one batch of a group ended. */
export type BatchResult =
  | { readonly kind: 'written'; readonly firstLeaf: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly cause: string };

/** Commits one group of batches; never throws for what a batch or the disk does. */
export type CommitGroup = (batches: readonly Batch[]) => readonly BatchResult[];

const conflict: BatchResult = { kind: 'conflict' };

class Conflict extends Error {}

/** A group commit over a connection; `leaves` shares its transaction. */
export function createGroupCommit(connection: WriterConnection, leaves: LeafAppender): CommitGroup {
  const commitAll: CommitGroup = (batches) => {
    // Nearly every group goes well: only one that does not is done again with a way back for each of its batches.
    const done = commit(connection, leaves, { batches, apply: applyPlainly });
    return done.isApplied ? done.results : commit(connection, leaves, { batches, apply: applyBatch }).results;
  };
  return (batches) => (batches.some(isErasing) ? commitErasing(connection, commitAll, batches) : commitAll(batches));
}

// What would stay in the log is not erased: while another process holds the log nothing of such a batch is done, and whoever asked is told.
function commitErasing(connection: WriterConnection, commitAll: CommitGroup, batches: readonly Batch[]) {
  if (foldLog(connection)) {
    const results = commitAll(batches);
    if (foldLog(connection)) return results;
    // Committed, and somebody began to read in between: it is in the log until the next fold, so it must not count as done.
    return results.map((result, index) => (isErasing(batches[index]) ? held : result));
  }
  const others = commitAll(batches.filter((batch) => !isErasing(batch))).values();
  return batches.map((batch) => (isErasing(batch) ? held : (others.next().value ?? held)));
}

const held: BatchResult = {
  kind: 'failed',
  cause: 'another process reads the state, so what is erased would stay in the write-ahead log; end it and try again',
};

function isErasing(batch: Batch | undefined): boolean {
  return batch?.erases === true;
}

type Apply = (connection: WriterConnection, leaves: LeafAppender, batch: Batch) => BatchResult;

interface Group {
  readonly batches: readonly Batch[];
  readonly apply: Apply;
}

interface Committed {
  /** False when a batch had something against it, and nothing of the group was done. */
  readonly isApplied: boolean;
  readonly results: readonly BatchResult[];
}

function commit(connection: WriterConnection, leaves: LeafAppender, { batches, apply }: Group): Committed {
  try {
    connection.run('begin immediate', []);
    const results = batches.map((batch) => apply(connection, leaves, batch));
    if (results.some((result) => result.kind === 'written' && result.firstLeaf >= 0)) leaves.finish();
    connection.run('commit', []);
    leaves.committed();
    return { isApplied: true, results };
  } catch (error) {
    // Never after the commit, or the group would be done twice.
    const isOfOneBatch = apply === applyPlainly && connection.isInTransaction && isOfBatch(error);
    if (connection.isInTransaction) connection.run('rollback', []);
    leaves.restore();
    const failed: BatchResult = { kind: 'failed', cause: String(error) };
    return { isApplied: !isOfOneBatch, results: batches.map(() => failed) };
  }
}

function applyPlainly(connection: WriterConnection, leaves: LeafAppender, batch: Batch): BatchResult {
  for (const statement of batch.statements) execute(connection, statement);
  const result = appendLeaves(leaves, batch);
  if (result.kind === 'conflict') throw new Conflict('leaves that do not fit the open calls');
  return result;
}

function applyBatch(connection: WriterConnection, leaves: LeafAppender, batch: Batch): BatchResult {
  connection.run('savepoint batch', []);
  const result = refusalOf(connection, batch) ?? appendLeaves(leaves, batch);
  if (result.kind !== 'written') connection.run('rollback to batch', []);
  connection.run('release batch', []);
  return result;
}

function refusalOf(connection: WriterConnection, batch: Batch): BatchResult | undefined {
  try {
    for (const statement of batch.statements) execute(connection, statement);
    return undefined;
  } catch (error) {
    if (!isOfBatch(error) || !connection.isInTransaction) throw error;
    return isConflict(error) ? conflict : { kind: 'failed', cause: String(error) };
  }
}

// Leaves come last, all of them or none: what a conflict undoes has never been in the tree.
function appendLeaves(leaves: LeafAppender, { leaves: own }: Batch): BatchResult {
  if (own.length === 0) return { kind: 'written', firstLeaf: -1 };
  const firstLeaf = leaves.append(own);
  return firstLeaf === undefined ? conflict : { kind: 'written', firstLeaf };
}

function execute(connection: WriterConnection, { sql, parameters, expectRows }: Statement): void {
  const rows = connection.run(sql, parameters);
  if (expectRows !== undefined && rows !== expectRows) throw new Conflict(`touched ${rows} rows, not ${expectRows}`);
}

function isConflict(error: unknown): boolean {
  // 19 is SQLITE_CONSTRAINT: a key that is there already is the same kind of lost race as a row that is gone.
  return error instanceof Conflict || sqliteCode(error) === 19;
}

// SQLITE_ERROR, TOOBIG, CONSTRAINT, MISMATCH and RANGE speak of the statement; every other code (full, I/O, corrupt, …)
// speaks of the store, and then nothing of the group may count as written.
function isOfBatch(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === undefined || code === 1 || code === 18 || code === 19 || code === 20 || code === 25;
}
