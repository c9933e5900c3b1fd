// Where the records of one call stand. No index holds them, as every call would pay for it: its id says since when they can
// be there, and from that place on they are looked for.
import { setImmediate } from 'node:timers/promises';
import { idTimeMs } from '../domain/id.ts';
import { firstLeafAt } from '../store/first-leaf.ts';
import { isNotOfCall } from '../store/leaf-conditions.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';

// A read stops the event loop for as long as it takes: a few milliseconds for this many leaves.
const windowRows = 5000;

/** Indexes of the leaves that are records of this call, ascending. @throws SallyportError STORE_FAILED */
export async function findCallLeaves(store: Store, call: string): Promise<readonly number[]> {
  const refusals = query.selectFrom('audit_leaf').select('seq').where('subject', '=', call).where(isNotOfCall);
  const refused = await store.read(refusals.orderBy('seq').compile());
  if (refused.length > 0) return refused.map(({ seq }) => seq);
  const intent = await findRecord(store, { call, kind: 'call.intent' }, await firstLeafAt(store, idTimeMs(call) ?? 0));
  if (intent === undefined) return [];
  const outcome = await findRecord(store, { call, kind: 'call.outcome' }, intent + 1);
  return outcome === undefined ? [intent] : [intent, outcome];
}

interface CallRecord {
  readonly call: string;
  readonly kind: 'call.intent' | 'call.outcome';
}

async function findRecord(store: Store, { call, kind }: CallRecord, first: number): Promise<number | undefined> {
  const [head] = await store.read(query.selectFrom('audit_head').select('size').compile());
  for (let from = first; from < (head?.size ?? 0); from += windowRows) {
    const leaves = query.selectFrom('audit_leaf').select('seq').where('seq', '>=', from);
    const ofCall = leaves
      .where('seq', '<', from + windowRows)
      .where('subject', '=', call)
      .where('kind', '=', kind);
    const [found] = await store.read(ofCall.orderBy('seq').limit(1).compile());
    if (found !== undefined) return found.seq;
    await setImmediate();
  }
  return undefined;
}
