// Reads one HTTP/1.1 response: bytes in, a whole reply out or the reason why there is none. Strict, bounded, and without any socket.
import { ChunkedBody } from './chunked-body.ts';
import { carriageReturn, lineFeed } from './http-characters.ts';
import type { ResponseHead } from './http-response-head.ts';
import { readResponseHead } from './http-response-head.ts';
import { ReceivedBody } from './received-body.ts';

/** What is expected of a response. */
export interface ResponseLimits {
  readonly method: string;
  readonly maxReplyBytes: number;
}

/** Where reading stands; the last three are ends. */
export type ResponseState = 'head' | 'body' | 'until-close' | 'complete' | 'too-large' | 'malformed';

// Of all heads of one reply, informational ones included.
const maxHeadBytes = 32 * 1024;
const maxInformational = 16;
const headEnd = '\r\n\r\n';
const protocolName = Buffer.from('HTTP/1.');

/** A response as it comes in. What it is does not depend on how the network cut it. */
export class ResponseParser {
  readonly #isHeadRequest: boolean;
  readonly #body: ReceivedBody;
  #state: ResponseState = 'head';
  #head: ResponseHead | null = null;
  #partialHead: Buffer | null = null;
  #partialBytes = 0;
  #headBytes = 0;
  #informational = 0;
  #chunks: ChunkedBody | null = null;
  #remaining = 0;
  #isFramed = true;
  #hasSurplus = false;

  constructor({ method, maxReplyBytes }: ResponseLimits) {
    this.#isHeadRequest = method === 'HEAD';
    this.#body = new ReceivedBody(maxReplyBytes);
  }

  /** Head of the reply, where it has arrived whole. */
  get head(): ResponseHead | null {
    return this.#head;
  }

  /** The body of a complete reply. */
  get body(): Buffer {
    return this.#body.take();
  }

  /** Whether another request may follow on the connection of a complete reply: nobody may doubt where this one ended. */
  get isReusable(): boolean {
    return this.#head?.keepsAlive === true && this.#isFramed && !this.#hasSurplus;
  }

  /** Reads what the connection brought. */
  read(bytes: Buffer): ResponseState {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'head') at = this.#readHead(bytes, at);
      else if (this.#state === 'body') at = this.#readBody(bytes, at);
      else if (this.#state === 'until-close') at = this.#readUntilClose(bytes, at);
      else {
        this.#hasSurplus = true;
        break;
      }
    }
    return this.#state;
  }

  /** The peer has closed its side: the end of a reply that says nothing of its length, and a cut through any other. */
  end(): ResponseState {
    if (this.#state === 'until-close') this.#state = 'complete';
    else if (this.#state === 'head' || this.#state === 'body') this.#state = 'malformed';
    return this.#state;
  }

  #readHead(bytes: Buffer, from: number): number {
    const end = this.#partialHead === null ? bytes.indexOf(headEnd, from, 'latin1') : -1;
    if (end < 0) return this.#readPartialHead(bytes, from);
    this.#takeHead(bytes, from, end + headEnd.length);
    return end + headEnd.length;
  }

  // Heads that come in pieces are rare: they are collected until they are whole. What cannot become a head is not waited for.
  #readPartialHead(bytes: Buffer, from: number): number {
    this.#partialHead ??= Buffer.allocUnsafeSlow(maxHeadBytes);
    const partial = this.#partialHead;
    for (let at = from; at < bytes.length; at += 1) {
      partial[this.#partialBytes] = bytes[at] ?? 0;
      this.#partialBytes += 1;
      if (!canBecomeHead(partial, this.#partialBytes)) {
        this.#state = 'malformed';
        return at;
      }
      if (isWholeHead(partial, this.#partialBytes)) {
        this.#takeHead(partial, 0, this.#partialBytes);
        this.#partialHead = null;
        this.#partialBytes = 0;
        return at + 1;
      }
    }
    return bytes.length;
  }

  // The text ends with the last line that says something, without the empty one.
  #takeHead(bytes: Buffer, from: number, to: number): void {
    this.#headBytes += to - from;
    const head = this.#headBytes > maxHeadBytes ? undefined : readResponseHead(bytes.toString('latin1', from, to - 2));
    // Nothing asks for an upgrade, so 101 is no answer; what follows it would be another protocol.
    if (head === undefined || head.status === 101) this.#state = 'malformed';
    else if (head.status >= 200) this.#startBody(head);
    else {
      this.#informational += 1;
      if (this.#informational > maxInformational) this.#state = 'malformed';
    }
  }

  #startBody(head: ResponseHead): void {
    this.#head = head;
    const { status, contentLength, isChunked } = head;
    if (this.#isHeadRequest || status === 204 || status === 304) {
      // RFC 9112 §6.3: they have no body whatever they say; one that says 204 and a length may send it all the same.
      this.#isFramed = status !== 204 || (!isChunked && (contentLength ?? 0) === 0);
      this.#state = 'complete';
    } else if (isChunked) {
      this.#chunks = new ChunkedBody(this.#body);
      this.#state = 'body';
    } else if (contentLength === null) {
      this.#isFramed = false;
      this.#state = 'until-close';
    } else if (!this.#body.hasRoom(contentLength)) {
      this.#state = 'too-large';
    } else {
      this.#remaining = contentLength;
      this.#state = contentLength === 0 ? 'complete' : 'body';
    }
  }

  #readBody(bytes: Buffer, from: number): number {
    if (this.#chunks !== null) {
      const at = this.#chunks.read(bytes, from);
      const { state } = this.#chunks;
      if (state === 'complete' || state === 'too-large' || state === 'malformed') this.#state = state;
      return at;
    }
    const end = Math.min(bytes.length, from + this.#remaining);
    this.#body.append(bytes, from, end);
    this.#remaining -= end - from;
    if (this.#remaining === 0) this.#state = 'complete';
    return end;
  }

  #readUntilClose(bytes: Buffer, from: number): number {
    if (this.#body.hasRoom(bytes.length - from)) this.#body.append(bytes, from, bytes.length);
    else this.#state = 'too-large';
    return bytes.length;
  }
}

// Judged byte by byte, by the last one: a line that ends in a bare LF would be waited for in vain.
function canBecomeHead(partial: Buffer, length: number): boolean {
  const last = partial[length - 1];
  if (length <= protocolName.length) return last === protocolName[length - 1];
  if (last === lineFeed) return partial[length - 2] === carriageReturn;
  return length < maxHeadBytes;
}

function isWholeHead(partial: Buffer, length: number): boolean {
  return partial[length - 1] === lineFeed && partial[length - 3] === lineFeed;
}
