// Reads the audit back, for operators: entries by what they are about, and the details that were not erased.
import type { AuditEntry } from '../domain/audit-entry.ts';
import { SallyportError } from '../domain/errors.ts';
import { isNotOfCall } from '../store/leaf-conditions.ts';
import { query } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import { findCallLeaves } from './call-leaves.ts';
import { openDetails } from './details.ts';
import { parseEntry, type StoredEntry } from './parse-entry.ts';

/** Which entries are asked for; all conditions hold together. */
export interface AuditFilter {
  /** Only leaves after this index: the first `limit` of them are given. Without it, the last `limit`. */
  readonly after?: number;
  /** Only leaves before this index. */
  readonly before?: number;
  /** At most this many entries. */
  readonly limit: number;
  readonly kinds?: readonly AuditEntry['kind'][];
  readonly call?: string;
  /** Only entries about this credential, agent, approval or session. */
  readonly subject?: string;
  /** Only entries that name this agent; outcomes do not, ask for them by call. */
  readonly agent?: string;
  /** Only entries that name this operation; outcomes do not, ask for them by call. */
  readonly operation?: string;
}

const pageRows = 500;
const callKinds: ReadonlySet<string> = new Set(['call.intent', 'call.outcome']);

/**
 * The entries that fit the filter, in the order of the tree (newest last).
 * @throws SallyportError STORE_FAILED, AUDIT_INVALID (a leaf that is no entry)
 */
export async function readAudit(store: Store, filter: AuditFilter): Promise<readonly StoredEntry[]> {
  const isForward = filter.after !== undefined;
  const ofCall = filter.call === undefined ? undefined : await findCallLeaves(store, filter.call);
  if (ofCall?.length === 0) return [];
  const found: StoredEntry[] = [];
  let { after = -1, before = Number.MAX_SAFE_INTEGER } = filter;
  for (;;) {
    const rows = await readPage(store, filter, { after, before, isForward, ofCall });
    for (const { seq, leaf } of rows) {
      const stored = parseEntry(seq, leaf);
      if (stored === undefined) throw unreadable();
      if (fits(stored.entry, filter)) found.push(stored);
      if (found.length >= filter.limit) return isForward ? found : found.reverse();
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return isForward ? found : found.reverse();
    if (isForward) after = last.seq;
    else before = last.seq;
  }
}

interface PageRange {
  readonly after: number;
  readonly before: number;
  readonly isForward: boolean;
  /** The only leaves that are asked for. */
  readonly ofCall: readonly number[] | undefined;
}

async function readPage(store: Store, filter: AuditFilter, { after, before, isForward, ofCall }: PageRange) {
  let leaves = query
    .selectFrom('audit_leaf')
    .select(['seq', 'leaf'])
    .where('seq', '>', after)
    .where('seq', '<', before)
    .orderBy('seq', isForward ? 'asc' : 'desc')
    .limit(pageRows);
  if (ofCall !== undefined) leaves = leaves.where('seq', 'in', [...ofCall]);
  const { kinds, subject } = filter;
  if (kinds !== undefined) leaves = leaves.where('kind', 'in', [...kinds]);
  if (subject !== undefined) leaves = leaves.where('subject', '=', subject);
  if (subject !== undefined || kinds?.every((kind) => !callKinds.has(kind)) === true)
    leaves = leaves.where(isNotOfCall);
  return store.read(leaves.compile());
}

function fits(entry: AuditEntry, { agent, operation }: AuditFilter): boolean {
  if (agent !== undefined && !('agent' in entry && entry.agent === agent)) return false;
  return operation === undefined || ('operation' in entry && entry.operation === operation);
}

/**
 * The canonical JSON text of a record's details; undefined when it has none or they were erased.
 * @throws SallyportError STORE_FAILED, AUDIT_INVALID (they are not what the leaf committed to)
 */
export async function readDetails(store: Store, detailsKey: Uint8Array, leaf: number): Promise<string | undefined> {
  const rows = await store.read(
    query
      .selectFrom('audit_detail')
      .innerJoin('audit_leaf', 'audit_leaf.seq', 'audit_detail.seq')
      .select(['audit_detail.record_key', 'audit_detail.sealed', 'audit_leaf.leaf'])
      .where('audit_detail.seq', '=', leaf)
      .compile(),
  );
  const row = rows[0];
  if (row === undefined || row.record_key === null) return undefined;
  const commitment = parseEntry(leaf, row.leaf)?.commitment ?? '';
  return openDetails(detailsKey, { recordKey: row.record_key, sealed: row.sealed }, commitment);
}

/** The statement that erases a record's details; write it in a batch with `erases`. The tree stays whole. */
export function eraseDetails(leaf: number): Statement {
  return { sql: 'update audit_detail set record_key = null where seq = ?', parameters: [leaf] };
}

function unreadable(): SallyportError {
  return new SallyportError('AUDIT_INVALID', 'a leaf of the audit cannot be read; run `sallyport audit verify`');
}
