// The newest checkpoint of the audit tree: what a rewritten log would have to forge.

/** The one row, with id 1. */
export interface AuditCheckpointTable {
  readonly id: number;
  readonly size: number;
  /** The signed note (C2SP tlog-checkpoint). */
  readonly note: string;
  readonly created_at: number;
}
