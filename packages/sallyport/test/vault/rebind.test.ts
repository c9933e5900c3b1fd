// A value may go to another target when an operator said so, for what was shown, and never for longer than before.
import { describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read-audit.ts';
import { markRecorded } from '../../src/audit/recorded.ts';
import type { DeclaredCredential } from '../../src/domain/credential.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { rebindPermit } from '../../src/vault/permit.ts';
import {
  code,
  dayMs,
  declared,
  openVault,
  reveal,
  startMs,
  strong,
  tamper,
  token,
  value,
  withCredential,
} from './vault-setup.ts';

const old = declared('shop');
const moved = declared('shop', { host: 'new.example' });
const confirmed = { version: 1, from: old.target, to: moved.target };

async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  return error instanceof SallyportError ? error.code : undefined;
}

describe('rebind', () => {
  it('I7: sends the value to the new target, and no longer to the old one', async () => {
    const { vault, permitFor } = await withCredential();
    await vault.rebind(moved, confirmed);
    expect(reveal(vault.open(await permitFor('shop', 2), moved).fields)).toBe(value);
    const permit = await permitFor('shop', 2);
    expect(code(() => vault.open(permit, old))).toBe('CREDENTIAL_TARGET_CHANGED');
    expect(() => vault.open(permit, old)).toThrow(
      /tell the operator.*undoes the change.*`sallyport credential rebind /,
    );
  });

  it('I5: does not prolong the life of the value', async () => {
    const { vault, clock, permitFor } = await withCredential();
    clock.set(startMs + 6 * dayMs);
    expect((await vault.rebind(moved, confirmed)).createdAtMs).toBe(startMs);
    clock.set(startMs + 7 * dayMs);
    const permit = await permitFor('shop', 2);
    expect(code(() => vault.open(permit, moved))).toBe('CREDENTIAL_EXPIRED');
  });

  it('records what may be opened, and for where, before the new version', async () => {
    const { vault, store, clock } = await withCredential();
    clock.set(startMs + dayMs);
    await vault.rebind(moved, confirmed);
    const records = await readAudit(store, { subject: 'shop', limit: 10 });
    const [, rebound, added] = records.map(({ entry }) => entry);
    const to = 'https://new.example:443 place=bearer trust=system';
    const from = 'https://api.example:443 place=bearer trust=system';
    expect(rebound).toMatchObject({ kind: 'credential.rebound', facts: { version: 1, from, to } });
    expect(added).toMatchObject({ kind: 'credential.added', facts: { version: 2, target: to, valueSince: startMs } });
    expect(JSON.stringify(records)).not.toContain(value);
  });

  it('lasts through a restart', async () => {
    const { folder, store, vault } = await withCredential();
    await vault.rebind(moved, confirmed);
    vault.close();
    await store.close();
    const again = await openVault(folder);
    expect(reveal(again.vault.open(await again.permitFor('shop', 2), moved).fields)).toBe(value);
  });

  const changes: readonly (readonly [string, DeclaredCredential, typeof confirmed, string])[] = [
    ['another target than was shown', declared('shop', { host: 'evil.example' }), confirmed, 'ADMIN_INPUT'],
    ['another version than was shown', moved, { ...confirmed, version: 2 }, 'ADMIN_INPUT'],
    ['another old target than was shown', moved, { ...confirmed, from: moved.target }, 'ADMIN_INPUT'],
    ['a target that did not change', old, { ...confirmed, to: old.target }, 'ADMIN_INPUT'],
    ['a credential without a value', declared('other'), confirmed, 'CREDENTIAL_MISSING'],
    ['another kind', declared('shop', { kind: 'username-password' }), confirmed, 'CREDENTIAL_VALUE'],
  ];
  it.each(changes)('refuses %s, and opens nothing', async (_, declaration, answer, expected) => {
    const { vault, store } = await withCredential();
    expect(await refusal(vault.rebind(declaration, answer))).toBe(expected);
    expect(vault.current(old.definition.id)?.version).toBe(1);
    expect(await readAudit(store, { kinds: ['credential.rebound'], limit: 1 })).toEqual([]);
  });

  it('refuses a value past its lifetime', async () => {
    const { vault, clock } = await withCredential();
    clock.set(startMs + 7 * dayMs);
    expect(await refusal(vault.rebind(moved, confirmed))).toBe('CREDENTIAL_EXPIRED');
  });

  it('refuses a row that was altered', async () => {
    const { folder, store, vault } = await withCredential();
    vault.close();
    await tamper(folder, store, 'update credential_version set sealed = randomblob(length(sealed))');
    const again = await openVault(folder);
    expect(await refusal(again.vault.rebind(moved, confirmed))).toBe('VAULT_TAMPERED');
  });

  it('is done once when it is asked for twice at a time', async () => {
    const { vault } = await withCredential();
    const [first, second] = await Promise.allSettled([vault.rebind(moved, confirmed), vault.rebind(moved, confirmed)]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
  });

  it('takes its permit from a record of its own kind only', async () => {
    const { vault } = await openVault();
    await vault.add(old, token(), strong);
    const entry = { kind: 'credential.added', at: 0, subject: 'shop', facts: { version: 1 } } as const;
    expect(code(() => rebindPermit(markRecorded(entry, 0)))).toBe('PERMIT_INVALID');
    expect(code(() => rebindPermit({ entry: { ...entry, kind: 'credential.rebound' }, leaf: 0 }))).toBe(
      'PERMIT_INVALID',
    );
  });
});
