// One connection to a service: carries one exchange at a time, and is given up at the first doubt about where a reply ended.
import type { Socket } from 'node:net';
import type { ExchangeFailure } from './http-exchange.ts';
import type { ResponseState } from './http-response-parser.ts';
import { ResponseParser } from './http-response-parser.ts';
import type { PendingExchange } from './pending-exchange.ts';

/** Who has the connections. */
export interface ConnectionOwner {
  /** The exchange has ended well, and another one may follow. */
  readonly onFree: (connection: HttpConnection) => void;
  /** Nothing will come of the connection any more. */
  readonly onClose: (connection: HttpConnection) => void;
}

interface Current {
  readonly exchange: PendingExchange;
  readonly parser: ResponseParser;
}

// A close, or bytes that nobody asked for, may come right behind a reply: one whole turn of the loop is given to read them.
const restTurns = 2;
// A server that closes idle connections may do so while the next request is on its way.
const keepAliveMarginMs = 1_000;

/** The turn of the event loop, counted by the runtime. */
export function loopTurn(): number {
  return performance.nodeTiming.uvMetricsInfo.loopCount;
}

/** A connected socket whose peer is proven. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  #current: Current | null = null;
  #error: Error | null = null;
  #idleLimitMs = Number.POSITIVE_INFINITY;
  #idleUntilMs = Number.POSITIVE_INFINITY;
  #idleSinceTurn = 0;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => this.#onClose());
  }

  /** Whether a request may be written: the peer has said nothing unasked, and has not closed. */
  get isUsable(): boolean {
    return this.#current === null && this.#socket.writable && this.#socket.readableLength === 0;
  }

  get exchange(): PendingExchange | null {
    return this.#current?.exchange ?? null;
  }

  /** When its exchange, or its time without one, is over. */
  get dueMs(): number {
    return this.#current?.exchange.deadlineMs ?? this.#idleUntilMs;
  }

  /** Writes a request, in one piece. */
  start(exchange: PendingExchange): void {
    this.#idleUntilMs = Number.POSITIVE_INFINITY;
    this.#current = { exchange, parser: new ResponseParser(exchange.request) };
    const { text, encoding } = exchange.takeText();
    this.#socket.write(text, encoding);
  }

  /** Keeps the connection for as long as the pool and its server do; returns until when. */
  rest(nowMs: number, maxIdleMs: number): number {
    this.#idleSinceTurn = loopTurn();
    this.#idleUntilMs = nowMs + Math.min(maxIdleMs, this.#idleLimitMs);
    return this.#idleUntilMs;
  }

  /** Whether all that came with the last reply has been read. */
  hasRested(turn: number): boolean {
    return turn - this.#idleSinceTurn >= restTurns;
  }

  /** Ends its exchange, where it has one, and the connection with it: the reply may still come. */
  stop(reason: ExchangeFailure, error: Error): void {
    const current = this.#current;
    this.#current = null;
    current?.exchange.fail(reason, error, current.parser.head?.status);
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    // An answer that nobody asked for would be taken for the answer to the next request.
    if (this.#current === null) this.#socket.destroy();
    else this.#follow(this.#current, this.#current.parser.read(bytes));
  }

  #onEnd(): void {
    if (this.#current !== null) this.#follow(this.#current, this.#current.parser.end());
    this.#socket.destroy();
  }

  #onClose(): void {
    this.stop('connection', this.#error ?? new Error('the connection was closed'));
    this.#owner.onClose(this);
  }

  #follow(current: Current, state: ResponseState): void {
    if (state === 'complete') this.#complete(current);
    else if (state === 'too-large') this.stop('too-large', new Error('the reply is larger than its cap'));
    else if (state === 'malformed') {
      this.stop('connection', new Error('the reply is malformed or was cut off', { cause: this.#error }));
    }
  }

  #complete({ exchange, parser }: Current): void {
    const { head } = parser;
    if (head === null) return;
    this.#current = null;
    exchange.reply(head, parser.body);
    const { keepAliveSeconds } = head;
    if (keepAliveSeconds !== null) this.#idleLimitMs = keepAliveSeconds * 1_000 - keepAliveMarginMs;
    // A reply to half a request: the rest of it would be read as the next one.
    const isWritten = this.#socket.writableLength === 0;
    if (parser.isReusable && isWritten && this.#idleLimitMs > 0) this.#owner.onFree(this);
    else this.#socket.destroy();
  }
}
