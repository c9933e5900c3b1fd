// The port to the audit: what is recorded here is durable before the promise resolves, and only that makes a permit possible.
import type { AuditEntry } from '../domain/audit-entry.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { Statement } from '../store/store.ts';
import type { Recorded } from './recorded.ts';

/** What goes with an entry into the same durable batch. */
export interface RecordOptions {
  /** Sealed in the side table under a random key of this record, and committed to in the leaf; erased by deleting that key. */
  readonly details?: JsonValue;
  /** Applied in the same batch: both or neither. */
  readonly statements?: readonly Statement[];
  /** The statements delete keys: they are gone from the write-ahead log too before the promise resolves. */
  readonly erases?: true;
}

/** The audit log. */
export interface AuditLog {
  /**
   * Appends one leaf; resolves when it is durable.
   * @throws SallyportError AUDIT_UNAVAILABLE, STORE_CONFLICT (one of `statements` did not touch the expected rows)
   */
  record<E extends AuditEntry>(entry: E, options?: RecordOptions): Promise<Recorded<E>>;
}
