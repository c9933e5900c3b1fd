// The head of the audit tree, written in every commit that appended leaves.

/** The one row, with id 1. */
export interface AuditHeadTable {
  readonly id: number;
  /** Number of leaves. */
  readonly size: number;
  readonly root: Uint8Array;
  /** Roots of the complete subtrees, largest first, 32 bytes each. */
  readonly frontier: Uint8Array;
  /** Index of the oldest intent without an outcome; `size` when every call has ended. */
  readonly open_from: number;
}
