// One connection on which requests came in their plainest form so far. The first thing that is anything else, or comes out of
// turn, takes it to node:http for the rest of its life: so there is never half a request here, and nothing to wait for.
import type { Socket } from 'node:net';
import { answerText } from './answer-text.ts';
import type { DoorRequest } from './door-request.ts';
import { endsConnection, type HttpAnswer } from './http-answer.ts';
import { type NarrowRequest, readNarrowRequest } from './narrow-request.ts';
import { bodyRefusal } from './read-body.ts';

/** What stands behind a connection. */
export interface NarrowParts {
  /** Is given each request. */
  readonly serve: (request: DoorRequest) => void;
  /** Serves the connection from here on. */
  readonly handOver: (socket: Socket) => void;
  /** The connection is no longer one of these. */
  readonly gone: (connection: NarrowConnection) => void;
}

// What a client may send before its answer came, until it is no longer read from.
const maxEarlyBytes = 64 * 1024;

/** A connection. */
export class NarrowConnection {
  readonly socket: Socket;
  /** How often it was found with nothing to do since the last request. */
  idleSweeps = 0;
  /** Whether no request has come yet. */
  isFresh = true;
  readonly #parts: NarrowParts;
  #current: Served | undefined;
  #early: Buffer | undefined;
  #isLast = false;

  constructor(socket: Socket, parts: NarrowParts) {
    this.socket = socket;
    this.#parts = parts;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', ignore).on('close', this.#onClose);
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Ends it with the answer that is due, or as soon as the last one has gone out. */
  endSoon(): void {
    this.#isLast = true;
    if (this.#current === undefined) this.socket.destroySoon();
  }

  /** Gives the connection away, with bytes that are not read yet. */
  handOver(bytes?: Buffer): void {
    const { socket } = this;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', ignore).off('close', this.#onClose);
    this.#parts.gone(this);
    socket.pause();
    if (bytes !== undefined) socket.unshift(bytes);
    this.#parts.handOver(socket);
    socket.resume();
  }

  /** Writes the answer to the request that is due. */
  write(answer: HttpAnswer, isAskedLast: boolean): void {
    const isLast = isAskedLast || this.#isLast || endsConnection(answer);
    const { text, encoding } = answerText(answer, isLast);
    this.#current = undefined;
    this.idleSweeps = 0;
    this.socket.write(text, encoding);
    if (isLast) this.socket.destroySoon();
    else if (this.#early !== undefined) this.handOver(this.#early);
  }

  readonly #onData = (chunk: Buffer): void => {
    // Who was told that nothing came in time, and can be told nothing more, must not have it done all the same.
    if (!this.socket.writable) return;
    if (this.#current !== undefined || this.#isLast) {
      this.#keep(chunk);
      return;
    }
    // Who does not read the last answer gets no further one from here: node:http knows how to wait.
    const request = this.socket.writableNeedDrain ? undefined : readNarrowRequest(chunk);
    if (request === undefined) {
      this.handOver(chunk);
      return;
    }
    this.isFresh = false;
    this.#current = new Served(this, request);
    this.#parts.serve(this.#current);
  };

  // Answers go out in the order of their requests.
  #keep(chunk: Buffer): void {
    this.#early = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk]);
    if (this.#early.length > maxEarlyBytes) this.socket.pause();
  }

  // As node:http has it: who ends his side waits for nothing any more.
  readonly #onEnd = (): void => {
    this.#isLast = true;
    this.socket.end();
  };

  readonly #onClose = (): void => {
    this.#parts.gone(this);
    this.#current?.leave();
  };
}

class Served implements DoorRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly announcedBytes: number;
  readonly #connection: NarrowConnection;
  readonly #body: Buffer;
  #state: 'open' | 'answered' | 'left' = 'open';
  #controller: AbortController | undefined;

  constructor(connection: NarrowConnection, request: NarrowRequest) {
    this.method = request.method;
    this.target = request.target;
    this.headers = request.headers;
    this.announcedBytes = request.announcedBytes;
    this.#connection = connection;
    this.#body = request.body;
  }

  readBody(maxBytes: number): Buffer {
    const refusal = bodyRefusal(contentEncoding(this.headers), this.#body.length, maxBytes);
    if (refusal !== undefined) throw refusal;
    return this.#body;
  }

  abortSignal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#state === 'left') this.#controller.abort();
    return this.#controller.signal;
  }

  answer(answer: HttpAnswer, isLast = false): void {
    if (this.#state !== 'open') return;
    this.#connection.write(answer, isLast);
    this.#state = 'answered';
  }

  cut(): void {
    this.#connection.socket.destroy();
  }

  /** The client has gone without its answer. */
  leave(): void {
    this.#state = 'left';
    this.#controller?.abort();
  }
}

// Names stand at every other place: a value may be named like a header.
function contentEncoding(headers: readonly string[]): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === 'content-encoding') return headers[index + 1];
  }
  return undefined;
}

function ignore(): void {}
