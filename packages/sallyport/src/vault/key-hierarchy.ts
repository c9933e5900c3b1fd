// Key-encryption keys by epoch, between the root key and the key of each version; a new epoch begins monthly.
import type { Random } from '../domain/random.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import type { RootKey } from './root-key.ts';
import { type BoxKey, boxKey, joinBox, keyBytes, splitBox } from './sealed-box.ts';

/** What the hierarchy needs. */
export interface KeyHierarchyDependencies {
  readonly rootKey: RootKey;
  readonly store: Store;
  readonly storeId: string;
  readonly random: Random;
}

/** The key under which a new version is sealed. */
export interface EpochForNewVersion {
  readonly epoch: number;
  readonly key: BoxKey;
  /** To be written in the batch of the version, when the epoch begins with it. */
  readonly statements: readonly Statement[];
  /** Call once that batch is durable. */
  committed(): void;
  /** Call when that batch failed. */
  discarded(): void;
}

/** The key-encryption keys, in memory while the vault is unlocked. */
export interface KeyHierarchy {
  /** The key of an epoch; undefined when there is none, or when its row was altered. */
  key(epoch: number): BoxKey | undefined;
  /** The key for a version that is added now. */
  forNewVersion(nowMs: number): EpochForNewVersion;
  /** Overwrites all keys in memory. */
  close(): void;
}

/** What decides whether an epoch is still used for new versions. */
export interface EpochUse {
  readonly createdAtMs: number;
  readonly wraps: number;
}

const epochMs = 30 * 24 * 60 * 60 * 1000;
// Random 96-bit nonces are safe to 2^32 messages (NIST SP 800-38D §8.3); this stays far below.
const maxWraps = 2 ** 24;

/** Whether a version that is added now begins a new epoch. */
function isEpochSpent({ createdAtMs, wraps }: EpochUse, nowMs: number): boolean {
  return nowMs - createdAtMs >= epochMs || wraps >= maxWraps;
}

interface Epoch {
  readonly key: BoxKey;
  readonly createdAtMs: number;
  wraps: number;
}

/** Opens the epochs of a store; one whose row was altered is left out, so that the others still open. */
export async function openKeyHierarchy(deps: KeyHierarchyDependencies): Promise<KeyHierarchy> {
  const epochs = new Map<number, Epoch>();
  const rows = await deps.store.read(query.selectFrom('vault_kek').selectAll().orderBy('epoch').compile());
  const wraps = await countWraps(deps.store);
  for (const row of rows) {
    const key = unwrapEpoch(deps, row);
    if (key !== undefined)
      epochs.set(row.epoch, { key, createdAtMs: row.created_at, wraps: wraps.get(row.epoch) ?? 0 });
  }
  let newest = Math.max(0, ...rows.map((row) => row.epoch));
  return {
    key: (epoch) => epochs.get(epoch)?.key,
    forNewVersion(nowMs) {
      const present = epochs.get(newest);
      if (present !== undefined && !isEpochSpent(present, nowMs)) return reuse(newest, present);
      const number = newest + 1;
      const { key, insert } = newEpoch(deps, number, nowMs);
      return {
        epoch: number,
        key,
        statements: [insert],
        committed() {
          epochs.set(number, { key, createdAtMs: nowMs, wraps: 1 });
          newest = number;
        },
        discarded: () => key.close(),
      };
    },
    close() {
      for (const { key } of epochs.values()) key.close();
      epochs.clear();
    },
  };
}

function reuse(epoch: number, present: Epoch): EpochForNewVersion {
  return {
    epoch,
    key: present.key,
    statements: [],
    committed() {
      present.wraps += 1;
    },
    // The nonce was drawn, whatever became of the batch.
    discarded() {
      present.wraps += 1;
    },
  };
}

function newEpoch(deps: KeyHierarchyDependencies, epoch: number, nowMs: number) {
  const bytes = deps.random.bytes(keyBytes);
  const { sealed, commitment } = splitBox(deps.rootKey.wrap(bytes, epochContext(deps.storeId, epoch, nowMs)));
  const key = boxKey(bytes, deps.random);
  bytes.fill(0);
  const values = { epoch, wrapped: sealed, commitment, created_at: nowMs };
  return { key, insert: statement(query.insertInto('vault_kek').values(values).compile(), { expectRows: 1 }) };
}

interface EpochRow {
  readonly epoch: number;
  readonly wrapped: Uint8Array;
  readonly commitment: Uint8Array;
  readonly created_at: number;
}

function unwrapEpoch(deps: KeyHierarchyDependencies, row: EpochRow): BoxKey | undefined {
  try {
    const joined = joinBox({ sealed: row.wrapped, commitment: row.commitment });
    const bytes = deps.rootKey.unwrap(joined, epochContext(deps.storeId, row.epoch, row.created_at));
    const key = boxKey(bytes, deps.random);
    bytes.fill(0);
    return key;
  } catch {
    // Each version of this epoch is then reported as altered, by name, when it is opened.
    return undefined;
  }
}

function epochContext(storeId: string, epoch: number, createdAtMs: number): Buffer {
  return lengthPrefixed(['kek', storeId, String(epoch), String(createdAtMs)]);
}

async function countWraps(store: Store): Promise<ReadonlyMap<number, number>> {
  const compiled = query
    .selectFrom('credential_version')
    .select(({ fn }) => ['kek_epoch', fn.countAll<number>().as('wraps')])
    .groupBy('kek_epoch')
    .compile();
  return new Map((await store.read(compiled)).map((row) => [row.kek_epoch, row.wraps]));
}
