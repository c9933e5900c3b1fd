// Listens to abort signals, once to each: many exchanges share one, and to add and remove a listener for each of them costs more than their sending.

/** Calls back when a watched signal is aborted. */
export class AbortWatch {
  readonly #users = new Map<AbortSignal, number>();
  readonly #onAbort: () => void;

  constructor(onAbort: () => void) {
    this.#onAbort = onAbort;
  }

  /** Signals that are watched now. */
  get size(): number {
    return this.#users.size;
  }

  /** Watches a signal until as many `leave` as `join` it. */
  join(signal: AbortSignal): void {
    const users = this.#users.get(signal) ?? 0;
    if (users === 0) signal.addEventListener('abort', this.#onAbort);
    this.#users.set(signal, users + 1);
  }

  leave(signal: AbortSignal): void {
    const users = this.#users.get(signal) ?? 0;
    if (users > 1) this.#users.set(signal, users - 1);
    else {
      this.#users.delete(signal);
      signal.removeEventListener('abort', this.#onAbort);
    }
  }
}
