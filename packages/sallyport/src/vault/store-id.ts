// Each store has a random id that is sealed into every version, so that rows of one store do not open in another.
import type { Random } from '../domain/random.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';

const key = 'store-id';

/** The id of a store; undefined before a root key was created in it. */
export async function readStoreId(store: Store): Promise<string | undefined> {
  const rows = await store.read(query.selectFrom('meta').select('value').where('key', '=', key).compile());
  return rows[0]?.value;
}

/** The id of a store, and the statement that writes it when there is none yet. */
export async function storeIdFor(
  store: Store,
  random: Random,
): Promise<{ readonly storeId: string; readonly statements: readonly Statement[] }> {
  const present = await readStoreId(store);
  if (present !== undefined) return { storeId: present, statements: [] };
  const storeId = random.bytes(16).toString('hex');
  const insert = query.insertInto('meta').values({ key, value: storeId }).compile();
  return { storeId, statements: [statement(insert, { expectRows: 1 })] };
}
