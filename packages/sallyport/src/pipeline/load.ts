// Calls in flight: how many there may be, and how they end when Sallyport stops.
import type { Execution } from '../connectors/connector.ts';
import { SallyportError } from '../domain/errors.ts';

/** Most calls in flight, over all and for one agent. */
export interface LoadLimits {
  readonly maxCalls: number;
  readonly maxCallsPerAgent: number;
}

/** An execution that Sallyport did not wait for. */
export interface Cut {
  readonly kind: 'cut';
  readonly error: SallyportError;
}

type Ended = Execution | Cut;

/** The calls that entered between two changes of the snapshot. */
interface Era {
  calls: number;
  ended: () => void;
}

/** Writes that were told to end get this long to say how. */
const writeGraceMs = 2_000;

/** Counts calls in flight and ends them. */
export class Load {
  readonly #limits: LoadLimits;
  readonly #stop = new AbortController();
  readonly #perAgent = new Map<string, number>();
  readonly #executing = new Set<{ readonly isRead: boolean; readonly end: (ended: Ended) => void }>();
  readonly #waiting = new Set<() => void>();
  #era: Era = { calls: 0, ended: () => {} };
  #calls = 0;
  #isDraining = false;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** Aborted when writes must end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Calls in flight. */
  get calls(): number {
    return this.#calls;
  }

  /** Takes a place; what it gives is handed to `leave`. @throws SallyportError SHUTTING_DOWN, OVERLOADED */
  enter(): Era {
    if (this.#isDraining) throw new SallyportError('SHUTTING_DOWN', 'Sallyport is stopping; try again later');
    if (this.#calls >= this.#limits.maxCalls) throw overloaded();
    this.#calls += 1;
    this.#era.calls += 1;
    return this.#era;
  }

  /** Gives the place back. */
  leave(era: Era): void {
    era.calls -= 1;
    if (era.calls === 0) era.ended();
    this.#calls -= 1;
    if (this.#calls === 0) for (const wake of this.#waiting) wake();
  }

  /** Takes a place of an agent. @throws SallyportError OVERLOADED */
  enterAgent(agent: string): void {
    const calls = this.#perAgent.get(agent) ?? 0;
    if (calls >= this.#limits.maxCallsPerAgent) throw overloaded();
    this.#perAgent.set(agent, calls + 1);
  }

  /** Gives the agent's place back. */
  leaveAgent(agent: string): void {
    const calls = this.#perAgent.get(agent) ?? 0;
    if (calls > 1) this.#perAgent.set(agent, calls - 1);
    else this.#perAgent.delete(agent);
  }

  /** Resolves when an execution that runs has ended, or is cut. */
  untilCut(isRead: boolean, running: Promise<Execution>): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const entry = { isRead, end: resolve };
      this.#executing.add(entry);
      running.then(
        (ended) => {
          this.#executing.delete(entry);
          resolve(ended);
        },
        (error: unknown) => {
          this.#executing.delete(entry);
          reject(error);
        },
      );
    });
  }

  /** Resolves when every call that is in flight now has ended, or after `graceMs`. */
  untilEnded(graceMs: number): Promise<void> {
    const era = this.#era;
    this.#era = { calls: 0, ended: () => {} };
    if (era.calls === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      timer.unref();
      era.ended = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Refuses new calls, waits `graceMs` for the others, then cuts them; resolves when none is left. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    if (await this.#isIdleWithin(graceMs)) return;
    this.#stop.abort();
    this.#endAll(true, { kind: 'cut', error: cutError() });
    if (await this.#isIdleWithin(writeGraceMs)) return;
    this.#endAll(false, { kind: 'indeterminate', error: cutError() });
    await this.#isIdleWithin(writeGraceMs);
  }

  #endAll(isRead: boolean, ended: Ended): void {
    for (const entry of this.#executing) if (entry.isRead === isRead) entry.end(ended);
  }

  #isIdleWithin(timeoutMs: number): Promise<boolean> {
    if (this.#calls === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (isIdle: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(isIdle);
      };
      const wake = (): void => end(true);
      const timer = setTimeout(end, timeoutMs, false);
      this.#waiting.add(wake);
    });
  }
}

function overloaded(): SallyportError {
  return new SallyportError('OVERLOADED', 'too many calls are under way; try again later');
}

function cutError(): SallyportError {
  return new SallyportError('CALL_CUT', 'Sallyport was stopped while this call ran');
}
