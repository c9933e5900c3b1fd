// Appends leaves inside the writer's transaction and keeps the head of the tree in step with them.
import { SallyportError } from '../domain/errors.ts';
import type { LeafAppender } from '../store/group-commit.ts';
import { RowInserter } from '../store/row-inserter.ts';
import type { Leaf } from '../store/store.ts';
import type { WriterConnection } from '../store/writer-connection.ts';
import { type CallRow, OpenCalls, takeCallRow } from './open-calls.ts';
import { TimeMarks } from './time-marks.ts';
import { CompactTree, leafHash } from './tree.ts';

const upsertHead =
  'insert into audit_head (id, size, root, frontier, open_from) values (1, ?, ?, ?, ?)' +
  ' on conflict (id) do update set size = excluded.size, root = excluded.root, frontier = excluded.frontier,' +
  ' open_from = excluded.open_from';
const callRows = 'select seq, at, kind, subject from audit_leaf where seq >= ? order by seq limit 1000';

/**
 * Takes up the tree where the stored head left it; checks head and leaves against each other in a constant number of reads,
 * and finds the calls that are open among the leaves since the oldest of them.
 * @throws SallyportError AUDIT_INVALID
 */
export function openLeafAppender(connection: WriterConnection): LeafAppender {
  const restored = restoreTree(connection);
  let { tree } = restored;
  const open = findOpenCalls(connection, restored.openFrom);
  const leafRows = new RowInserter(connection, 'audit_leaf', ['seq', 'at', 'kind', 'subject', 'leaf', 'hash']);
  const detailRows = new RowInserter(connection, 'audit_detail', ['seq', 'record_key', 'sealed']);
  const times = new TimeMarks(connection);
  const writeHead = connection.prepare(upsertHead);
  function append({ at, kind, subject, bytes, details }: Leaf): void {
    const hash = leafHash(bytes);
    leafRows.add(tree.size, at, kind, subject, bytes, hash);
    if (details !== null) detailRows.add(tree.size, details.recordKey, details.sealed);
    tree.append(hash);
    times.take(at);
  }
  return {
    append: (leaves) => {
      const first = tree.size;
      if (!open.take(leaves, first)) return undefined;
      for (const leaf of leaves) append(leaf);
      return first;
    },
    finish: () => {
      leafRows.flush();
      detailRows.flush();
      times.finish(tree.size);
      writeHead([tree.size, tree.root(), tree.frontier(), open.oldest() ?? tree.size]);
    },
    committed: () => open.committed(),
    restore: () => {
      leafRows.clear();
      detailRows.clear();
      open.restore();
      times.restore();
      ({ tree } = restoreTree(connection));
    },
  };
}

interface Restored {
  readonly tree: CompactTree;
  /** From this index on there may be calls that are open. */
  readonly openFrom: number;
}

function restoreTree(connection: WriterConnection): Restored {
  const head = connection.rows('select size, root, frontier, open_from from audit_head where id = 1', [])[0];
  const last = connection.rows('select seq, leaf, hash from audit_leaf order by seq desc limit 1', [])[0];
  if (head === undefined && last === undefined) return { tree: new CompactTree(), openFrom: 0 };
  const { size, root, frontier, open_from: openFrom } = head ?? {};
  if (typeof size !== 'number' || !(root instanceof Uint8Array) || !(frontier instanceof Uint8Array)) throw invalid();
  const tree = CompactTree.restore(size, frontier);
  if (tree === undefined || Buffer.compare(tree.root(), root) !== 0) throw invalid();
  if (size !== (typeof last?.['seq'] === 'number' ? last['seq'] + 1 : 0)) throw invalid();
  if (last !== undefined && !isIntact(last['leaf'], last['hash'])) throw invalid();
  if (typeof openFrom !== 'number' || openFrom < 0 || openFrom > size) throw invalid();
  return { tree, openFrom };
}

function findOpenCalls(connection: WriterConnection, from: number): OpenCalls {
  const open = new Map<string, CallRow>();
  for (let next = from; ; ) {
    const rows = connection.rows(callRows, [next]).flatMap(asCallRow);
    for (const row of rows) takeCallRow(open, row);
    const last = rows.at(-1);
    if (last === undefined) return new OpenCalls(open);
    next = last.seq + 1;
  }
}

function asCallRow({ seq, at, kind, subject }: ReturnType<WriterConnection['rows']>[number]): readonly CallRow[] {
  if (typeof seq !== 'number' || typeof at !== 'number' || typeof kind !== 'string') throw invalid();
  return [{ seq, at, kind, subject: typeof subject === 'string' ? subject : null }];
}

function isIntact(leaf: unknown, hash: unknown): boolean {
  if (!(leaf instanceof Uint8Array) || !(hash instanceof Uint8Array)) return false;
  return Buffer.compare(leafHash(leaf), hash) === 0;
}

function invalid(): SallyportError {
  return new SallyportError(
    'AUDIT_INVALID',
    'the audit log does not fit its head: leaves were changed or removed; run `sallyport audit verify` and restore the state',
  );
}
