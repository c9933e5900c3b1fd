// Where the records of one call stand. No index holds them, as every call would pay for it: the id says when the intent was
// written, and the outcome is looked for behind it.
import { setImmediate } from 'node:timers/promises';
import { idTimeMs } from '../domain/id.ts';
import { isIntent, isNotOfCall } from '../store/leaf-conditions.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';

// A read stops the event loop for as long as it takes: a few milliseconds for this many leaves.
const windowRows = 5000;

/** Indexes of the leaves that are records of this call, ascending. @throws SallyportError STORE_FAILED */
export async function findCallLeaves(store: Store, call: string): Promise<readonly number[]> {
  const own = query.selectFrom('audit_leaf').select('seq').where('subject', '=', call).orderBy('seq');
  const atMs = idTimeMs(call);
  const intent = atMs === undefined ? own.where(isIntent) : own.where(isIntent).where('at', '=', atMs);
  const found: number[] = [];
  for (const { seq } of await store.read(own.where(isNotOfCall).compile())) found.push(seq);
  for (const { seq } of await store.read(intent.compile())) {
    found.push(seq);
    const outcome = await findOutcome(store, call, seq);
    if (outcome !== undefined) found.push(outcome);
  }
  return found.toSorted((left, right) => left - right);
}

async function findOutcome(store: Store, call: string, intent: number): Promise<number | undefined> {
  const [last] = await store.read(query.selectFrom('audit_head').select('size').compile());
  for (let from = intent + 1; from < (last?.size ?? 0); from += windowRows) {
    const rows = query.selectFrom('audit_leaf').select('seq').where('seq', '>=', from);
    const outcomes = rows.where('seq', '<', from + windowRows).where('kind', '=', 'call.outcome');
    const [outcome] = await store.read(outcomes.where('subject', '=', call).limit(1).compile());
    if (outcome !== undefined) return outcome.seq;
    await setImmediate();
  }
  return undefined;
}
