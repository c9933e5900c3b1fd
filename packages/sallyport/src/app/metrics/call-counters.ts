// Counts calls where they are recorded: plain numbers, which an exporter reads when it is asked.
import type { Begun, CallJournal, EarlierOutcome, IdempotencyClaim } from '../../audit/call-journal.ts';
import type { CallIntent, CallOutcomeEntry, CallRefused } from '../../domain/audit-entry.ts';
import type { ErrorCode } from '../../domain/errors.ts';

/** Upper bounds of the duration buckets, in milliseconds. */
export const bucketBoundsMs = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000] as const;

/** Calls of one kind. */
export interface CallSeries {
  readonly agent: string;
  readonly operation: string;
  readonly result: string;
  readonly code: string;
  count: number;
}

/** How long the calls of an operation took. */
export interface DurationSeries {
  readonly operation: string;
  /** By bucket, not cumulative; the last one is for everything longer. */
  readonly buckets: number[];
  sumMs: number;
}

/** What has been counted since the start. */
export interface CallCounters {
  readonly calls: ReadonlyMap<string, CallSeries>;
  readonly durations: ReadonlyMap<string, DurationSeries>;
  /** Refusals before authentication, by code. */
  readonly atDoor: ReadonlyMap<string, number>;
  readonly inFlight: number;
  /** Records that were handed to the writer and are not durable yet. */
  readonly pendingRecords: number;
  readonly redactions: number;
}

/** Counts refusals before authentication. */
interface Counting {
  readonly count: (code: ErrorCode) => void;
}

/** A journal that counts what it records, and its counters. */
export class CountingJournal implements CallJournal, CallCounters {
  readonly calls = new Map<string, CallSeries>();
  readonly durations = new Map<string, DurationSeries>();
  readonly atDoor = new Map<string, number>();
  pendingRecords = 0;
  redactions = 0;
  readonly #journal: CallJournal;
  readonly #open = new Map<string, CallIntent>();

  constructor(journal: CallJournal) {
    this.#journal = journal;
  }

  get inFlight(): number {
    return this.#open.size;
  }

  earlier(...question: Parameters<CallJournal['earlier']>): ReturnType<CallJournal['earlier']> {
    return this.#journal.earlier(...question);
  }

  begin(intent: CallIntent, detailsText: string, claim: IdempotencyClaim | null): Promise<Begun> {
    return this.#begun(intent, this.#journal.begin(intent, detailsText, claim));
  }

  beginApproved(...call: Parameters<CallJournal['beginApproved']>): ReturnType<CallJournal['beginApproved']> {
    return this.#begun(call[0], this.#journal.beginApproved(...call));
  }

  end(outcome: CallOutcomeEntry, earlier: EarlierOutcome | null): Promise<void> {
    const intent = this.#open.get(outcome.call);
    this.#open.delete(outcome.call);
    if (intent !== undefined) this.#countEnd(intent, outcome);
    return this.#pending(this.#journal.end(outcome, earlier));
  }

  async refuse(...call: Parameters<CallJournal['refuse']>): Promise<void> {
    this.#countRefused(call[0]);
    await this.#pending(this.#journal.refuse(...call));
  }

  closeOpenCalls(): Promise<number> {
    return this.#journal.closeOpenCalls();
  }

  /** A door counter that counts here as well. */
  doorCounter({ count }: Counting): Counting {
    return {
      count: (code) => {
        this.atDoor.set(code, (this.atDoor.get(code) ?? 0) + 1);
        count(code);
      },
    };
  }

  #begun(intent: CallIntent, beginning: Promise<Begun>): Promise<Begun> {
    this.pendingRecords += 1;
    return beginning.then(
      (begun) => {
        this.pendingRecords -= 1;
        if (begun.kind === 'begun') this.#open.set(intent.call, intent);
        return begun;
      },
      (error: unknown) => {
        this.pendingRecords -= 1;
        throw error;
      },
    );
  }

  #pending<Result>(write: Promise<Result>): Promise<Result> {
    this.pendingRecords += 1;
    const settled = (): void => {
      this.pendingRecords -= 1;
    };
    write.then(settled, settled);
    return write;
  }

  #countEnd({ agent, operation }: CallIntent, { result, code, durationMs, redactions }: CallOutcomeEntry): void {
    this.#count({ agent, operation, result, code: code ?? '' });
    this.redactions += redactions;
    const series = this.#durationsOf(operation);
    const index = bucketBoundsMs.findIndex((bound) => durationMs <= bound);
    const bucket = index === -1 ? bucketBoundsMs.length : index;
    series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    series.sumMs += durationMs;
  }

  #durationsOf(operation: string): DurationSeries {
    const known = this.durations.get(operation);
    if (known !== undefined) return known;
    const series = { operation, buckets: bucketBoundsMs.map(() => 0).concat(0), sumMs: 0 };
    this.durations.set(operation, series);
    return series;
  }

  // The operation is null where the agent's name for it is in no catalogue: what agents choose is no label.
  #countRefused({ agent, operation, code }: CallRefused): void {
    this.#count({ agent, operation: operation ?? '', result: 'refused', code });
  }

  #count(series: Omit<CallSeries, 'count'>): void {
    const key = `${series.agent} ${series.operation} ${series.result} ${series.code}`;
    const known = this.calls.get(key);
    if (known === undefined) this.calls.set(key, { ...series, count: 1 });
    else known.count += 1;
  }
}
