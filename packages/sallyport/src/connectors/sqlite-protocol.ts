// What the connector and its worker threads say to each other.
import type { Effect } from '../domain/effect.ts';

/** A value as the driver binds it. */
export type BoundValue = null | number | bigint | string;

/** A value as the driver returns it; integers beyond 2^53 stay exact. */
export type Cell = null | number | bigint | string;

/** What a thread is started with. */
export interface WorkerSettings {
  readonly file: string;
  readonly mode: 'read' | 'write';
}

/** Asks a thread for one thing; it does one at a time. */
export type WorkerRequest = PrepareRequest | RunRequest;

/** Compiles a statement under the authoriser, and runs nothing. */
export interface PrepareRequest {
  readonly kind: 'prepare';
  readonly sql: string;
  readonly effect: Effect;
}

/** Runs a statement that was compiled before. */
export interface RunRequest {
  readonly kind: 'run';
  readonly sql: string;
  /** The actions recorded when it was compiled: it may do these and nothing else. */
  readonly actions: readonly string[];
  readonly values: Readonly<Record<string, BoundValue>>;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly busyTimeoutMs: number;
}

/** What a thread answers. */
export type WorkerAnswer =
  | { readonly kind: 'prepared'; readonly columns: readonly string[]; readonly actions: readonly string[] }
  | { readonly kind: 'refused'; readonly messages: readonly string[] }
  | {
      readonly kind: 'rows';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
      readonly bytes: number;
      readonly isTruncated: boolean;
    }
  /** The file is a state of Sallyport: nothing is read from it or written to it. */
  | { readonly kind: 'own-file' }
  /** `busy`: somebody else held the database, nothing was done. `rolled-back`: it failed and left nothing behind. */
  | { readonly kind: 'failed'; readonly reason: 'busy' | 'rolled-back'; readonly detail: string };
