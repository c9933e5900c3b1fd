// The engine of the writer: what a full disk does to a group, and that it goes on when there is room again.
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLeafAppender } from '../../src/audit/leaf-appender.ts';
import { createGroupCommit } from '../../src/store/group-commit.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Batch } from '../../src/store/store.ts';
import { openWriterConnection } from '../../src/store/writer-connection.ts';
import { stateFolder } from './state-folder.ts';

function openEngine() {
  const connection = openWriterConnection(join(stateFolder(), 'state.db'));
  onTestFinished(() => connection.close());
  migrate(connection, 1);
  return { connection, commitGroup: createGroupCommit(connection, openLeafAppender(connection)) };
}

function leafBatch(bytes: number): Batch {
  return {
    statements: [],
    leaves: [{ at: 1, kind: 'k', subject: null, call: null, bytes: new Uint8Array(bytes), details: null }],
  };
}

describe('a group', () => {
  it('fails as a whole when the disk is full, and the next one goes on where the last durable one ended', () => {
    const { connection, commitGroup } = openEngine();
    expect(commitGroup([leafBatch(10)])).toEqual([{ kind: 'written', firstLeaf: 0 }]);
    const pages = Number(connection.rows('pragma page_count', [])[0]?.['page_count']);
    connection.exec(`pragma max_page_count = ${pages}`);
    const full = commitGroup([leafBatch(10), leafBatch(100_000), leafBatch(10)]);
    expect(full.map((result) => result.kind)).toEqual(['failed', 'failed', 'failed']);
    connection.exec('pragma max_page_count = 1000000');
    expect(commitGroup([leafBatch(100_000)])).toEqual([{ kind: 'written', firstLeaf: 1 }]);
  });

  it('fails and does not hang when the file may not be written', () => {
    const { connection, commitGroup } = openEngine();
    connection.exec('pragma query_only = on');
    expect(commitGroup([leafBatch(10)])[0]?.kind).toBe('failed');
  });

  it('is written with the settings that durability and erasure depend on', () => {
    const { connection } = openEngine();
    const value = (name: string) => Object.values(connection.rows(`pragma ${name}`, [])[0] ?? {})[0];
    expect([value('journal_mode'), value('synchronous'), value('foreign_keys')]).toEqual(['wal', 2, 1]);
    expect([value('secure_delete'), value('trusted_schema'), value('busy_timeout')]).toEqual([1, 0, 5000]);
    expect(value('application_id')).toBe(0x53414c50);
  });
});
