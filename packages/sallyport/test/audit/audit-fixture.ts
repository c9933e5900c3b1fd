// An audit over a fresh store, for the tests of the audit.
import { randomBytes } from 'node:crypto';
import { createCallJournal } from '../../src/audit/journal.ts';
import { createAuditLog } from '../../src/audit/record.ts';
import type { Store } from '../../src/store/store.ts';
import { openStore } from '../store/state-folder.ts';
import { detailsKey } from './entries.ts';

const random = { bytes: (count: number) => randomBytes(count) };

export async function openAudit(opened?: Store) {
  const store = opened ?? (await openStore());
  const time = { nowMs: 1_000_000 };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
  const dependencies = { store, detailsKey, random, clock };
  return { store, time, clock, log: createAuditLog(dependencies), journal: createCallJournal(dependencies) };
}
