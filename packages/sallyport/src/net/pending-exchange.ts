// An exchange that has not ended: it is sent once at most, and ends once, whatever happens first.
import type { AbortWatch } from './abort-watch.ts';
import type { Exchange, ExchangeFailure, ExchangeRequest } from './http-exchange.ts';
import type { RequestText } from './http-request-text.ts';
import type { ResponseHead } from './http-response-head.ts';

/** What an exchange needs to begin. */
export interface ExchangeStart {
  readonly request: ExchangeRequest;
  /** All that will be written. */
  readonly text: RequestText;
  readonly deadlineMs: number;
  readonly watch: AbortWatch;
  readonly resolve: (exchange: Exchange) => void;
}

/** Waits for a connection, or for the reply on one. */
export class PendingExchange {
  readonly #start: ExchangeStart;
  #isSent = false;
  #isSettled = false;

  constructor(start: ExchangeStart) {
    this.#start = start;
    start.watch.join(start.request.signal);
  }

  get request(): ExchangeRequest {
    return this.#start.request;
  }

  get deadlineMs(): number {
    return this.#start.deadlineMs;
  }

  get isAborted(): boolean {
    return this.#start.request.signal.aborted;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The text of the request, which from now on counts as sent. */
  takeText(): RequestText {
    if (this.#isSent || this.#isSettled) throw new Error('the request would have been sent twice');
    this.#isSent = true;
    return this.#start.text;
  }

  reply({ status, headers }: ResponseHead, body: Buffer): void {
    this.#settle({ kind: 'replied', status, headers, body });
  }

  fail(reason: ExchangeFailure, error: Error, status: number | null = null): void {
    this.#settle({ kind: 'failed', reason, isSent: this.#isSent, status, error });
  }

  #settle(exchange: Exchange): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#start.watch.leave(this.#start.request.signal);
    this.#start.resolve(exchange);
  }
}
