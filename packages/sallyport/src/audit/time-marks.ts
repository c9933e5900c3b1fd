// Marks for about every thousandth leaf how late the leaves before it are: an index by time that only grows when it must.
import { SallyportError } from '../domain/errors.ts';
import type { AuditTimeTable } from '../store/tables/audit-time.ts';
import type { WriterConnection } from '../store/writer-connection.ts';

const marked = 1024;
const insertMark = 'insert into audit_time (seq, at) values (?, ?)';
const lastMark = 'select seq, at from audit_time order by seq desc limit 1';
const latestSince = 'select max(at) as at from audit_leaf where seq >= ?';

/** The marks of the writer. */
export class TimeMarks {
  readonly #connection: WriterConnection;
  /** Index of the last mark. */
  #seq = 0;
  // Never goes down, not even by a rollback: a mark may be later than every leaf before it, but not earlier than one.
  #latest = 0;

  constructor(connection: WriterConnection) {
    this.#connection = connection;
    const markedUntil = this.restore();
    const since = connection.rows(latestSince, [this.#seq])[0]?.['at'];
    this.#latest = Math.max(markedUntil, Number(since ?? 0));
  }

  /** Takes the time of a leaf that is appended. */
  take(at: number): void {
    if (at > this.#latest) this.#latest = at;
  }

  /** Writes a mark when there are enough leaves behind the last one. */
  finish(size: number): void {
    if (size - this.#seq < marked) return;
    this.#connection.run(insertMark, [size, this.#latest]);
    this.#seq = size;
  }

  /** Goes back to the last mark that is stored, and returns its time. @throws SallyportError AUDIT_INVALID */
  restore(): number {
    const { seq, at } = this.#connection.rows(lastMark, [])[0] ?? { seq: 0, at: 0 };
    if (typeof seq !== 'number' || typeof at !== 'number') throw invalid();
    this.#seq = seq;
    return at;
  }
}

function invalid(): SallyportError {
  return new SallyportError(
    'AUDIT_INVALID',
    'the marks in time of the audit log were changed; run `sallyport audit verify` and restore the state',
  );
}

/** Checks stored marks against the leaves. */
export class TimeCheck {
  readonly #marks: readonly AuditTimeTable[];
  readonly #problem: (leaf: number, what: string) => void;
  #next = 0;
  #latest = 0;

  /** @param marks in ascending order, read before the leaves */
  constructor(marks: readonly AuditTimeTable[], problem: (leaf: number, what: string) => void) {
    this.#marks = marks;
    this.#problem = problem;
  }

  /** Takes the next leaf. */
  leaf(seq: number, at: number): void {
    this.#until(seq);
    if (at > this.#latest) this.#latest = at;
  }

  /** Every leaf was taken: whatever is marked behind them is wrong. */
  end(size: number): void {
    this.#until(size);
    const beyond = this.#marks[this.#next];
    if (beyond !== undefined) this.#problem(beyond.seq, 'a mark in time behind the last leaf');
  }

  #until(seq: number): void {
    for (let mark = this.#marks[this.#next]; mark !== undefined && mark.seq <= seq; mark = this.#marks[this.#next]) {
      // Not `<`: a time that is no number is neither before nor after any.
      if (!(mark.at >= this.#latest)) this.#problem(mark.seq, 'a mark in time that hides leaves before it');
      this.#next += 1;
    }
  }
}
