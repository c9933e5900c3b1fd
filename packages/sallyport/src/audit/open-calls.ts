// The calls whose intent is recorded and whose outcome is not, as the writer keeps them in memory. No query builder in here:
// the writer's thread would load it at every start.
import type { Leaf } from '../store/store.ts';
import type { AuditLeafTable } from '../store/tables/audit-leaf.ts';

/** The columns of a leaf that say whose record it is. */
export type CallRow = Pick<AuditLeafTable, 'seq' | 'at' | 'kind' | 'subject'>;

/** Takes leaves in their order: what is left in `open` are the calls that have not ended. */
export function takeCallRow(open: Map<string, CallRow>, row: CallRow): void {
  if (row.subject === null) return;
  if (row.kind === 'call.intent') open.set(row.subject, row);
  else if (row.kind === 'call.outcome') open.delete(row.subject);
}

/** The open calls of the writer; what was taken since the last commit can be undone. */
export class OpenCalls {
  // By ascending index of their intents.
  #intents: Map<string, number>;
  readonly #undo: { readonly call: string; readonly closed: number | undefined }[] = [];

  constructor(rows: Iterable<readonly [string, CallRow]>) {
    this.#intents = new Map();
    for (const [call, { seq }] of rows) this.#intents.set(call, seq);
  }

  /** Index of the oldest intent without an outcome; undefined when every call has ended. */
  oldest(): number | undefined {
    return this.#intents.values().next().value;
  }

  /** Takes leaves that get the indexes from `first` on; false, and nothing is taken, when one does not fit what is open. */
  take(leaves: readonly Leaf[], first: number): boolean {
    const before = this.#undo.length;
    for (const [index, leaf] of leaves.entries()) {
      if (this.#takeOne(leaf, first + index)) continue;
      this.#undoTo(before);
      return false;
    }
    return true;
  }

  /** What was taken is durable. */
  committed(): void {
    this.#undo.length = 0;
  }

  /** What was taken since the last commit was rolled back. */
  restore(): void {
    this.#undoTo(0);
  }

  #takeOne({ call, subject }: Leaf, seq: number): boolean {
    if (call === null) return true;
    if (subject === null) return false;
    const closed = this.#intents.get(subject);
    if ((closed === undefined) !== (call === 'opens')) return false;
    if (closed === undefined) this.#intents.set(subject, seq);
    else this.#intents.delete(subject);
    this.#undo.push({ call: subject, closed });
    return true;
  }

  #undoTo(length: number): void {
    let isInOrder = true;
    while (this.#undo.length > length) {
      const last = this.#undo.pop();
      if (last?.closed === undefined) this.#intents.delete(last?.call ?? '');
      else {
        this.#intents.set(last.call, last.closed);
        isInOrder = false;
      }
    }
    if (!isInOrder) this.#intents = new Map([...this.#intents].sort(([, left], [, right]) => left - right));
  }
}
