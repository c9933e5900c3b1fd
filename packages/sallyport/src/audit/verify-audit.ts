// Verifies the whole log: every leaf against its hash, all of them against the head, and every intent against its outcome.
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { AuditLeafTable } from '../store/tables/audit-leaf.ts';
import { checkCheckpoint, checkpointSize } from './check-checkpoint.ts';
import { subjectOf } from './leaf.ts';
import { type AuditProblem, LogWalk } from './log-walk.ts';
import { newestCheckpoint } from './publish-checkpoint.ts';

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
const maxRepeated = 100;

/**
 * Reads the log from its first leaf; may run while the log is written.
 * @param signerKey text of the key that signs the log now; null when the vault is locked: signatures are not checked then
 * @throws SallyportError STORE_FAILED
 */
export async function verifyAudit(store: Store, signerKey: string | null): Promise<AuditVerification> {
  // The last leaf is read before the head: both are written in one commit, so the head can only be as far or further.
  const last = await store.read(query.selectFrom('audit_leaf').select('seq').orderBy('seq', 'desc').limit(1).compile());
  const head = (await store.read(query.selectFrom('audit_head').selectAll().compile()))[0];
  const checkpoint = await newestCheckpoint(store);
  const walk = new LogWalk([checkpointSize(checkpoint?.note ?? '')]);
  const size = head?.size ?? 0;
  if ((last[0]?.seq ?? -1) >= size) walk.problem(null, 'there are leaves that the head does not cover');
  for (let next = 0; next < size; next = walk.next) {
    const rows = await readPage(store, next, size);
    for (const row of rows) compareColumns(walk, row);
    if (rows.length === 0) break;
  }
  if (walk.next < size) walk.problem(walk.next, 'the log ends before its head');
  const root = Buffer.from(walk.tree.root()).toString('hex');
  if (head !== undefined && root !== Buffer.from(head.root).toString('hex'))
    walk.problem(null, 'the root is not that of the head');
  if (signerKey !== null && checkpoint !== undefined)
    checkCheckpoint(walk, checkpoint.note, walk.signers[0]?.text ?? '');
  if (signerKey !== null && walk.signers.at(-1)?.text !== signerKey) {
    walk.problem(null, 'the log does not name the key that signs it now');
  }
  await checkUnended(store, walk);
  await checkRepeated(store, walk, size);
  const { intents, outcomes, refused, problems } = walk;
  return { ok: problems.length === 0, size: walk.tree.size, root, intents, outcomes, refused, problems };
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

// An intent may be open in flight, or have ended since the head was read.
async function checkUnended(store: Store, walk: LogWalk): Promise<void> {
  for (const [call, { leaf }] of walk.unended) {
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
