// Folds the write-ahead log into the file and empties it: what was erased lies in both until then.
import { busyTimeoutMs, type WriterConnection } from './writer-connection.ts';

// Another process that reads holds the log as long as it likes, and everybody waits for the writer.
const waitMs = 500;

/** Whether the log could be emptied; never throws, as what was committed before stays committed. */
export function foldLog(connection: WriterConnection): boolean {
  connection.exec(`pragma busy_timeout = ${waitMs}`);
  try {
    return connection.rows('pragma wal_checkpoint(truncate)', [])[0]?.['busy'] === 0;
  } catch {
    return false;
  } finally {
    connection.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
  }
}
