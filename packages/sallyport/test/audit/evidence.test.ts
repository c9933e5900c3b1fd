// Contract: an outsider with a copy and the public key finds every edit, deletion, reordering and truncation, and every missing record.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Evidence, openEvidence } from '../../src/audit/evidence.ts';
import { noteSigner, noteVerifier, parseNote } from '../../src/audit/signed-note.ts';
import type { AuditVerification } from '../../src/audit/verify-audit.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { verifyCopy } from '../../src/audit/verify-copy.ts';
import { writeCopy } from '../../src/audit/write-copy.ts';
import { openAudit } from './audit-fixture.ts';
import { detailsKey, intentOf, outcomeOf } from './entries.ts';

const random = { bytes: (count: number) => randomBytes(count) };
const calls = 300;

let folder: string;
let evidence: Evidence;
let audit: Awaited<ReturnType<typeof openAudit>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-evidence-'));
  audit = await openAudit();
  evidence = await openSigned();
  for (let nth = 0; nth < calls; nth += 1) await recordCall(`call-${nth}`);
});

afterEach(async () => {
  await audit.store.close();
  rmSync(folder, { recursive: true, force: true });
});

// A keeper of seeds that only turns bits over: what keeps them for real is the vault's root key, tested there.
const seeds = {
  wrap: (plain: Buffer) => Buffer.from(plain.map((byte) => byte ^ 0xff)),
  unwrap: (wrapped: Buffer) => Buffer.from(wrapped.map((byte) => byte ^ 0xff)),
};

function openSigned(): Promise<Evidence> {
  const { store, log, clock } = audit;
  return openEvidence({ store, audit: log, seeds, clock, random, storeId: 'test' });
}

async function recordCall(call: string): Promise<void> {
  await audit.journal.begin(intentOf(call), '{}', null);
  await audit.journal.end(outcomeOf(call), null);
}

async function exportTo(name: string): Promise<string> {
  const to = join(folder, name);
  const checkpoint = await evidence.checkpoint();
  await writeCopy(to, { checkpoint, leaves: (from) => evidence.leaves(from), progress: () => {} });
  return to;
}

function verify(
  copy: string,
  key = evidence.key(),
  trustedCheckpoint: string | null = null,
): Promise<AuditVerification> {
  return verifyCopy({ folder: copy, key, trustedCheckpoint });
}

/** Changes a bundle of a copy: leaves in, leaves out. */
function rewrite(copy: string, bundle: string, change: (leaves: Buffer[]) => Buffer[]): void {
  const path = join(copy, 'tile/entries', bundle);
  const bytes = readFileSync(path);
  const leaves: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at))
    leaves.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
  const parts = change(leaves).flatMap((leaf) => [Buffer.from([leaf.length >> 8, leaf.length & 0xff]), leaf]);
  writeFileSync(path, Buffer.concat(parts));
}

describe('a copy of the log', () => {
  it('verifies with the public key alone, over full and partial tiles', async () => {
    const copy = await exportTo('copy');
    expect(await verify(copy)).toMatchObject({
      ok: true,
      size: 2 * calls + 1,
      intents: calls,
      outcomes: calls,
      problems: [],
    });
    expect(readFileSync(join(copy, 'checkpoint'), 'utf8')).toMatch(
      /^sallyport\/test\n601\n[A-Za-z0-9+/]{43}=\n\n— sallyport\/test /,
    );
    expect(readFileSync(join(copy, 'tile/0/000'))).toHaveLength(256 * 32);
    expect(readFileSync(join(copy, 'tile/1/000.p/2'))).toHaveLength(2 * 32);
  });

  const tampering: Readonly<Record<string, (leaves: Buffer[]) => Buffer[]>> = {
    'an edited record': (leaves) =>
      leaves.map((leaf, at) => (at === 7 ? Buffer.from(leaf.toString().replace('call-', 'cell-')) : leaf)),
    'a deleted record': (leaves) => leaves.filter((_, at) => at !== 7),
    'two records in another order': (leaves) =>
      leaves.map((leaf, at) => (at === 7 ? (leaves[9] ?? leaf) : at === 9 ? (leaves[7] ?? leaf) : leaf)),
    'a record put in': (leaves) => leaves.toSpliced(7, 0, leaves[6] ?? Buffer.alloc(0)),
    'a record that is no entry': (leaves) => leaves.map((leaf, at) => (at === 7 ? Buffer.from('{}') : leaf)),
  };
  for (const [name, change] of Object.entries(tampering)) {
    it(`H5: shows ${name}`, async () => {
      const copy = await exportTo('copy');
      rewrite(copy, '001', change);
      expect((await verify(copy)).ok).toBe(false);
    });
  }

  it('L10: shows that its end was cut off, against a checkpoint that was kept elsewhere', async () => {
    const early = await exportTo('early');
    await recordCall('the last');
    const { note } = await evidence.checkpoint();
    expect((await verify(early)).ok).toBe(true);
    expect((await verify(early, evidence.key(), note)).problems.map(({ what }) => what)).toContain(
      'the log is shorter than its checkpoint: its end was cut off',
    );
  });

  it('shows an intent without an outcome, once no call could still be under way', async () => {
    await audit.journal.begin({ ...intentOf('lost'), at: audit.time.nowMs }, '{}', null);
    audit.time.nowMs += 60 * 60_000;
    await audit.journal.begin({ ...intentOf('in flight'), at: audit.time.nowMs }, '{}', null);
    const { problems } = await verify(await exportTo('copy'));
    expect(problems).toEqual([{ leaf: 2 * calls + 1, what: 'an intent without an outcome' }]);
  });

  it('is not accepted when it is signed by another key', async () => {
    const copy = await exportTo('copy');
    const forger = noteSigner('sallyport/test', randomBytes(32));
    const text = parseNote(readFileSync(join(copy, 'checkpoint'), 'utf8'))?.text ?? '';
    writeFileSync(join(copy, 'checkpoint'), forger.sign(text));
    expect((await verify(copy)).ok).toBe(false);
    expect((await verify(copy, forger.verifier.text)).ok).toBe(false);
  });

  it('is accepted with the old key after a new one was signed in, and with the new one', async () => {
    const old = evidence.key();
    const fresh = await evidence.renewKey();
    await recordCall('after');
    const copy = await exportTo('copy');
    expect(fresh).not.toBe(old);
    expect(await verify(copy, old)).toMatchObject({ ok: true });
    expect(await verify(copy, fresh)).toMatchObject({ ok: true });
    expect(await verifyAudit(audit.store, { signerKey: fresh, detailsKey })).toMatchObject({ ok: true });
    expect((await verifyAudit(audit.store, { signerKey: old, detailsKey })).ok).toBe(false);
  });

  it('keeps its proof when details are erased', async () => {
    await audit.journal.begin(intentOf('with details'), '{"secret":"argument"}', null);
    await audit.journal.end(outcomeOf('with details'), null);
    await evidence.erase(2 * calls + 1);
    await expect(evidence.erase(2 * calls + 1)).rejects.toThrow('erased already');
    expect(await verify(await exportTo('copy'))).toMatchObject({ ok: true });
    expect(await verifyAudit(audit.store, { signerKey: evidence.key(), detailsKey })).toMatchObject({ ok: true });
  });

  it('H5: shows details that were changed, swapped or deleted', async () => {
    const keys = { signerKey: evidence.key(), detailsKey };
    const edit = (sql: string) => audit.store.write({ statements: [{ sql, parameters: [] }], leaves: [] });
    expect(await verifyAudit(audit.store, keys)).toMatchObject({ ok: true });
    await edit(`update audit_detail set sealed = (select sealed from audit_detail where seq = 3) where seq = 1`);
    expect((await verifyAudit(audit.store, keys)).problems).toEqual([
      { leaf: 1, what: 'its details are not those that it commits to' },
    ]);
    await edit(`delete from audit_detail where seq = 1`);
    await edit(`update audit_detail set record_key = null where seq = 3`);
    const gone = 'its details are gone, and no record says that they were erased';
    expect((await verifyAudit(audit.store, keys)).problems).toEqual([1, 3].map((leaf) => ({ leaf, what: gone })));
  });

  it('opens with the same signer again', async () => {
    expect((await openSigned()).key()).toBe(evidence.key());
  });

  it('does not throw for a folder that is no copy', async () => {
    expect((await verify(folder)).ok).toBe(false);
    cpSync(await exportTo('copy'), join(folder, 'broken'), { recursive: true });
    rmSync(join(folder, 'broken/tile/entries/001'));
    expect((await verify(join(folder, 'broken'))).ok).toBe(false);
  });
});

describe('a signed note', () => {
  it('is verified by the text of its key', () => {
    const signer = noteSigner('example', randomBytes(32));
    const note = parseNote(signer.sign('a\nb\n'));
    expect(note?.text).toBe('a\nb\n');
    expect(note !== undefined && noteVerifier(signer.verifier.text)?.verifies(note)).toBe(true);
  });

  it('is not verified when a byte of text, name or key is another', () => {
    const signer = noteSigner('example', randomBytes(32));
    const note = parseNote(signer.sign('a\n').replace('a\n', 'b\n'));
    expect(note !== undefined && signer.verifier.verifies(note)).toBe(false);
    expect(noteVerifier(signer.verifier.text.replace('example', 'other'))).toBeUndefined();
    expect(parseNote('no signature\n')).toBeUndefined();
  });
});
