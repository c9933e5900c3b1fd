// Verifies the whole log: every leaf against its hash, all of them against the head, and every intent against its outcome.
import { canonicalJson } from '../domain/canonical-json.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { AuditLeafTable } from '../store/tables/audit-leaf.ts';
import { subjectOf } from './leaf.ts';
import { parseEntry } from './parse-entry.ts';
import { CompactTree, leafHash } from './tree.ts';

/** Something that does not hold; `leaf` is null where it concerns the log as a whole. */
export interface AuditProblem {
  readonly leaf: number | null;
  readonly what: string;
}

/** What a verification found. */
export interface AuditVerification {
  readonly ok: boolean;
  /** Leaves that were checked. */
  readonly size: number;
  /** Recomputed root, hex. */
  readonly root: string;
  readonly intents: number;
  readonly outcomes: number;
  readonly refused: number;
  /** The first hundred. */
  readonly problems: readonly AuditProblem[];
}

const pageRows = 1000;
const maxProblems = 100;

/**
 * Reads the log from its first leaf; may run while the log is written.
 * @throws SallyportError STORE_FAILED
 */
export async function verifyAudit(store: Store): Promise<AuditVerification> {
  // The last leaf is read before the head: both are written in one commit, so the head can only be as far or further.
  const last = await store.read(query.selectFrom('audit_leaf').select('seq').orderBy('seq', 'desc').limit(1).compile());
  const head = (await store.read(query.selectFrom('audit_head').selectAll().compile()))[0];
  const walk = new Walk();
  const size = head?.size ?? 0;
  if ((last[0]?.seq ?? -1) >= size) walk.problem(null, 'there are leaves that the head does not cover');
  for (let next = 0; next < size; next = walk.next) {
    const rows = await readPage(store, next, size);
    for (const row of rows) walk.leaf(row);
    if (rows.length === 0) break;
  }
  if (walk.next < size) walk.problem(walk.next, 'the log ends before its head');
  const root = Buffer.from(walk.tree.root()).toString('hex');
  if (head !== undefined && root !== Buffer.from(head.root).toString('hex'))
    walk.problem(null, 'the root is not that of the head');
  await checkUnended(store, walk);
  await checkRepeated(store, walk, size);
  const { intents, outcomes, refused, problems } = walk;
  return { ok: problems.length === 0, size: walk.tree.size, root, intents, outcomes, refused, problems };
}

async function readPage(store: Store, from: number, size: number): Promise<readonly AuditLeafTable[]> {
  const page = query.selectFrom('audit_leaf').selectAll().where('seq', '>=', from).where('seq', '<', size);
  return store.read(page.orderBy('seq').limit(pageRows).compile());
}

// Goes over the leaves in order; memory is bounded by the calls that are open at one time.
class Walk {
  readonly tree = new CompactTree();
  readonly problems: AuditProblem[] = [];
  readonly unended = new Map<string, number>();
  next = 0;
  intents = 0;
  outcomes = 0;
  refused = 0;

  problem(leaf: number | null, what: string): void {
    if (this.problems.length < maxProblems) this.problems.push({ leaf, what });
  }

  leaf(row: AuditLeafTable): void {
    if (row.seq !== this.next) this.problem(this.next, 'leaves are missing from here on');
    this.next = row.seq + 1;
    const hash = leafHash(row.leaf);
    if (Buffer.compare(hash, row.hash) !== 0) this.problem(row.seq, 'the leaf is not what was hashed');
    this.tree.append(hash);
    this.#entry(row);
  }

  #entry(row: AuditLeafTable): void {
    const stored = parseEntry(row.seq, row.leaf);
    if (stored === undefined) {
      this.problem(row.seq, 'the leaf is no entry');
      return;
    }
    const { entry, commitment } = stored;
    const fields: JsonValue = commitment === null ? { ...entry } : { ...entry, commitment };
    if (Buffer.compare(Buffer.from(canonicalJson(fields)), row.leaf) !== 0) {
      this.problem(row.seq, 'the leaf is not canonical JSON');
    }
    if (row.kind !== entry.kind || row.at !== entry.at || row.subject !== subjectOf(entry)) {
      this.problem(row.seq, 'the columns say something else than the leaf');
    }
    if (entry.kind === 'call.intent') this.#intent(row.seq, entry.call);
    else if (entry.kind === 'call.outcome') this.#outcome(row.seq, entry.call);
    else if (entry.kind === 'call.refused') this.refused += 1;
  }

  #intent(leaf: number, call: string): void {
    this.intents += 1;
    this.unended.set(call, leaf);
  }

  #outcome(leaf: number, call: string): void {
    this.outcomes += 1;
    if (!this.unended.delete(call)) this.problem(leaf, 'an outcome without an open intent before it');
  }
}

// An intent may be open in flight, or have ended since the head was read.
async function checkUnended(store: Store, walk: Walk): Promise<void> {
  for (const [call, leaf] of walk.unended) {
    const open = await store.read(query.selectFrom('open_call').select('call').where('call', '=', call).compile());
    if (open.length > 0) continue;
    const ended = query
      .selectFrom('audit_leaf')
      .select('seq')
      .where('subject', '=', call)
      .where('seq', '>=', walk.next);
    const rows = await store.read(ended.where('kind', '=', 'call.outcome').limit(1).compile());
    if (rows.length === 0) walk.problem(leaf, 'an intent without an outcome');
  }
}

// The columns were compared with the leaves on the way, so they can be asked for what a walk could not remember.
async function checkRepeated(store: Store, walk: Walk, size: number): Promise<void> {
  const repeated = query
    .selectFrom('audit_leaf')
    .select((of) => of.fn.max('seq').as('seq'))
    .where('kind', 'in', ['call.intent', 'call.outcome', 'call.refused'])
    .where('seq', '<', size)
    .groupBy(['subject', 'kind'])
    .having((of) => of.fn.countAll(), '>', 1)
    .limit(maxProblems);
  for (const { seq } of await store.read(repeated.compile()))
    walk.problem(seq, 'a second record of the same kind for a call');
}
