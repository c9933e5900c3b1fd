// What one bounded HTTP exchange is: sent at most once, with a deadline, a size cap, and the truth about whether anything was written.
import { SallyportError } from '../domain/errors.ts';

/** A request that is ready to be written. */
export interface ExchangeRequest {
  readonly method: string;
  /** Origin-form: path and query. */
  readonly path: string;
  /** Names in lower case and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | null;
  readonly maxReplyBytes: number;
  /** From now to the end of the reply; waiting for a connection counts. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why an exchange has no whole reply. */
export type ExchangeFailure = 'timeout' | 'aborted' | 'too-large' | 'connection';

/** How an exchange ended. */
export type Exchange =
  | {
      readonly kind: 'replied';
      readonly status: number;
      /** Names in lower case and values in turn, in the order received. */
      readonly headers: readonly string[];
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

/** The error behind a failed exchange that says by its code why nothing was sent, where there is one. */
export function dialError(error: unknown): SallyportError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SallyportError) return cause;
  }
  return undefined;
}
