// Where in time the leaves of the audit stand: a row for about a thousand of them, so that it costs next to nothing to write.

/** One mark. */
export interface AuditTimeTable {
  readonly seq: number;
  /** No leaf with a lower index has a later time, milliseconds since the epoch. */
  readonly at: number;
}
