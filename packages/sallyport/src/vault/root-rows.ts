// The stored forms of the root key: one row for each way of unlocking, all of the same key.
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import type { WrappedRoot } from './unlock/unlock-source.ts';

/** A wrapped root key with its place in the store. */
export interface RootRow extends WrappedRoot {
  readonly id: string;
  readonly createdAtMs: number;
}

/** Every way in which this store can be unlocked; empty before a root key was created. */
export async function readRootRows(store: Store): Promise<readonly RootRow[]> {
  const rows = await store.read(
    query.selectFrom('vault_root').selectAll().orderBy('created_at').orderBy('id').compile(),
  );
  return rows.map(({ created_at, ...row }) => ({ ...row, createdAtMs: created_at }));
}

/** The statement that adds a row. */
export function insertRootRow({ createdAtMs, ...row }: RootRow): Statement {
  const { id, source, parameters, wrapped, commitment } = row;
  const values = { id, source, parameters, wrapped, commitment, created_at: createdAtMs };
  return statement(query.insertInto('vault_root').values(values).compile(), { expectRows: 1 });
}

/** The statement that removes rows, all of them or none. */
export function deleteRootRows(ids: readonly string[]): Statement {
  const compiled = query.deleteFrom('vault_root').where('id', 'in', ids).compile();
  return statement(compiled, { expectRows: ids.length });
}

/** What a wrapped root key is bound to besides its source. */
export function rootContext(storeId: string, row: Pick<RootRow, 'id' | 'createdAtMs'>): Buffer {
  return lengthPrefixed([storeId, row.id, String(row.createdAtMs)]);
}
