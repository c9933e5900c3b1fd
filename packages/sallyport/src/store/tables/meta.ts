// Single facts about this state folder, such as its store id.

/** One fact. */
export interface MetaTable {
  readonly key: string;
  readonly value: string;
}
