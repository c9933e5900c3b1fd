// Builds SQL without a connection: reads are compiled queries, writes become statements of a batch.
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Database } from './database.ts';
import type { BoundValue, Statement } from './store.ts';

export type { CompiledQuery };

/** The query builder over all tables; nothing that it makes can be executed here, only compiled. */
export const query: Kysely<Database> = new Kysely<Database>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** A compiled write as a statement of a batch; with `expectRows` the batch is undone unless exactly that many rows are touched. */
export function statement(compiled: CompiledQuery, options?: { readonly expectRows: number }): Statement {
  return { sql: compiled.sql, parameters: boundValues(compiled.parameters), ...options };
}

/** The parameters of a compiled query as values that every store binds alike. */
export function boundValues(parameters: readonly unknown[]): readonly BoundValue[] {
  return parameters.map((value) => {
    if (isBoundValue(value)) return value;
    throw new TypeError(`a parameter of type ${typeof value} cannot be bound`);
  });
}

function isBoundValue(value: unknown): value is BoundValue {
  if (value === null || value instanceof Uint8Array) return true;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}
