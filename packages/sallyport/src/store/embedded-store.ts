// The embedded store: SQLite in one file, written by a thread of its own so that no disk sync stands on the event loop.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, errorCodes, SallyportError } from '../domain/errors.ts';
import type { BatchResult } from './group-commit.ts';
import { boundValues, type CompiledQuery } from './query.ts';
import type { Batch, Store, Written } from './store.ts';
import { StoreLine, sharedMemory, type WriterData, type WriterReply } from './writer-line.ts';

/** Where the store lies and what writes it. */
export interface EmbeddedStoreOptions {
  /** The state file; its folder exists and belongs to this process alone (see lock.ts). */
  readonly file: string;
  /** Entry of the writer thread: `auditWriterUrl` of the audit. */
  readonly workerUrl: URL;
}

interface Waiting {
  readonly leaves: number;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: SallyportError) => void;
}

const maxStatements = 512;

// A commit costs as much as the records of several calls: under load it is put off while each turn of the loop brings more.
const gatherFrom = 8;
const maxGatherTurns = 8;

const withoutLeaves: Written = Object.freeze({ firstLeaf: -1 });

/**
 * Opens the store, and makes it when it is not there.
 * @throws SallyportError STATE_UNSAFE (no Sallyport store, or a newer one), AUDIT_INVALID, STORE_FAILED
 */
export async function openEmbeddedStore({ file, workerUrl }: EmbeddedStoreOptions): Promise<Store> {
  const workerData: WriterData = { file, shared: sharedMemory() };
  // The writer needs nothing from the environment, so it gets nothing.
  const worker = new Worker(workerUrl, { workerData, env: {}, stdin: false });
  await untilReady(worker);
  const line = new StoreLine(worker, workerData.shared);
  try {
    return new EmbeddedStore(
      worker,
      line,
      new DatabaseSync(file, { readOnly: true, timeout: 5000, allowExtension: false }),
    );
  } catch (error) {
    await worker.terminate();
    throw new SallyportError('STORE_FAILED', 'the state file cannot be read', { cause: error });
  }
}

async function untilReady(worker: Worker): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onMessage = (reply: WriterReply): void => {
    if (typeof reply === 'object' && reply.kind === 'ready') resolve();
    else reject(typeof reply === 'object' && reply.kind === 'refused' ? refused(reply) : writerEnded('no answer'));
  };
  const onError = (error: unknown): void => reject(writerEnded(error));
  const onExit = (code: number): void => reject(writerEnded(`exit ${code}`));
  worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  try {
    await promise;
  } finally {
    worker.off('message', onMessage).off('error', onError).off('exit', onExit);
  }
}

class EmbeddedStore implements Store {
  readonly #line: StoreLine;
  readonly #reader: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #batches: Batch[] = [];
  #waiting: Waiting[] = [];
  #inFlight: readonly Waiting[] = [];
  #isScheduled = false;
  #ended: SallyportError | undefined;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(worker: Worker, line: StoreLine, reader: DatabaseSync) {
    this.#line = line;
    this.#reader = reader;
    reader.exec('pragma trusted_schema = off');
    worker.on('message', (reply: WriterReply) => this.#settle(reply));
    worker.on('error', (error) => this.#end(writerEnded(error)));
    worker.on('exit', (code) => this.#end(writerEnded(`exit ${code}`)));
  }

  write(batch: Batch): Promise<Written> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#closing !== undefined) return Promise.reject(new SallyportError('STORE_FAILED', 'the store is closed'));
    return new Promise((resolve, reject) => {
      this.#batches.push(batch);
      this.#waiting.push({ leaves: batch.leaves.length, resolve, reject });
      if (!this.#isScheduled && this.#inFlight.length === 0) this.#schedule();
    });
  }

  // async, so that whatever a read throws arrives as a rejection; it does not wait for anything.
  async read<Row>(compiled: CompiledQuery<Row>): Promise<readonly Row[]> {
    try {
      const rows = this.#prepare(compiled.sql).all(...boundValues(compiled.parameters));
      if (areRows(compiled, rows)) return rows;
      return [];
    } catch (error) {
      throw new SallyportError('STORE_FAILED', 'the state could not be read', { cause: error });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#waiting.length > 0 || this.#inFlight.length > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    this.#reader.close();
    if (this.#ended !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#line.close();
    });
  }

  // After the callbacks of this turn of the loop, so that all of their writes share a commit; with many, after a few turns.
  #schedule(turnsLeft = maxGatherTurns): void {
    this.#isScheduled = true;
    const before = this.#batches.length;
    setImmediate(() => {
      const now = this.#batches.length;
      if (turnsLeft > 0 && now >= gatherFrom && now > before) this.#schedule(turnsLeft - 1);
      else this.#flush();
    });
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#ended !== undefined || this.#batches.length === 0) return;
    const count = this.#line.write(this.#batches);
    this.#batches = this.#batches.slice(count);
    this.#inFlight = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
  }

  #settle(reply: WriterReply): void {
    const settled = this.#inFlight;
    this.#inFlight = [];
    if (typeof reply === 'number') resolveAll(settled, reply);
    else if (reply.kind === 'done') {
      for (const [index, waiting] of settled.entries()) settleOne(waiting, reply.results[index]);
    }
    if (this.#batches.length > 0) this.#schedule();
    else this.#drained?.();
  }

  // Nothing hangs: whatever waits is rejected, and so is everything that comes later.
  #end(error: SallyportError): void {
    this.#ended ??= error;
    for (const waiting of [...this.#inFlight, ...this.#waiting]) waiting.reject(this.#ended);
    this.#inFlight = [];
    this.#waiting = [];
    this.#batches = [];
    this.#drained?.();
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#statements.size >= maxStatements) this.#statements.clear();
    const fresh = this.#reader.prepare(text);
    this.#statements.set(text, fresh);
    return fresh;
  }
}

// All went well: the leaves of a group stand one after the other.
function resolveAll(settled: readonly Waiting[], firstLeaf: number): void {
  let next = firstLeaf;
  for (const { leaves, resolve } of settled) {
    resolve(leaves === 0 ? withoutLeaves : { firstLeaf: next });
    next += leaves;
  }
}

function settleOne(waiting: Waiting, result: BatchResult | undefined): void {
  if (result?.kind === 'written') {
    waiting.resolve(result.firstLeaf < 0 ? withoutLeaves : { firstLeaf: result.firstLeaf });
  } else if (result?.kind === 'conflict') {
    waiting.reject(new SallyportError('STORE_CONFLICT', 'the state was changed by something else; try again'));
  } else {
    const cause = result?.cause ?? 'no result';
    waiting.reject(new SallyportError('STORE_FAILED', 'the state could not be written', { cause }));
  }
}

// The columns are those of the schema, and the query builder derives its row types from the same tables.
function areRows<Row>(_compiled: CompiledQuery<Row>, rows: readonly unknown[]): rows is readonly Row[] {
  return Array.isArray(rows);
}

function refused(reply: Extract<WriterReply, { readonly kind: 'refused' }>): SallyportError {
  const code = isErrorCode(reply.code) ? reply.code : 'STORE_FAILED';
  return new SallyportError(code, reply.message, { cause: reply.cause });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

function writerEnded(cause: unknown): SallyportError {
  return new SallyportError('STORE_FAILED', 'the writer of the state has ended; restart Sallyport', { cause });
}
