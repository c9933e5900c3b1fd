// Creates the root key of a vault, and opens it again with one of the sources that the caller holds.
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import { newId } from '../domain/id.ts';
import type { Random } from '../domain/random.ts';
import type { Store } from '../store/store.ts';
import { type RootKey, rootKeyFrom } from './root-key.ts';
import { insertRootRow, type RootRow, readRootRows, rootContext } from './root-rows.ts';
import { keyBytes } from './sealed-box.ts';
import { readStoreId, storeIdFor } from './store-id.ts';
import type { UnlockSource } from './unlock/unlock-source.ts';

/** What creating a root key needs. */
export interface CreateRootKey {
  readonly store: Store;
  readonly source: UnlockSource;
  readonly random: Random;
  readonly clock: Clock;
}

/** What opening a root key needs; each stored form is tried with the sources of its kind. */
export interface OpenRootKey {
  readonly store: Store;
  readonly sources: readonly UnlockSource[];
  readonly random: Random;
}

/** Whether a root key was created in this store. */
export async function hasRootKey(store: Store): Promise<boolean> {
  return (await readRootRows(store)).length > 0;
}

/** Refuses a second vault, before anything is asked for it. @throws SallyportError STORE_CONFLICT */
export async function requireNoRootKey(store: Store): Promise<void> {
  if (!(await hasRootKey(store))) return;
  throw new SallyportError(
    'STORE_CONFLICT',
    'this state has a vault already; another one needs a --name or a --state of its own',
  );
}

/** The kinds of source that can unlock this store, so that only what is needed is asked for. */
export async function unlockKinds(store: Store): Promise<readonly string[]> {
  return [...new Set((await readRootRows(store)).map((row) => row.source))];
}

/**
 * Draws the root key of a new vault and stores it wrapped; durable when it resolves. The caller records `vault.created`.
 * @throws SallyportError STORE_CONFLICT (the store has one already), ADMIN_INPUT (weak passphrase), STATE_UNSAFE
 */
export async function createRootKey({ store, source, random, clock }: CreateRootKey): Promise<RootKey> {
  await requireNoRootKey(store);
  const { storeId, statements } = await storeIdFor(store, random);
  const root = random.bytes(keyBytes);
  const createdAtMs = clock.nowMs();
  // A fixed id makes a second creation at the same time a conflict; a changed source gets an id of its own.
  const place = { id: 'first', createdAtMs };
  const wrapped = await source.wrap(root, rootContext(storeId, place));
  await store.write({ statements: [...statements, insertRootRow({ ...wrapped, ...place })], leaves: [] });
  return rootKeyFrom(root, random);
}

/**
 * Unlocks the root key.
 * @throws SallyportError UNLOCK_FAILED (says which source is needed), STATE_UNSAFE (a key file that others can use)
 */
export async function openRootKey({ store, sources, random }: OpenRootKey): Promise<RootKey> {
  return rootKeyFrom(await unwrapAny(store, sources), random);
}

/** The bytes of the root key, for the two callers on the key side: opening it, and wrapping it anew. */
export async function unwrapAny(store: Store, sources: readonly UnlockSource[]): Promise<Buffer> {
  const rows = await readRootRows(store);
  const storeId = await readStoreId(store);
  if (rows.length === 0 || storeId === undefined)
    throw new SallyportError('UNLOCK_FAILED', 'this state has no vault yet; run `sallyport vault create`');
  let failure: Error | undefined;
  for (const { row, source } of pairs(rows, sources)) {
    try {
      return await source.unwrap(row, rootContext(storeId, row));
    } catch (error) {
      if (!(error instanceof SallyportError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  const kinds = [...new Set(rows.map((row) => row.source))].join(' or ');
  throw new SallyportError('UNLOCK_FAILED', `this vault is unlocked by ${kinds}; give that`);
}

/** A wrapped form of the root key in a new place of the store. */
export async function wrapAnew(root: Buffer, deps: Omit<CreateRootKey, 'store'>, storeId: string): Promise<RootRow> {
  const createdAtMs = deps.clock.nowMs();
  const place = { id: newId(createdAtMs, deps.random), createdAtMs };
  return { ...(await deps.source.wrap(root, rootContext(storeId, place))), ...place };
}

function pairs(rows: readonly RootRow[], sources: readonly UnlockSource[]) {
  return rows.flatMap((row) =>
    sources.filter((source) => source.kind === row.source).map((source) => ({ row, source })),
  );
}
