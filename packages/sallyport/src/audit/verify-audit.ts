// Verifies the whole log: every leaf against its hash, all of them against the head, and every intent against its outcome.
import { query } from '../store/query.ts';
import type { SealedDetails, Store } from '../store/store.ts';
import type { AuditLeafTable } from '../store/tables/audit-leaf.ts';
import { checkCheckpoint, checkpointSize } from './check-checkpoint.ts';
import { openDetails } from './details.ts';
import { subjectOf } from './leaf.ts';
import { type AuditProblem, LogWalk } from './log-walk.ts';
import { newestCheckpoint } from './publish-checkpoint.ts';
import { TimeCheck } from './time-marks.ts';

/** What a verification found. */
export interface AuditVerification {
  readonly ok: boolean;
  /** Leaves that were checked. */
  readonly size: number;
  /** Recomputed root, hex. */
  readonly root: string;
  readonly intents: number;
  /** Intents without an outcome that are no problem: calls under way, or those that the next start closes as indeterminate. */
  readonly open: number;
  readonly outcomes: number;
  readonly refused: number;
  /** The first hundred. */
  readonly problems: readonly AuditProblem[];
}

const pageRows = 1000;
const maxRepeated = 100;

/** What is checked besides the tree itself. */
export interface VerificationKeys {
  /** Text of the key that signs the log now. */
  readonly signerKey: string;
  /** Key under which the details are sealed. */
  readonly detailsKey: Uint8Array;
}

/**
 * Reads the log from its first leaf; may run while the log is written.
 * @param keys null when the vault is locked: signatures and details are not checked then
 * @throws SallyportError STORE_FAILED
 */
export async function verifyAudit(store: Store, keys: VerificationKeys | null): Promise<AuditVerification> {
  // The last leaf is read before the head: both are written in one commit, so the head can only be as far or further.
  const last = await store.read(query.selectFrom('audit_leaf').select('seq').orderBy('seq', 'desc').limit(1).compile());
  const marks = await store.read(query.selectFrom('audit_time').selectAll().orderBy('seq').compile());
  const head = (await store.read(query.selectFrom('audit_head').selectAll().compile()))[0];
  const checkpoint = await newestCheckpoint(store);
  const walk = new LogWalk([checkpointSize(checkpoint?.note ?? '')]);
  const times = new TimeCheck(marks, (leaf, what) => walk.problem(leaf, what));
  const size = head?.size ?? 0;
  if ((last[0]?.seq ?? -1) >= size) walk.problem(null, 'there are leaves that the head does not cover');
  for (let next = 0; next < size; next = walk.next) {
    const rows = await readPage(store, next, size);
    for (const row of rows) {
      compareColumns(walk, row);
      times.leaf(row.seq, row.at);
    }
    if (rows.length === 0) break;
  }
  times.end(size);
  if (walk.next < size) walk.problem(walk.next, 'the log ends before its head');
  const root = Buffer.from(walk.tree.root()).toString('hex');
  if (head !== undefined && root !== Buffer.from(head.root).toString('hex'))
    walk.problem(null, 'the root is not that of the head');
  if (keys !== null) await checkDetails(store, walk, keys.detailsKey);
  if (keys !== null && checkpoint !== undefined) checkCheckpoint(walk, checkpoint.note, walk.signers[0]?.text ?? '');
  if (keys !== null && walk.signers.at(-1)?.text !== keys.signerKey) {
    walk.problem(null, 'the log does not name the key that signs it now');
  }
  const open = countOpen(walk, head?.open_from ?? size);
  await checkRepeated(store, walk, size);
  const { intents, outcomes, refused, problems } = walk;
  return { ok: problems.length === 0, size: walk.tree.size, root, intents, open, outcomes, refused, problems };
}

async function readPage(store: Store, from: number, size: number): Promise<readonly AuditLeafTable[]> {
  const page = query.selectFrom('audit_leaf').selectAll().where('seq', '>=', from).where('seq', '<', size);
  return store.read(page.orderBy('seq').limit(pageRows).compile());
}

function compareColumns(walk: LogWalk, row: AuditLeafTable): void {
  const { hash, stored } = walk.leaf(row.seq, row.leaf);
  if (Buffer.compare(hash, row.hash) !== 0) walk.problem(row.seq, 'the leaf is not what was hashed');
  if (stored === undefined) return;
  const { entry } = stored;
  if (row.kind !== entry.kind || row.at !== entry.at || row.subject !== subjectOf(entry)) {
    walk.problem(row.seq, 'the columns say something else than the leaf');
  }
}

// The head is of one commit with its leaves, and says from where on an intent may be without an outcome.
function countOpen(walk: LogWalk, openFrom: number): number {
  let count = 0;
  for (const { leaf } of walk.unended.values()) {
    if (leaf >= openFrom) count += 1;
    else walk.problem(leaf, 'an intent without an outcome');
  }
  return count;
}

// The columns were compared with the leaves on the way, so they can be asked for what a walk could not remember.
async function checkRepeated(store: Store, walk: LogWalk, size: number): Promise<void> {
  const repeated = query
    .selectFrom('audit_leaf')
    .select((of) => of.fn.max('seq').as('seq'))
    .where('kind', 'in', ['call.intent', 'call.outcome', 'call.refused'])
    .where('seq', '<', size)
    .groupBy(['subject', 'kind'])
    .having((of) => of.fn.countAll(), '>', 1)
    .limit(maxRepeated);
  for (const { seq } of await store.read(repeated.compile()))
    walk.problem(seq, 'a second record of the same kind for a call');
}

// Whoever can write the file can change or delete details; the leaves commit to them, and name those that were erased.
async function checkDetails(store: Store, walk: LogWalk, detailsKey: Uint8Array): Promise<void> {
  const wanted = [...walk.commitments];
  for (let from = 0; from < wanted.length; from += pageRows) {
    const page = wanted.slice(from, from + pageRows);
    const leaves = page.map(([leaf]) => leaf);
    const rows = await store.read(query.selectFrom('audit_detail').selectAll().where('seq', 'in', leaves).compile());
    const bySequence = new Map(rows.map((row) => [row.seq, row]));
    for (const [leaf, commitment] of page) {
      const row = bySequence.get(leaf);
      const recordKey = row?.record_key ?? null;
      if (row === undefined || recordKey === null) {
        if (!walk.erased.has(leaf))
          walk.problem(leaf, 'its details are gone, and no record says that they were erased');
      } else if (!isCommitted(detailsKey, { recordKey, sealed: row.sealed }, commitment)) {
        walk.problem(leaf, 'its details are not those that it commits to');
      }
    }
  }
}

function isCommitted(detailsKey: Uint8Array, stored: SealedDetails, commitment: string): boolean {
  try {
    openDetails(detailsKey, stored, commitment);
    return true;
  } catch {
    return false;
  }
}
