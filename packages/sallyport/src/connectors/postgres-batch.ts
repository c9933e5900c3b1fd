// Statements that are sent as one batch, and what came of them; the driver hands over one message after another.
import type { BatchStep } from './postgres-messages.ts';
import { batchMessages } from './postgres-messages.ts';
import type { Column, RowText } from './postgres-values.ts';

/** What the server says about an error, without its message: messages, details and hints hold values. */
export interface ServerError {
  readonly severity: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly routine: string;
}

/** How a batch ended. */
export type BatchEnd =
  | { readonly kind: 'done'; readonly result: BatchResult }
  /** The server refused a step and did nothing of the ones after it. */
  | { readonly kind: 'refused'; readonly error: ServerError }
  /** The connection ended first. */
  | { readonly kind: 'lost'; readonly cause: Error };

/** Rows of the steps that wanted some, and the tag of the last command. */
export interface BatchResult {
  readonly columns: readonly Column[];
  readonly rows: readonly RowText[];
  /** Bytes of the values that came. */
  readonly bytes: number;
  readonly isTruncated: boolean;
  readonly tag: string;
}

/** What a batch writes to. */
interface Wire {
  readonly stream: { write(bytes: Buffer): unknown };
}

/** Thrown away after one use; `ended` resolves once. */
export class PostgresBatch {
  readonly ended: Promise<BatchEnd>;
  readonly #steps: readonly BatchStep[];
  readonly #maxBytes: number;
  readonly #resolve: (end: BatchEnd) => void;
  /** Called when the values are larger than wanted; what comes after is thrown away. */
  #onOverflow: (() => void) | undefined;
  #step = 0;
  #columns: readonly Column[] = [];
  readonly #rows: RowText[] = [];
  #bytes = 0;
  #isTruncated = false;
  #tag = '';

  constructor(steps: readonly BatchStep[], maxBytes: number, onOverflow?: () => void) {
    const { promise, resolve } = Promise.withResolvers<BatchEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#steps = steps;
    this.#maxBytes = maxBytes;
    this.#onOverflow = onOverflow;
  }

  submit({ stream }: Wire): void {
    stream.write(batchMessages(this.#steps));
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const maxRows = this.#steps[this.#step]?.maxRows ?? 0;
    if (maxRows === 0) return;
    this.#bytes += fields.reduce((sum, field) => sum + (field === null ? 0 : Buffer.byteLength(field)), 0);
    // One row more than wanted is asked for, to know whether there is one.
    const isTooMuch = this.#rows.length + 1 >= maxRows || this.#bytes > this.#maxBytes;
    if (!isTooMuch && !this.#isTruncated) this.#rows.push(fields);
    else this.#isTruncated = true;
    if (this.#bytes <= this.#maxBytes || this.#onOverflow === undefined) return;
    this.#finish();
    this.#onOverflow();
    this.#onOverflow = undefined;
  }

  handlePortalSuspended(): void {
    this.#step += 1;
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text;
    this.#step += 1;
  }

  handleEmptyQuery(): void {
    this.#step += 1;
  }

  // No statement of ours copies.
  handleCopyInResponse(): void {}
  handleCopyData(): void {}

  handleError(error: Error): void {
    const serverError = serverErrorOf(error);
    if (serverError === undefined) this.#resolve({ kind: 'lost', cause: error });
    else if (isLastWord(serverError)) this.#resolve({ kind: 'lost', cause: new Error(serverErrorText(serverError)) });
    else this.#resolve({ kind: 'refused', error: serverError });
  }

  handleReadyForQuery(): void {
    this.#finish();
  }

  #finish(): void {
    const result = {
      columns: this.#columns,
      rows: this.#rows,
      bytes: this.#bytes,
      isTruncated: this.#isTruncated,
      tag: this.#tag,
    };
    this.#resolve({ kind: 'done', result });
  }
}

/** The safe part of an error that the server sent; undefined for every other error. */
export function serverErrorOf(error: unknown): ServerError | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  const part = (value: unknown): string => (typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : 'unknown');
  return {
    severity: part(error.severity),
    code: part(error.code),
    routine: part('routine' in error ? error.routine : undefined),
  };
}

// The server ends the connection after these, and says nothing about what was under way. Severities are translated, codes are not.
function isLastWord({ severity, code }: ServerError): boolean {
  return severity === 'FATAL' || severity === 'PANIC' || /^(?:08|57P|58|F0|XX)/.test(code);
}

/** What an operator may read of a server's error. */
export function serverErrorText({ severity, code, routine }: ServerError): string {
  return `${severity} ${code} in ${routine}`;
}
