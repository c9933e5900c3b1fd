// Changes what unlocks the vault: only the one root key is wrapped anew, no credential is touched.
import { timingSafeEqual } from 'node:crypto';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import type { Store } from '../store/store.ts';
import { unwrapAny, wrapAnew } from './open-root-key.ts';
import { deleteRootRows, insertRootRow, readRootRows, rootContext } from './root-rows.ts';
import { readStoreId } from './store-id.ts';
import type { UnlockSource } from './unlock/unlock-source.ts';

/** What a change needs: a source that opens the vault now, and the one that is to open it from then on. */
export interface ChangeUnlockSource {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly from: UnlockSource;
  readonly to: UnlockSource;
  /** Called while both open the vault. */
  readonly whileBothOpen?: () => void;
}

/**
 * Makes `to` the only way of unlocking, with its audit record; until the new form has been read back and opened, the old one stays.
 * @throws SallyportError UNLOCK_FAILED, ADMIN_INPUT (weak passphrase), STATE_UNSAFE, AUDIT_UNAVAILABLE, STORE_CONFLICT
 */
export async function changeUnlockSource(change: ChangeUnlockSource): Promise<void> {
  const { store, audit, clock, random, from, to } = change;
  const root = await unwrapAny(store, [from]);
  try {
    const old = await readRootRows(store);
    const storeId = (await readStoreId(store)) ?? '';
    const fresh = await wrapAnew(root, { source: to, random, clock }, storeId);
    await store.write({ statements: [insertRootRow(fresh)], leaves: [] });
    await verifyStored({ store, to, storeId }, fresh.id, root);
    change.whileBothOpen?.();
    const facts = { from: [...new Set(old.map((row) => row.source))], to: to.kind };
    const statements = [deleteRootRows(old.map((row) => row.id))];
    const entry = { kind: 'vault.unlock-changed', at: clock.nowMs(), subject: 'vault', facts } as const;
    await audit.record(entry, { statements, erases: true });
  } finally {
    root.fill(0);
  }
}

interface Verification {
  readonly store: Store;
  readonly to: UnlockSource;
  readonly storeId: string;
}

// What a wrapping returned proves nothing: what the disk gives back must open.
async function verifyStored({ store, to, storeId }: Verification, id: string, root: Buffer): Promise<void> {
  const row = (await readRootRows(store)).find((candidate) => candidate.id === id);
  try {
    const opened = row && (await to.unwrap(row, rootContext(storeId, row)));
    const isSame = opened !== undefined && timingSafeEqual(opened, root);
    opened?.fill(0);
    if (isSame) return;
  } catch (cause) {
    await withdraw(store, id);
    throw cause;
  }
  await withdraw(store, id);
  throw new SallyportError('UNLOCK_FAILED', 'the new way of unlocking does not open the vault; the old one stays');
}

async function withdraw(store: Store, id: string): Promise<void> {
  await store.write({ statements: [deleteRootRows([id])], leaves: [] });
}
