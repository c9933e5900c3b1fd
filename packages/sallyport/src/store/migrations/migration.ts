// What a migration is: numbered, forward only, in SQL that every store understands but for two column types.

/** The column types whose names differ between stores. */
export interface ColumnTypes {
  readonly blob: string;
  /** A whole-number primary key that is also the order of the rows on disk. */
  readonly sequenceKey: string;
}

/** One step of the schema. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: (types: ColumnTypes) => readonly string[];
}
