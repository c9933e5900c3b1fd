// One bounded HTTP exchange: sent at most once, with a deadline, a size cap, and the truth about whether anything was written.
import type { Dispatcher } from 'undici';
import { SallyportError } from '../domain/errors.ts';

/** A request that is ready to be written. */
export interface ExchangeRequest {
  readonly method: string;
  /** Origin-form: path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  readonly maxReplyBytes: number;
  /** From now to the end of the reply; waiting for a connection counts. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why an exchange has no whole reply. */
type ExchangeFailure = 'timeout' | 'aborted' | 'too-large' | 'connection';

/** How an exchange ended. */
export type Exchange =
  | {
      readonly kind: 'replied';
      readonly status: number;
      /** In the order received, names in lower case. */
      readonly headers: readonly (readonly [string, string])[];
      readonly body: Buffer;
    }
  | {
      readonly kind: 'failed';
      readonly reason: ExchangeFailure;
      /** False only when no byte of the request was written. */
      readonly isSent: boolean;
      /** Status of the reply, where its head had arrived. */
      readonly status: number | null;
      readonly error: Error;
    };

/** Sends the request once and never again. Never throws: every end is an Exchange. */
export function sendRequest(pool: Dispatcher, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    const handler = new ExchangeHandler(request, resolve);
    if (request.signal.aborted) {
      handler.stop('aborted');
      return;
    }
    try {
      pool.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: [...request.headers],
          body: request.body,
          // Nothing of ours is safe to repeat for a library that cannot know what it does.
          idempotent: false,
        },
        handler,
      );
    } catch (error) {
      handler.fail(error);
    }
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.stop('aborted');
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #isSent = false;
  #isSettled = false;
  #status: number | null = null;
  #headers: readonly (readonly [string, string])[] = [];
  #bytes = 0;

  constructor(request: ExchangeRequest, resolve: (exchange: Exchange) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.stop('timeout'), request.timeoutMs);
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  // Called right before the first byte is written. To throw takes the request back and leaves the connection usable:
  // one that was stopped while it waited is never sent, and none is sent a second time.
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled) throw new Error('the exchange has ended');
    if (this.#isSent) throw new Error('the request would have been sent twice');
    this.#controller = controller;
    this.#isSent = true;
  }

  // Nothing asks for an upgrade, so one that comes is not an answer.
  onRequestUpgrade(controller: Dispatcher.DispatchController): void {
    controller.abort(new Error('unexpected upgrade'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headerPairs(controller.rawHeaders);
    const length = this.#headers.find(([name]) => name === 'content-length')?.[1];
    if (this.#request.method !== 'HEAD' && length !== undefined && Number(length) > this.#request.maxReplyBytes) {
      this.stop('too-large');
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#request.maxReplyBytes) this.stop('too-large');
    else this.#chunks.push(chunk);
  }

  // Trailers are ignored: nothing of them reaches an agent.
  onResponseEnd(): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#bytes);
    if (this.#status === null) this.#fail('connection', new Error('a reply without a status'));
    else this.#settle({ kind: 'replied', status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail('connection', error);
  }

  /** Ends the exchange for a reason of our own; a connection in use is closed, a request that waits is never sent. */
  stop(reason: ExchangeFailure): void {
    const error = new Error(`the exchange was stopped: ${reason}`);
    this.#fail(reason, error);
    this.#controller?.abort(error);
  }

  /** Ends the exchange because dispatching itself threw. */
  fail(error: unknown): void {
    this.#fail('connection', error instanceof Error ? error : new Error('dispatch failed', { cause: error }));
  }

  #fail(reason: ExchangeFailure, error: Error): void {
    this.#settle({ kind: 'failed', reason, isSent: this.#isSent, status: this.#status, error });
  }

  #settle(exchange: Exchange): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(exchange);
  }
}

/** The dialling error behind a failed exchange, where there is one. */
export function dialError(error: unknown): SallyportError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SallyportError) return cause;
  }
  return undefined;
}

function headerPairs(raw: Dispatcher.DispatchController['rawHeaders']): readonly (readonly [string, string])[] {
  if (!Array.isArray(raw)) return [];
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.push([headerText(raw[index]).toLowerCase(), headerText(raw[index + 1])]);
  }
  return pairs;
}

function headerText(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '');
}
