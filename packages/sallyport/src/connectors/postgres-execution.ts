// Runs one statement in a transaction of its own, once, and says truthfully how it ended.
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { SecretFields } from '../domain/secret.ts';
import type { Execution, ExecutionAccess } from './connector.ts';
import type { BatchEnd } from './postgres-batch.ts';
import { PostgresBatch } from './postgres-batch.ts';
import type { SignIn } from './postgres-connection.ts';
import {
  lostExecution,
  refusedExecution,
  repliedExecution,
  rolledBack,
  stopError,
  unknownCommit,
} from './postgres-ends.ts';
import type { BatchStep } from './postgres-messages.ts';
import type { LentSession, PostgresPool } from './postgres-pool.ts';
import type { PostgresSession } from './postgres-session.ts';

/** What the executions of one operation share. */
export interface PostgresExecution {
  readonly operation: OperationDefinition;
  /** The statement with numbered parameters. */
  readonly sql: string;
  readonly database: string;
  /** Settings of every transaction, by name. */
  readonly settings: readonly (readonly [string, string])[];
  readonly pool: PostgresPool;
  readonly open: (signIn: SignIn) => Promise<PostgresSession>;
  readonly clock: Clock;
}

type StopReason = 'timeout' | 'aborted';

const maxLockMs = 5_000;
// Names and types of columns, and the frame of each message.
const overheadBytes = 1024 * 1024;
// Rows of a write that are not wanted are read nevertheless: to cut the connection would leave its outcome unknown.
const maxWriteReplyBytes = 64 * 1024 * 1024;

/** Never throws: every end is an Execution. */
export async function executeStatement(
  shared: PostgresExecution,
  values: readonly (string | null)[],
  access: ExecutionAccess,
): Promise<Execution> {
  const run = new Run(shared, values, access);
  try {
    return await run.execute();
  } finally {
    run.end();
  }
}

class Run {
  readonly #shared: PostgresExecution;
  readonly #values: readonly (string | null)[];
  readonly #access: ExecutionAccess;
  readonly #deadlineMs: number;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#end('aborted');
  #reason: StopReason | null = null;
  #lent: LentSession | null = null;

  constructor(shared: PostgresExecution, values: readonly (string | null)[], access: ExecutionAccess) {
    this.#shared = shared;
    this.#values = values;
    this.#access = access;
    this.#deadlineMs = shared.clock.monotonicMs() + access.timeoutMs;
    this.#timer = setTimeout(() => this.#end('timeout'), access.timeoutMs);
    access.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (access.signal.aborted) this.#end('aborted');
  }

  async execute(): Promise<Execution> {
    const { pool } = this.#shared;
    try {
      const signIn = signInOf(this.#access.credential, this.#shared.database);
      const request = { version: this.#access.credentialVersion ?? null, open: () => this.#shared.open(signIn) };
      this.#lent = await pool.borrow(request, this.#stop.signal);
    } catch (error) {
      return { kind: 'not-sent', error: this.#reason === null ? asSallyportError(error) : stopError(this.#reason) };
    }
    return this.#shared.operation.effect === 'read' ? await this.#read(this.#lent) : await this.#write(this.#lent);
  }

  /** Gives back what was borrowed. */
  end(): void {
    clearTimeout(this.#timer);
    this.#access.signal.removeEventListener('abort', this.#onAbort);
    this.#lent?.giveBack();
  }

  async #read({ session }: LentSession): Promise<Execution> {
    const { operation } = this.#shared;
    // One round trip. Rolled back, because a read-only transaction lets some changes through that a function behind a view
    // can make: large objects (before PostgreSQL 16), notifications, settings of the session.
    const steps = [...this.#opening('READ ONLY'), this.#statement(), plain('ROLLBACK')];
    const ended = await this.#run(session, new PostgresBatch(steps, operation.reply.maxBytes, () => session.destroy()));
    if (ended.kind === 'lost') return lostExecution(this.#stopOr(ended.cause));
    if (ended.kind === 'refused') return await this.#rollBack(session, refusedExecution(ended.error));
    return repliedExecution(operation, ended.result);
  }

  async #write({ session }: LentSession): Promise<Execution> {
    const { operation } = this.#shared;
    const steps = [...this.#opening('READ WRITE'), this.#statement()];
    const ended = await this.#run(session, new PostgresBatch(steps, operation.reply.maxBytes));
    if (ended.kind === 'lost') return lostExecution(this.#stopOr(ended.cause));
    if (ended.kind === 'refused') return await this.#rollBack(session, refusedExecution(ended.error));
    const execution = repliedExecution(operation, ended.result);
    // What cannot be told must not have happened.
    if (execution.kind !== 'replied') return await this.#rollBack(session, execution);
    return await this.#commit(session, execution);
  }

  async #commit(session: PostgresSession, execution: Execution): Promise<Execution> {
    const ended = await this.#run(session, new PostgresBatch([plain('COMMIT')], 0));
    if (ended.kind === 'lost') return unknownCommit(this.#stopOr(ended.cause));
    // Constraints may be checked as late as here.
    if (ended.kind === 'refused') return refusedExecution(ended.error);
    return ended.result.tag === 'COMMIT' ? execution : rolledBack();
  }

  async #rollBack(session: PostgresSession, execution: Execution): Promise<Execution> {
    const ended = await this.#run(session, new PostgresBatch([plain('ROLLBACK')], 0));
    if (ended.kind !== 'done') session.destroy();
    return execution;
  }

  #run(session: PostgresSession, batch: PostgresBatch): Promise<BatchEnd> {
    const { effect, reply } = this.#shared.operation;
    session.limit(effect === 'read' ? 8 * reply.maxBytes + overheadBytes : maxWriteReplyBytes);
    return session.run(batch);
  }

  #opening(mode: 'READ ONLY' | 'READ WRITE'): readonly BatchStep[] {
    const settings = [...this.#shared.settings, ...this.#timeouts()];
    const calls = settings.map((_, index) => `pg_catalog.set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
    return [
      plain(`BEGIN ISOLATION LEVEL READ COMMITTED ${mode}`),
      { sql: `SELECT ${calls.join(', ')}`, values: settings.flat(), maxRows: 0 },
    ];
  }

  // The server gives up first, so that its answer comes and says that nothing was done.
  #timeouts(): readonly (readonly [string, string])[] {
    const leftMs = Math.max(1, this.#deadlineMs - this.#shared.clock.monotonicMs());
    const text = (ms: number): string => String(Math.max(1, Math.floor(ms)));
    return [
      ['statement_timeout', text(leftMs * 0.9)],
      ['lock_timeout', text(Math.min(maxLockMs, leftMs / 2))],
      ['idle_in_transaction_session_timeout', text(leftMs + 1_000)],
    ];
  }

  #statement(): BatchStep {
    return { sql: this.#shared.sql, values: this.#values, maxRows: this.#shared.operation.reply.maxRows + 1 };
  }

  #stopOr(cause: Error): SallyportError {
    if (this.#reason !== null) return stopError(this.#reason);
    if (cause instanceof SallyportError) return cause;
    return new SallyportError('UPSTREAM_UNREACHABLE', 'the connection to the database was lost', { cause });
  }

  #end(reason: StopReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#stop.abort(new Error(`the execution was stopped: ${reason}`));
    this.#lent?.session.abandon();
  }
}

function plain(sql: string): BatchStep {
  return { sql, values: [], maxRows: 0 };
}

function signInOf(fields: SecretFields | null, database: string): SignIn {
  const { username, password } = fields ?? {};
  if (username === undefined || username.secret || password?.secret !== true) {
    throw new SallyportError('CREDENTIAL_MISSING', 'the credential of this service was not opened');
  }
  return { user: username.value, password: password.value.reveal(), database };
}

function asSallyportError(error: unknown): SallyportError {
  return error instanceof SallyportError
    ? error
    : new SallyportError('UPSTREAM_UNREACHABLE', 'the connection to the database failed', { cause: error });
}
