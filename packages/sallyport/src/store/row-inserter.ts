// Inserts rows of one table many at a time: what a statement costs by itself is more than what a row costs.
import type { BoundValue } from './store.ts';
import type { WriterConnection } from './writer-connection.ts';

const rowCounts = [16, 4, 1] as const;

/** Gathers rows until they are enough for one statement; what is left is written by `flush`. */
export class RowInserter {
  readonly #columns: number;
  readonly #inserts: readonly { readonly values: number; readonly run: (values: readonly BoundValue[]) => void }[];
  #values: BoundValue[] = [];

  constructor(connection: WriterConnection, table: string, columns: readonly string[]) {
    const row = `(${columns.map(() => '?').join(', ')})`;
    this.#columns = columns.length;
    this.#inserts = rowCounts.map((count) => ({
      values: count * columns.length,
      run: connection.prepare(
        `insert into ${table} (${columns.join(', ')}) values ${Array.from({ length: count }, () => row).join(', ')}`,
      ),
    }));
  }

  /** Takes one row; its bytes must stay as they are until it is written. */
  add(...values: readonly BoundValue[]): void {
    for (const value of values) this.#values.push(value);
    if (this.#values.length >= rowCounts[0] * this.#columns) this.flush();
  }

  /** Writes every row that was taken. */
  flush(): void {
    let from = 0;
    for (const { values, run } of this.#inserts) {
      for (; this.#values.length - from >= values; from += values) run(this.#values.slice(from, from + values));
    }
    this.#values = [];
  }

  /** Forgets the rows that were not written. */
  clear(): void {
    this.#values = [];
  }
}
