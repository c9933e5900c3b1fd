// Run as a child and killed: makes calls without end and says on standard output which of them were acknowledged.
import { writeSync } from 'node:fs';
import { createCallJournal } from '../../src/audit/journal.ts';
import { auditWriterUrl } from '../../src/audit/writer-url.ts';
import { openEmbeddedStore } from '../../src/store/embedded-store.ts';
import { detailsKey, intentOf, outcomeOf } from './entries.ts';

const [file = '', run = ''] = process.argv.slice(2);
const store = await openEmbeddedStore({ file, workerUrl: auditWriterUrl });
const random = { bytes: (count: number) => Buffer.alloc(count, 1) };
const clock = { nowMs: () => 1, monotonicMs: () => 1 };
const journal = createCallJournal({ store, detailsKey, random, clock });
await journal.closeOpenCalls();

async function makeCalls(lane: number): Promise<void> {
  for (let index = 0; ; index++) {
    const call = `${run}-${lane}-${index}`;
    await journal.begin(intentOf(call), `{"index":${index}}`, null);
    await journal.end(outcomeOf(call), null);
    writeSync(1, `${call}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, lane) => makeCalls(lane)));
