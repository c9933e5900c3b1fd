// A fresh state folder and store for each test, removed afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { auditWriterUrl } from '../../src/audit/writer-url.ts';
import { openEmbeddedStore } from '../../src/store/embedded-store.ts';
import type { Store } from '../../src/store/store.ts';

export function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openStore(folder: string = stateFolder()): Promise<Store> {
  const store = await openEmbeddedStore({ file: join(folder, 'state.db'), workerUrl: auditWriterUrl });
  onTestFinished(() => store.close());
  return store;
}
