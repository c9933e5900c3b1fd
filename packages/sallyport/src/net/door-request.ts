// The border between a listener and what stands behind it: one request, however it was read, and its one answer.
import type { HttpAnswer } from './http-answer.ts';

/** What the guard judges of a request. */
export interface RequestHead {
  readonly method: string;
  /** As it was sent: neither decoded nor normalised. */
  readonly target: string;
  /** Names, in lower case, and values by turns, in their order; a repeated name stands there again. */
  readonly headers: readonly string[];
}

/** One request. */
export interface DoorRequest extends RequestHead {
  /** Length of the body as the head announces it; NaN where it does not. */
  readonly announcedBytes: number;
  /**
   * The body, at once where it is there.
   * @param timeoutMs from now to the last byte
   * @throws SallyportError (or rejects with it) REQUEST_TOO_LARGE, REQUEST_TIMEOUT, REQUEST_MALFORMED (cut off), REQUEST_CONTENT_TYPE
   * (a content encoding: what is read is what is judged)
   */
  readBody(maxBytes: number, timeoutMs: number): Buffer | Promise<Buffer>;
  /** Aborted when the client goes away before its answer is complete; made when it is first asked for. */
  abortSignal(): AbortSignal;
  /**
   * Answers, unless it was answered or the client has gone. A client that still sends a body nobody reads is cut off after it.
   * @param isLast whether the connection ends with it
   */
  answer(answer: HttpAnswer, isLast?: boolean): void;
  /** Ends the connection without an answer. */
  cut(): void;
}

/** Handles one request that has passed the guard. */
export type DoorHandler = (request: DoorRequest) => void;
