// The writer thread's loop: opens the file, answers each group with one message. The entry file adds the audit tree.
import { inspect } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { SallyportError } from '../domain/errors.ts';
import { createGroupCommit, type LeafAppender } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { openWriterConnection, type WriterConnection } from './writer-connection.ts';
import { GroupDecoder, type WriterReply, type WriterRequest } from './writer-message.ts';

/** What the writer thread is started with. */
export interface WriterOptions {
  readonly file: string;
  readonly port: MessagePort;
  readonly nowMs: number;
  /** Opens the audit tree; throws AUDIT_INVALID when what is stored does not fit together. */
  readonly openLeaves: (connection: WriterConnection) => LeafAppender;
}

/** Serves groups until it is told to close; a store that cannot be opened is answered with `refused`. */
export function runWriter({ file, port, nowMs, openLeaves }: WriterOptions): void {
  const reply = (message: WriterReply): void => port.postMessage(message);
  let connection: WriterConnection | undefined;
  try {
    connection = openWriterConnection(file);
    migrate(connection, nowMs);
    serve(port, connection, openLeaves(connection));
    reply({ kind: 'ready' });
  } catch (error) {
    connection?.close();
    reply(refusal(error));
    port.close();
  }
}

function serve(port: MessagePort, connection: WriterConnection, leaves: LeafAppender): void {
  const decoder = new GroupDecoder();
  const commitGroup = createGroupCommit(connection, leaves);
  port.on('message', (request: WriterRequest) => {
    if (request.kind === 'close') {
      connection.close();
      port.close();
      return;
    }
    const done: WriterReply = { kind: 'done', results: commitGroup(decoder.decode(request)) };
    port.postMessage(done);
  });
}

function refusal(error: unknown): WriterReply {
  if (error instanceof SallyportError) {
    return { kind: 'refused', code: error.code, message: error.message, cause: inspect(error.cause) };
  }
  return { kind: 'refused', code: 'STORE_FAILED', message: 'the state file cannot be opened', cause: String(error) };
}
