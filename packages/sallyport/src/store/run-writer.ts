// The writer thread's loop: opens the file, answers each group with one message. The entry file adds the audit tree.
import { inspect } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { SallyportError } from '../domain/errors.ts';
import { type BatchResult, createGroupCommit, type LeafAppender } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { openWriterConnection, type WriterConnection } from './writer-connection.ts';
import { type WriterData, WriterLine, type WriterReply } from './writer-line.ts';

/** What the writer thread is started with. */
export interface WriterOptions {
  readonly data: WriterData;
  readonly port: MessagePort;
  readonly nowMs: number;
  /** Opens the audit tree; throws AUDIT_INVALID when what is stored does not fit together. */
  readonly openLeaves: (connection: WriterConnection) => LeafAppender;
}

/** Serves groups until it is told to close; a store that cannot be opened is answered with `refused`. */
export function runWriter({ data, port, nowMs, openLeaves }: WriterOptions): void {
  const line = new WriterLine(port, data.shared);
  let connection: WriterConnection | undefined;
  let leaves: LeafAppender;
  try {
    connection = openWriterConnection(data.file);
    migrate(connection, nowMs);
    leaves = openLeaves(connection);
  } catch (error) {
    connection?.close();
    line.answer(refusal(error));
    return;
  }
  line.answer({ kind: 'ready' });
  serve(line, connection, leaves);
  connection.close();
}

function serve(line: WriterLine, connection: WriterConnection, leaves: LeafAppender): void {
  const commitGroup = createGroupCommit(connection, leaves);
  for (let batches = line.next(); batches !== undefined; batches = line.next()) {
    line.answer(answerOf(commitGroup(batches)));
  }
}

function answerOf(results: readonly BatchResult[]): WriterReply {
  let firstLeaf = -1;
  for (const result of results) {
    if (result.kind !== 'written') return { kind: 'done', results };
    if (firstLeaf < 0) firstLeaf = result.firstLeaf;
  }
  return firstLeaf;
}

function refusal(error: unknown): WriterReply {
  if (error instanceof SallyportError) {
    return { kind: 'refused', code: error.code, message: error.message, cause: inspect(error.cause) };
  }
  return { kind: 'refused', code: 'STORE_FAILED', message: 'the state file cannot be opened', cause: String(error) };
}
