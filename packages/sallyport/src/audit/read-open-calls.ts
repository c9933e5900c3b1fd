// Finds the calls whose intent is recorded and whose outcome is not among the leaves.
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import { type CallRow, takeCallRow } from './open-calls.ts';

const pageRows = 1000;

/** The calls that are open, oldest first. @throws SallyportError STORE_FAILED */
export async function readOpenCalls(store: Store): Promise<ReadonlyMap<string, CallRow>> {
  const open = new Map<string, CallRow>();
  const [head] = await store.read(query.selectFrom('audit_head').select('open_from').compile());
  for (let next = head?.open_from; next !== undefined; ) {
    const page = query.selectFrom('audit_leaf').select(['seq', 'at', 'kind', 'subject']).where('seq', '>=', next);
    const rows = await store.read(page.orderBy('seq').limit(pageRows).compile());
    for (const row of rows) takeCallRow(open, row);
    const last = rows.at(-1);
    next = last === undefined ? undefined : last.seq + 1;
  }
  return open;
}
