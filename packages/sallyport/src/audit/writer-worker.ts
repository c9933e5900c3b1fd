// Entry of the writer thread: the store's writer with the audit tree in its transactions.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../domain/clock.ts';
import { runWriter } from '../store/run-writer.ts';
import { openLeafAppender } from './leaf-appender.ts';

const file: unknown = workerData;
if (typeof file !== 'string') throw new TypeError('the writer is started with the path of the state file');
if (parentPort === null) throw new TypeError('this file is the entry of a worker thread');
runWriter({ file, port: parentPort, nowMs: systemClock.nowMs(), openLeaves: openLeafAppender });
