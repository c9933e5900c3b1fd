// The audit log over the store: an entry becomes proof only when its batch is durable.
import type { AuditEntry } from '../domain/audit-entry.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import type { Batch, Store, Written } from '../store/store.ts';
import type { AuditLog, RecordOptions } from './audit-log.ts';
import { sealDetails } from './details.ts';
import { leafOf } from './leaf.ts';
import { markRecorded, type Recorded } from './recorded.ts';

/** What recording needs. */
export interface AuditLogDependencies {
  readonly store: Store;
  /** 32 bytes, derived from the root key for `audit-details`. */
  readonly detailsKey: Uint8Array;
  readonly random: Random;
}

/** The audit log of a store. */
export function createAuditLog({ store, detailsKey, random }: AuditLogDependencies): AuditLog {
  return {
    async record<E extends AuditEntry>(entry: E, options: RecordOptions = {}): Promise<Recorded<E>> {
      const { details, statements = [], erases } = options;
      const committed = details === undefined ? null : sealDetails(detailsKey, random, canonicalJson(details));
      const batch: Batch = { statements, leaves: [leafOf(entry, committed)], ...(erases === true && { erases }) };
      const { firstLeaf } = await writeRecord(store, batch);
      return markRecorded(entry, firstLeaf);
    },
  };
}

/**
 * Writes a batch that records something.
 * @throws SallyportError AUDIT_UNAVAILABLE, STORE_CONFLICT
 */
export function writeRecord(store: Store, batch: Batch): Promise<Written> {
  return store.write(batch).catch(unrecorded);
}

/** What a failed write of a record means to whoever asked for it. @throws SallyportError AUDIT_UNAVAILABLE, STORE_CONFLICT */
export function unrecorded(cause: unknown): never {
  if (cause instanceof SallyportError && cause.code === 'STORE_CONFLICT') throw cause;
  throw new SallyportError('AUDIT_UNAVAILABLE', 'the audit cannot be written, so nothing is done; try again later', {
    cause,
  });
}
