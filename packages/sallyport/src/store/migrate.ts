// Brings the schema to the version that this program knows; forward only, one transaction for each step.
import { SallyportError } from '../domain/errors.ts';
import { migrations } from './migrations/index.ts';
import type { ColumnTypes, Migration } from './migrations/migration.ts';
import type { WriterConnection } from './writer-connection.ts';

// `integer primary key` is the row id itself: no second tree on disk, and ascending inserts append.
const sqliteTypes: ColumnTypes = { blob: 'blob', sequenceKey: 'integer primary key' };

/**
 * Applies every migration that is missing.
 * @throws SallyportError STATE_UNSAFE (a newer program has written here)
 */
export function migrate(connection: WriterConnection, nowMs: number): void {
  connection.exec(
    'create table if not exists schema_migration (number bigint primary key, name text not null, applied_at bigint not null)',
  );
  const rows = connection.rows('select number from schema_migration order by number', []);
  const applied = new Set(rows.map((row) => Number(row['number'])));
  const known = new Set(migrations.map((migration) => migration.number));
  if ([...applied].some((number) => !known.has(number))) {
    throw new SallyportError(
      'STATE_UNSAFE',
      'the state was written by a newer version; start that version or a later one',
    );
  }
  for (const migration of migrations) {
    if (!applied.has(migration.number)) apply(connection, migration, nowMs);
  }
}

function apply(connection: WriterConnection, migration: Migration, nowMs: number): void {
  connection.exec('begin immediate');
  try {
    for (const text of migration.statements(sqliteTypes)) connection.exec(text);
    connection.run('insert into schema_migration (number, name, applied_at) values (?, ?, ?)', [
      migration.number,
      migration.name,
      nowMs,
    ]);
    connection.exec('commit');
  } catch (error) {
    if (connection.isInTransaction) connection.exec('rollback');
    throw error;
  }
}
