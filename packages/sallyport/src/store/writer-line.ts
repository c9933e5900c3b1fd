// The line between the store and its writer thread: memory that both see, a turn on which the writer waits, and messages for
// what does not fit there. The writer sleeps on the turn, as waking it by a message takes twice as long.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { BlockDecoder, BlockEncoder, blockBytes } from './group-block.ts';
import type { BatchResult } from './group-commit.ts';
import type { Batch } from './store.ts';

/** What the writer thread is started with. */
export interface WriterData {
  readonly file: string;
  readonly shared: SharedArrayBuffer;
}

/** What goes to the writer as a message. */
export type WriterRequest = { readonly kind: 'write'; readonly batch: Batch } | { readonly kind: 'close' };

/** Everything that the writer answers; a number is the index of the first leaf of a group in which all went well. */
export type WriterReply =
  | number
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly cause: string }
  | { readonly kind: 'done'; readonly results: readonly BatchResult[] };

// The turn, and what it is about.
const turnAt = 0;
const whatAt = 1;
const inBlock = 0;
const asMessage = 1;
const controlBytes = 64;

/** Memory for one line. */
export function sharedMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(controlBytes + blockBytes);
}

interface RequestPort {
  postMessage(message: WriterRequest, transfer: readonly []): void;
}

/** The store's end. */
export class StoreLine {
  readonly #port: RequestPort;
  readonly #control: Int32Array;
  readonly #encoder: BlockEncoder;

  constructor(port: RequestPort, shared: SharedArrayBuffer) {
    this.#port = port;
    this.#control = new Int32Array(shared, 0, 2);
    this.#encoder = new BlockEncoder(Buffer.from(shared, controlBytes));
  }

  /** Hands the first of these batches over, and returns how many. The next may come when this one is answered. */
  write(batches: readonly Batch[]): number {
    const count = this.#encoder.encode(batches);
    const [batch] = batches;
    if (count > 0 || batch === undefined) this.#wake(inBlock);
    else this.#message({ kind: 'write', batch });
    return Math.max(1, count);
  }

  close(): void {
    this.#message({ kind: 'close' });
  }

  #message(message: WriterRequest): void {
    this.#port.postMessage(message, []);
    this.#wake(asMessage);
  }

  #wake(what: number): void {
    this.#control[whatAt] = what;
    Atomics.add(this.#control, turnAt, 1);
    Atomics.notify(this.#control, turnAt);
  }
}

/** The writer's end. */
export class WriterLine {
  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #decoder: BlockDecoder;
  #turn = 0;

  constructor(port: MessagePort, shared: SharedArrayBuffer) {
    this.#port = port;
    this.#control = new Int32Array(shared, 0, 2);
    this.#decoder = new BlockDecoder(Buffer.from(shared, controlBytes));
  }

  /** Sleeps until there is a group; undefined when the store is closed. */
  next(): readonly Batch[] | undefined {
    Atomics.wait(this.#control, turnAt, this.#turn);
    this.#turn = Atomics.load(this.#control, turnAt);
    if (this.#control[whatAt] === inBlock) return this.#decoder.decode();
    const received: { message: WriterRequest } | undefined = receiveMessageOnPort(this.#port);
    return received?.message.kind === 'write' ? [received.message.batch] : undefined;
  }

  answer(reply: WriterReply): void {
    this.#port.postMessage(reply, []);
  }
}
