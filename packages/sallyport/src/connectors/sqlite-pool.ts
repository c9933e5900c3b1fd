// Threads of one database: started when first needed, given up when a statement does not end in time.
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer, WorkerRequest, WorkerSettings } from './sqlite-protocol.ts';

/** Why a job has no answer. */
export type JobFailure = 'timeout' | 'aborted' | 'crashed' | 'closed' | 'runaway';

/** How a job ended. */
export type JobEnd =
  | { readonly kind: 'answered'; readonly answer: WorkerAnswer }
  | { readonly kind: 'lost'; readonly reason: JobFailure; readonly isStarted: boolean; readonly cause?: Error };

/** Bounds of one job. */
interface JobLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs jobs on at most `size` threads; further ones wait. */
export interface SqlitePool {
  /** Never throws: every end is a JobEnd. */
  run(request: WorkerRequest, limits: JobLimits): Promise<JobEnd>;
  /** Ends every job and every thread. */
  close(): Promise<void>;
}

interface Job {
  readonly request: WorkerRequest;
  /** Settles the promise once; later calls do nothing. */
  readonly end: (end: JobEnd) => void;
  thread: Thread | null;
}

interface Thread {
  readonly worker: Worker;
  job: Job | null;
}

// The engine looks for a stop only between rows: a thread that was given up may stay until its statement ends.
const maxAbandoned = 8;
const closeWaitMs = 1_000;

/** A pool for one database in one mode. */
export function createSqlitePool(settings: WorkerSettings, size: number): SqlitePool {
  return new Pool(settings, size);
}

class Pool implements SqlitePool {
  readonly #settings: WorkerSettings;
  readonly #size: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  readonly #exits = new Set<Promise<unknown>>();
  /** Statements that were given up and have not ended: they are not started again, so that the threads stay for others. */
  readonly #runaways = new Map<string, number>();
  #isClosed = false;

  constructor(settings: WorkerSettings, size: number) {
    this.#settings = settings;
    this.#size = size;
  }

  run(request: WorkerRequest, limits: JobLimits): Promise<JobEnd> {
    return new Promise((resolve) => {
      const job: Job = {
        request,
        thread: null,
        end: (end) => {
          clearTimeout(timer);
          limits.signal.removeEventListener('abort', abort);
          resolve(end);
        },
      };
      const abort = (): void => this.#giveUp(job, 'aborted');
      const timer = setTimeout(() => this.#giveUp(job, 'timeout'), limits.timeoutMs);
      limits.signal.addEventListener('abort', abort, { once: true });
      if (this.#isClosed || limits.signal.aborted) {
        job.end({ kind: 'lost', reason: this.#isClosed ? 'closed' : 'aborted', isStarted: false });
      } else if (this.#runaways.has(request.sql)) {
        job.end({ kind: 'lost', reason: 'runaway', isStarted: false });
      } else {
        this.#waiting.push(job);
        this.#startNext();
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0)) job.end({ kind: 'lost', reason: 'closed', isStarted: false });
    for (const thread of this.#threads) {
      if (thread.job !== null) this.#giveUp(thread.job, 'closed');
      else this.#drop(thread);
    }
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, closeWaitMs);
    });
    await Promise.race([Promise.all(this.#exits), patience]);
    clearTimeout(timer);
  }

  #startNext(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freeThread();
      if (thread === undefined) return;
      const job = this.#waiting.shift();
      if (job === undefined) return;
      thread.job = job;
      job.thread = thread;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.worker.postMessage(job.request);
    }
  }

  #freeThread(): Thread | undefined {
    for (const thread of this.#threads) if (thread.job === null) return thread;
    const hasRoom = this.#threads.size < this.#size && this.#exits.size < maxAbandoned;
    return hasRoom ? this.#startThread() : undefined;
  }

  #startThread(): Thread {
    const file = new URL(
      import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js',
      import.meta.url,
    );
    const worker = new Worker(file, { workerData: this.#settings, env: {}, execArgv: [], argv: [] });
    // A database in use keeps no process alive.
    worker.unref();
    const thread: Thread = { worker, job: null };
    this.#threads.add(thread);
    worker.on('message', (answer: WorkerAnswer) => this.#answered(thread, answer));
    worker.on('error', (cause: Error) => this.#crashed(thread, cause));
    worker.on('exit', () => this.#crashed(thread, new Error('the thread ended')));
    return thread;
  }

  #answered(thread: Thread, answer: WorkerAnswer): void {
    const { job } = thread;
    thread.job = null;
    job?.end({ kind: 'answered', answer });
    this.#startNext();
  }

  #crashed(thread: Thread, cause: Error): void {
    if (!this.#threads.delete(thread)) return;
    thread.job?.end({ kind: 'lost', reason: 'crashed', isStarted: true, cause });
    thread.job = null;
    this.#startNext();
  }

  #giveUp(job: Job, reason: JobFailure): void {
    const { thread } = job;
    const index = this.#waiting.indexOf(job);
    if (index !== -1) this.#waiting.splice(index, 1);
    job.end({ kind: 'lost', reason, isStarted: thread !== null });
    if (thread !== null && thread.job === job) this.#drop(thread, job.request.sql);
    this.#endWaitingRunaways();
    this.#startNext();
  }

  #endWaitingRunaways(): void {
    for (const job of this.#waiting.filter(({ request }) => this.#runaways.has(request.sql))) {
      this.#waiting.splice(this.#waiting.indexOf(job), 1);
      job.end({ kind: 'lost', reason: 'runaway', isStarted: false });
    }
  }

  #drop(thread: Thread, runaway?: string): void {
    this.#threads.delete(thread);
    thread.job = null;
    if (runaway !== undefined) this.#runaways.set(runaway, (this.#runaways.get(runaway) ?? 0) + 1);
    const exit = thread.worker.terminate().finally(() => {
      if (runaway !== undefined) this.#ended(runaway);
      this.#exits.delete(exit);
      if (!this.#isClosed) this.#startNext();
    });
    this.#exits.add(exit);
  }

  #ended(runaway: string): void {
    const left = (this.#runaways.get(runaway) ?? 1) - 1;
    if (left === 0) this.#runaways.delete(runaway);
    else this.#runaways.set(runaway, left);
  }
}
