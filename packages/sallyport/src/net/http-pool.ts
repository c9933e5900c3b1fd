// The connections to one service: kept and used again, few enough, each exchange at its deadline or abort at the latest.
import type { Socket } from 'node:net';
import { SallyportError } from '../domain/errors.ts';
import { AbortWatch } from './abort-watch.ts';
import type { ConnectionOwner } from './http-connection.ts';
import { HttpConnection, loopTurn } from './http-connection.ts';
import type { Exchange, ExchangeFailure, ExchangeRequest } from './http-exchange.ts';
import type { RequestText } from './http-request-text.ts';
import { requestText } from './http-request-text.ts';
import type { HttpPool } from './network.ts';
import { PendingExchange } from './pending-exchange.ts';

/** What a pool needs to know of its service. */
export interface PoolOptions {
  /** Makes one connection whose peer is proven. */
  readonly dial: () => Promise<Socket>;
  /** Host and port, as the Host header has them. */
  readonly authority: string;
  readonly maxConnections: number;
  /** Exchanges that may wait for a connection. */
  readonly maxWaiting: number;
  readonly idleMs: number;
}

/** A pool without connections: they are made when they are needed. */
export function createHttpPool(options: PoolOptions): HttpPool {
  const pool = new ConnectionPool(options);
  return { send: (request) => pool.send(request), destroy: () => pool.destroy() };
}

class ConnectionPool implements ConnectionOwner {
  readonly #options: PoolOptions;
  readonly #connections = new Set<HttpConnection>();
  // The last used is used next, so that those not needed grow old.
  readonly #idle: HttpConnection[] = [];
  #waiting: PendingExchange[] = [];
  readonly #watch = new AbortWatch(() => this.#stopAborted());
  #dialling = 0;
  #willServe = false;
  #timer: NodeJS.Timeout | null = null;
  #wakeMs = Number.POSITIVE_INFINITY;
  #isDestroyed = false;
  readonly #emptied = Promise.withResolvers<void>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  send(request: ExchangeRequest): Promise<Exchange> {
    return new Promise((resolve) => this.#begin(request, resolve));
  }

  destroy(): Promise<void> {
    if (!this.#isDestroyed) {
      this.#isDestroyed = true;
      if (this.#timer !== null) clearTimeout(this.#timer);
      const closed = new Error('the pool was closed');
      for (const exchange of this.#waiting.splice(0)) exchange.fail('connection', closed);
      for (const connection of this.#connections) connection.stop('connection', closed);
    }
    if (this.#connections.size === 0) this.#emptied.resolve();
    return this.#emptied.promise;
  }

  readonly onFree = (connection: HttpConnection): void => {
    const nowMs = performance.now();
    this.#idle.push(connection);
    this.#wakeBy(connection.rest(nowMs, this.#options.idleMs), nowMs);
    this.#serveSoon();
  };

  readonly onClose = (connection: HttpConnection): void => {
    this.#connections.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#isDestroyed && this.#connections.size === 0) this.#emptied.resolve();
    this.#dialMore();
  };

  #begin(request: ExchangeRequest, resolve: (exchange: Exchange) => void): void {
    let text: RequestText;
    try {
      this.#refuse(request);
      text = requestText(this.#options.authority, request);
    } catch (error) {
      const reason = request.signal.aborted ? 'aborted' : 'connection';
      resolve({ kind: 'failed', reason, isSent: false, status: null, error: asError(error) });
      return;
    }
    const nowMs = performance.now();
    const deadlineMs = nowMs + request.timeoutMs;
    const exchange = new PendingExchange({ request, text, deadlineMs, watch: this.#watch, resolve });
    this.#wakeBy(deadlineMs, nowMs);
    const connection = this.#waiting.length === 0 ? this.#takeIdle() : undefined;
    if (connection !== undefined) {
      connection.start(exchange);
      return;
    }
    this.#waiting.push(exchange);
    this.#serveSoon();
    this.#dialMore();
  }

  #refuse({ signal }: ExchangeRequest): void {
    if (signal.aborted) throw new Error('the exchange was stopped: aborted');
    if (this.#isDestroyed) throw new Error('the pool was closed');
    if (this.#waiting.length >= this.#options.maxWaiting) {
      throw new SallyportError('OVERLOADED', 'too many calls wait for a connection to this service; try again shortly');
    }
  }

  #takeIdle(): HttpConnection | undefined {
    if (this.#idle.length === 0) return undefined;
    const turn = loopTurn();
    const index = this.#idle.findLastIndex((connection) => connection.isUsable && connection.hasRested(turn));
    return index < 0 ? undefined : this.#idle.splice(index, 1)[0];
  }

  // Connections that are about to have rested are worth waiting for.
  #serveSoon(): void {
    if (this.#willServe || this.#waiting.length === 0 || this.#idle.length === 0) return;
    this.#willServe = true;
    setImmediate(this.#serve);
  }

  readonly #serve = (): void => {
    this.#willServe = false;
    while (this.#waiting.length > 0) {
      const connection = this.#takeIdle();
      if (connection === undefined) break;
      const exchange = this.#waiting.shift();
      if (exchange !== undefined) connection.start(exchange);
    }
    this.#serveSoon();
  };

  // As many as there are exchanges that no connection is on its way for.
  #dialMore(): void {
    const { maxConnections, dial } = this.#options;
    const room = maxConnections - this.#connections.size;
    const wanted = Math.min(room, this.#waiting.length - this.#idle.length);
    while (this.#dialling < wanted) {
      this.#dialling += 1;
      dial().then(this.#dialled, this.#notDialled);
    }
  }

  readonly #dialled = (socket: Socket): void => {
    const connection = new HttpConnection(socket, this);
    if (this.#isDestroyed || !connection.isUsable) {
      connection.stop('connection', new Error('the connection is not needed'));
      this.#notDialled(new SallyportError('UPSTREAM_UNREACHABLE', 'the service speaks before it is asked'));
      return;
    }
    this.#dialling -= 1;
    this.#connections.add(connection);
    const exchange = this.#waiting.shift();
    if (exchange === undefined) this.onFree(connection);
    else connection.start(exchange);
  };

  // Who has waited longest learns why, unless other connections are on their way for all who wait.
  readonly #notDialled = (error: unknown): void => {
    this.#dialling -= 1;
    if (this.#waiting.length > this.#dialling + this.#idle.length)
      this.#waiting.shift()?.fail('connection', asError(error));
    this.#dialMore();
  };

  #stopAborted(): void {
    this.#stop('aborted', (exchange) => exchange.isAborted);
  }

  #stop(reason: ExchangeFailure, isMeant: (exchange: PendingExchange) => boolean): void {
    const error = new Error(`the exchange was stopped: ${reason}`);
    for (const connection of this.#connections) {
      if (connection.exchange !== null && isMeant(connection.exchange)) connection.stop(reason, error);
    }
    for (const exchange of this.#waiting) {
      if (isMeant(exchange)) exchange.fail(reason, error);
    }
    this.#waiting = this.#waiting.filter((exchange) => !exchange.isSettled);
  }

  // One timer for all deadlines: most calls are over long before theirs, and would pay for a timer of their own.
  #wakeBy(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#wakeMs || this.#isDestroyed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wakeMs = dueMs;
    this.#timer = setTimeout(this.#wake, Math.max(1, Math.ceil(dueMs - nowMs)));
    // Sockets keep the process while there are any; this must not do it without them.
    this.#timer.unref();
  }

  readonly #wake = (): void => {
    this.#timer = null;
    this.#wakeMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    this.#stop('timeout', (exchange) => exchange.deadlineMs <= nowMs);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const connection of this.#connections) {
      if (connection.exchange === null && connection.dueMs <= nowMs) {
        connection.stop('timeout', new Error('the connection was idle'));
      } else nextMs = Math.min(nextMs, connection.dueMs);
    }
    for (const exchange of this.#waiting) nextMs = Math.min(nextMs, exchange.deadlineMs);
    if (nextMs < Number.POSITIVE_INFINITY) this.#wakeBy(nextMs, nowMs);
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the exchange failed', { cause: error });
}
