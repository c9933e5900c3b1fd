// Proof that an entry is durable. Only the audit can make one, and the vault opens nothing without one (I4).
import type { AuditEntry } from '../domain/audit-entry.ts';

const genuine = new WeakSet<object>();

/** An entry that is durable, with its place in the tree. */
export interface Recorded<E extends AuditEntry = AuditEntry> {
  readonly entry: E;
  /** Index of the leaf in the tree, from 0. */
  readonly leaf: number;
}

/** Makes the proof; called by the audit log alone, after its write has resolved. */
export function markRecorded<E extends AuditEntry>(entry: E, leaf: number): Recorded<E> {
  const recorded = Object.freeze({ entry: Object.freeze(entry), leaf });
  genuine.add(recorded);
  return recorded;
}

/** Whether this object came from the audit log, rather than being put together elsewhere. */
export function isRecorded(value: Recorded): boolean {
  return genuine.has(value);
}
