// Few connections to one database, each signed in with one version of its credential and never used for another.
import { SallyportError } from '../domain/errors.ts';
import type { PostgresSession } from './postgres-session.ts';

/** What a caller waits for. */
export interface SessionRequest {
  /** Version of the credential; null where the caller has none. */
  readonly version: number | null;
  /** Opens a connection with that version. */
  readonly open: () => Promise<PostgresSession>;
}

/** Sessions that are lent and given back. */
export interface PostgresPool {
  /** A session and its way back. @throws SallyportError what `open` throws, SHUTTING_DOWN */
  borrow(request: SessionRequest, signal: AbortSignal): Promise<LentSession>;
  /** Ends every connection; whoever waits is refused. */
  close(): Promise<void>;
}

/** A session in use; `giveBack` is called once. */
export interface LentSession {
  readonly session: PostgresSession;
  giveBack(): void;
}

interface Entry {
  readonly version: number | null;
  session: PostgresSession | null;
  isLent: boolean;
  idleTimer: NodeJS.Timeout | null;
}

interface Waiter {
  readonly request: SessionRequest;
  readonly resolve: (lent: LentSession) => void;
  readonly reject: (error: unknown) => void;
}

const idleMs = 30_000;

/** A pool of at most `size` connections. */
export function createPostgresPool(size: number): PostgresPool {
  return new Pool(size);
}

class Pool implements PostgresPool {
  readonly #size: number;
  readonly #entries = new Set<Entry>();
  readonly #waiting: Waiter[] = [];
  #isClosed = false;

  constructor(size: number) {
    this.#size = size;
  }

  borrow(request: SessionRequest, signal: AbortSignal): Promise<LentSession> {
    const { promise, resolve, reject } = Promise.withResolvers<LentSession>();
    if (this.#isClosed) return Promise.reject(closing());
    const waiter: Waiter = { request, resolve, reject };
    // The caller says itself why it stopped waiting; here it only leaves the line.
    const leave = (): void => {
      const index = this.#waiting.indexOf(waiter);
      if (index !== -1) this.#waiting.splice(index, 1);
      reject(signal.reason);
    };
    if (signal.aborted) return Promise.reject(new Error('nobody waits any more', { cause: signal.reason }));
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiter);
    this.#serve();
    return promise.finally(() => signal.removeEventListener('abort', leave));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(closing());
    for (const entry of this.#entries) {
      if (entry.isLent) entry.session?.destroy();
      else this.#drop(entry);
    }
    return Promise.resolve();
  }

  #serve(): void {
    for (const waiter of this.#waiting.slice()) {
      const idle = this.#idleEntry(waiter.request.version);
      if (idle !== undefined) this.#lend(idle, waiter);
      else if (!this.#isOpeningEnough(waiter.request.version) && this.#hasRoom()) this.#open(waiter.request);
    }
  }

  #idleEntry(version: number | null): Entry | undefined {
    for (const entry of this.#entries) {
      if (entry.session !== null && !entry.isLent && entry.version === version) return entry;
    }
    return undefined;
  }

  // A connection on its way serves one who waits.
  #isOpeningEnough(version: number | null): boolean {
    const opening = [...this.#entries].filter((entry) => entry.session === null && entry.version === version).length;
    return opening >= this.#waiting.filter(({ request }) => request.version === version).length;
  }

  // Connections of another version make room: theirs has been replaced.
  #hasRoom(): boolean {
    if (this.#entries.size < this.#size) return true;
    const idle = [...this.#entries].find((entry) => entry.session !== null && !entry.isLent);
    if (idle !== undefined) this.#drop(idle);
    return this.#entries.size < this.#size;
  }

  #lend(entry: Entry, waiter: Waiter): void {
    const { session } = entry;
    if (session === null) return;
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    this.#endOthers(entry.version);
    if (entry.idleTimer !== null) clearTimeout(entry.idleTimer);
    entry.isLent = true;
    waiter.resolve({ session, giveBack: () => this.#takeBack(entry) });
  }

  #endOthers(version: number | null): void {
    for (const entry of this.#entries) {
      if (entry.session !== null && !entry.isLent && isOlder(entry.version, version)) this.#drop(entry);
    }
  }

  #takeBack(entry: Entry): void {
    entry.isLent = false;
    const isReplaced = [...this.#entries].some((other) => isOlder(entry.version, other.version));
    if (this.#isClosed || isReplaced || entry.session?.isOpen !== true) this.#drop(entry);
    else this.#rest(entry);
    this.#serve();
  }

  #rest(entry: Entry): void {
    entry.idleTimer = setTimeout(() => this.#drop(entry), idleMs);
    // A connection that nobody uses keeps no process alive.
    entry.idleTimer.unref();
  }

  #open(request: SessionRequest): void {
    const entry: Entry = { version: request.version, session: null, isLent: false, idleTimer: null };
    this.#entries.add(entry);
    request.open().then(
      (session) => {
        entry.session = session;
        session.onEnd(() => {
          if (!entry.isLent) this.#drop(entry);
        });
        if (this.#isClosed || !session.isOpen) this.#drop(entry);
        else this.#rest(entry);
        this.#serve();
      },
      (error: unknown) => {
        this.#entries.delete(entry);
        const index = this.#waiting.findIndex((waiter) => waiter.request.version === request.version);
        if (index !== -1) this.#waiting.splice(index, 1)[0]?.reject(error);
        this.#serve();
      },
    );
  }

  #drop(entry: Entry): void {
    if (entry.idleTimer !== null) clearTimeout(entry.idleTimer);
    if (this.#entries.delete(entry)) entry.session?.end();
  }
}

function isOlder(version: number | null, than: number | null): boolean {
  return version !== null && than !== null && version < than;
}

function closing(): SallyportError {
  return new SallyportError('SHUTTING_DOWN', 'the database is being closed');
}
