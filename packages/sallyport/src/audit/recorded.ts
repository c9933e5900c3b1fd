// Proof that an entry is durable. Only the audit can make one, and the vault opens nothing without one (I4).
import type { AuditEntry } from '../domain/audit-entry.ts';

/** An entry that is durable, with its place in the tree. */
export interface Recorded<E extends AuditEntry = AuditEntry> {
  readonly entry: E;
  /** Index of the leaf in the tree, from 0. */
  readonly leaf: number;
}

// The private name is the proof: no object that was made elsewhere has it, whatever it looks like.
class DurableRecord<E extends AuditEntry> implements Recorded<E> {
  readonly #isGenuine = true;
  readonly entry: E;
  readonly leaf: number;

  constructor(entry: E, leaf: number) {
    this.entry = Object.freeze(entry);
    this.leaf = leaf;
    Object.freeze(this);
  }

  // Whoever holds a record must not come by its maker through it.
  static {
    Reflect.deleteProperty(DurableRecord.prototype, 'constructor');
  }

  static made(value: object): boolean {
    return #isGenuine in value && value.#isGenuine;
  }
}

/** Makes the proof; called by the audit log alone, after its write has resolved. */
export function markRecorded<E extends AuditEntry>(entry: E, leaf: number): Recorded<E> {
  return new DurableRecord(entry, leaf);
}

/** Whether this object came from the audit log, rather than being put together elsewhere. */
export function isRecorded(value: Recorded): boolean {
  return DurableRecord.made(value);
}
