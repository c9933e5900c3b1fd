// The port to durable state: one shape for the embedded store now and for PostgreSQL later.
import type { CompiledQuery } from 'kysely';

/** A value that both stores bind alike: text, bigint milliseconds and bytes. */
export type BoundValue = string | number | bigint | null | Uint8Array;

/** One statement of a batch, and how many rows it must touch. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly BoundValue[];
  /** When set and not met, the whole batch is undone and `write` rejects with STORE_CONFLICT. */
  readonly expectRows?: number;
}

/** What is written together or not at all. */
export interface Batch {
  readonly statements: readonly Statement[];
  /** Leaves to append to the audit tree, in order; sequence numbers are assigned by the writer. */
  readonly leaves: readonly Leaf[];
  /** Keys or other secrets are deleted: before `write` resolves, the write-ahead log is folded into the file and truncated. */
  readonly erases?: true;
}

/** What belongs to a leaf, sealed, and the key without which it cannot be opened. */
export interface SealedDetails {
  readonly recordKey: Uint8Array;
  readonly sealed: Uint8Array;
}

/** One leaf of the audit tree, as its exact bytes, with the columns by which it is found. */
export interface Leaf {
  readonly at: number;
  readonly kind: string;
  /** Call id or administrative subject; null where there is none. */
  readonly subject: string | null;
  /**
   * Whether the call that is its subject is open from here on, or closed; null where it does neither. A leaf that opens what
   * is open or closes what is not undoes its batch, and `write` rejects with STORE_CONFLICT.
   */
  readonly call: 'opens' | 'closes' | null;
  /** Canonical JSON (RFC 8785), UTF-8. */
  readonly bytes: Uint8Array;
  /** Stored beside the leaf, under its index; null where there is nothing to keep. */
  readonly details: SealedDetails | null;
}

/** Where the leaves of a batch ended up. */
export interface Written {
  /** Index of the batch's first leaf in the tree, from 0; -1 when it had none. */
  readonly firstLeaf: number;
}

/** Durable state. */
export interface Store {
  /**
   * Applies a batch atomically; resolves when it is durable (synced to disk).
   * @throws SallyportError STORE_CONFLICT, STORE_FAILED
   */
  write(batch: Batch): Promise<Written>;
  /**
   * Runs a reading query. Sees every batch whose `write` has resolved.
   * @throws SallyportError STORE_FAILED
   */
  read<Row>(query: CompiledQuery<Row>): Promise<readonly Row[]>;
  /** Waits for pending writes and releases everything. */
  close(): Promise<void>;
}
