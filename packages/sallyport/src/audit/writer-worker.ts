// Entry of the writer thread: the store's writer with the audit tree in its transactions.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../domain/clock.ts';
import { runWriter } from '../store/run-writer.ts';
import type { WriterData } from '../store/writer-line.ts';
import { openLeafAppender } from './leaf-appender.ts';

const data: unknown = workerData;
if (!isWriterData(data)) throw new TypeError('the writer is started with the path of the state file and its memory');
if (parentPort === null) throw new TypeError('this file is the entry of a worker thread');
runWriter({ data, port: parentPort, nowMs: systemClock.nowMs(), openLeaves: openLeafAppender });

function isWriterData(value: unknown): value is WriterData {
  if (typeof value !== 'object' || value === null || !('file' in value && 'shared' in value)) return false;
  return typeof value.file === 'string' && value.shared instanceof SharedArrayBuffer;
}
