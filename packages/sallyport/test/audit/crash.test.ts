// Killed at any moment: what was acknowledged is there, and the log verifies.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { query } from '../../src/store/query.ts';
import { openStore, stateFolder } from '../store/state-folder.ts';
import { openAudit } from './audit-fixture.ts';

const kills = 8;

// Kills after a number of acknowledged calls, another in each run, so that the moment does not depend on a timer.
async function runAndKill(file: string, run: number): Promise<readonly string[]> {
  const entry = join(import.meta.dirname, 'crash-writer.ts');
  const child = spawn(process.execPath, [entry, file, `run${run}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const killAtBytes = 50 + run * 997;
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.length > killAtBytes) child.kill('SIGKILL');
  });
  await closed;
  return text.split('\n').slice(0, -1);
}

describe('a process that is killed', () => {
  it(`H6: loses no acknowledged call over ${kills} kills, and the log verifies after each`, async () => {
    const folder = stateFolder();
    const file = join(folder, 'state.db');
    for (let run = 0; run < kills; run++) {
      const acknowledged = await runAndKill(file, run);
      expect(acknowledged.length).toBeGreaterThan(0);
      const { store, journal } = await openAudit(await openStore(folder));
      await journal.closeOpenCalls();
      expect(await verifyAudit(store, null)).toMatchObject({ ok: true, problems: [] });
      const ended = query.selectFrom('audit_leaf').select('subject').where('kind', '=', 'call.outcome').compile();
      const calls = new Set((await store.read(ended)).map((row) => row.subject));
      expect(acknowledged.filter((call) => !calls.has(call))).toEqual([]);
      await store.close();
    }
  });

  it('V04: a torn end of the write-ahead log locks nobody out', async () => {
    const folder = stateFolder();
    const file = join(folder, 'state.db');
    await runAndKill(file, 3);
    const log = `${file}-wal`;
    expect(existsSync(log)).toBe(true);
    truncateSync(log, statSync(log).size - 1000);
    const { store, journal } = await openAudit(await openStore(folder));
    await journal.closeOpenCalls();
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true });
  });
});
