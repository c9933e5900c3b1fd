// Undoes the chunked transfer coding (RFC 9112 §7.1) byte by byte, so that it does not matter how the network cut it.
import { carriageReturn, colon, hexValue, isTokenByte, isValueByte, lineFeed, semicolon } from './http-characters.ts';
import type { ReceivedBody } from './received-body.ts';

/** Where reading stands; the last three are ends. */
export type ChunkState =
  | 'size-start'
  | 'size'
  | 'extension'
  | 'size-end'
  | 'data'
  | 'data-cr'
  | 'data-end'
  | 'trailer-start'
  | 'trailer-name'
  | 'trailer-value'
  | 'trailer-end'
  | 'last-end'
  | 'complete'
  | 'too-large'
  | 'malformed';

// No cap on replies needs more than eight; the sum stays exact.
const maxSizeDigits = 8;
// Of all extensions and trailers of one reply: nothing reads them, so that they only hide and delay.
const maxIgnoredBytes = 4 * 1024;

/** The chunks of one reply. Extensions and trailers are checked and dropped. */
export class ChunkedBody {
  readonly #body: ReceivedBody;
  #state: ChunkState = 'size-start';
  #size = 0;
  #sizeDigits = 0;
  #ignoredBytes = 0;

  constructor(body: ReceivedBody) {
    this.#body = body;
  }

  get state(): ChunkState {
    return this.#state;
  }

  /** Reads on from a place in the bytes; returns where it stopped, which is their end or right behind the reply. */
  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && !this.#hasEnded()) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        this.#body.append(bytes, at, end);
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#state = 'data-cr';
      } else {
        this.#state = this.#next(bytes[at] ?? 0);
        at += 1;
      }
    }
    return at;
  }

  #hasEnded(): boolean {
    return this.#state === 'complete' || this.#state === 'too-large' || this.#state === 'malformed';
  }

  #next(byte: number): ChunkState {
    switch (this.#state) {
      case 'size-start':
      case 'size':
        return this.#inSize(byte);
      case 'extension':
        if (byte === carriageReturn) return 'size-end';
        return this.#ignored(isValueByte[byte] === 1, 'extension');
      case 'size-end':
        return byte === lineFeed ? this.#afterSize() : 'malformed';
      case 'data-cr':
        return byte === carriageReturn ? 'data-end' : 'malformed';
      case 'data-end':
        return byte === lineFeed ? this.#newChunk() : 'malformed';
      case 'last-end':
        return byte === lineFeed ? 'complete' : 'malformed';
      default:
        return this.#inTrailer(byte);
    }
  }

  #newChunk(): ChunkState {
    this.#sizeDigits = 0;
    return 'size-start';
  }

  #inSize(byte: number): ChunkState {
    const digit = hexValue[byte] ?? -1;
    if (digit >= 0) {
      this.#sizeDigits += 1;
      this.#size = this.#size * 16 + digit;
      return this.#sizeDigits > maxSizeDigits ? 'malformed' : 'size';
    }
    if (this.#state === 'size-start') return 'malformed';
    if (byte === carriageReturn) return 'size-end';
    return byte === semicolon ? this.#ignored(true, 'extension') : 'malformed';
  }

  #afterSize(): ChunkState {
    if (this.#size === 0) return 'trailer-start';
    return this.#body.hasRoom(this.#size) ? 'data' : 'too-large';
  }

  #inTrailer(byte: number): ChunkState {
    switch (this.#state) {
      case 'trailer-start':
        if (byte === carriageReturn) return 'last-end';
        return this.#ignored(isTokenByte[byte] === 1, 'trailer-name');
      case 'trailer-name':
        if (byte === colon) return this.#ignored(true, 'trailer-value');
        return this.#ignored(isTokenByte[byte] === 1, 'trailer-name');
      case 'trailer-value':
        if (byte === carriageReturn) return 'trailer-end';
        return this.#ignored(isValueByte[byte] === 1, 'trailer-value');
      default:
        return byte === lineFeed ? 'trailer-start' : 'malformed';
    }
  }

  #ignored(isAllowed: boolean, next: ChunkState): ChunkState {
    this.#ignoredBytes += 1;
    return isAllowed && this.#ignoredBytes <= maxIgnoredBytes ? next : 'malformed';
  }
}
