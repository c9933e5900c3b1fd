// From where on a leaf of some time can stand. Leaves stand in the order of their writing, and a clock may be set back: so
// this is the first place that is possible, not the place.
import { query } from './query.ts';
import type { Store } from './store.ts';

/** No leaf with a lower index has this time or a later one. @throws SallyportError STORE_FAILED */
export async function firstLeafAt(store: Store, atMs: number): Promise<number> {
  const marks = query.selectFrom('audit_time').select((of) => of.fn.max('seq').as('seq'));
  const [mark] = await store.read(marks.where('at', '<', atMs).compile());
  return mark?.seq ?? 0;
}
