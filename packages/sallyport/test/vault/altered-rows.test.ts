// Whoever can write the database can neither redirect, swap, prolong nor put back a credential.
import { describe, expect, it } from 'vitest';
import { readVault } from '../../src/vault/read-vault.ts';
import {
  code,
  declared,
  openVault,
  other,
  reveal,
  strong,
  tamper,
  token,
  value,
  withCredential,
} from './vault-setup.ts';

describe('a row that was altered', () => {
  const column = (name: string, sql: string) => [
    name,
    `update credential_version set ${sql} where credential = 'shop'`,
  ];

  it.each([
    column('created_at', `created_at = created_at + 60000`),
    column('weak flag', 'is_weak = 1'),
    column('blind index', `blind_index = 'ff'`),
    column('epoch', 'kek_epoch = 2'),
    column('target text', `target = '{}'`),
    column('kind', `kind = 'username-password'`),
    ['first epoch', `update vault_kek set created_at = created_at + 1`],
  ])('does not open: %s', async (_, sql) => {
    const { folder, store } = await withCredential();
    await tamper(folder, store, sql ?? '');
    const { vault, permitFor } = await openVault(folder);
    const permit = await permitFor('shop');
    expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
  });

  it.each([
    ['host', 'api.example', { host: 'evil.example' }],
    ['place', '"bearer"', { place: 'query:key' }],
    ['trust', '"system"', { trust: 'loopback' }],
  ])('does not open when its target and the config agree on another %s', async (name, old, change) => {
    const { folder, store } = await withCredential();
    const text = old.replaceAll('"', '');
    await tamper(
      folder,
      store,
      `update credential_version set target = replace(target, '${text}', '${Object.values(change)[0]}')`,
    );
    const { vault, permitFor } = await openVault(folder);
    const permit = await permitFor('shop');
    expect(code(() => vault.open(permit, declared('shop', change)))).toBe('VAULT_TAMPERED');
    expect(name).not.toBe('');
  });

  it.each(['sealed', 'wrapped_key', 'commitment'])('does not open when any bit of %s was flipped', async (name) => {
    const { folder, store } = await withCredential();
    await store.close();
    const length = { sealed: 157, wrapped_key: 93, commitment: 32 }[name] ?? 0;
    for (let at = 0; at < length; at += name === 'commitment' ? 1 : 7) {
      const flip = `update credential_version set ${name} = ${flipped(name, at)}`;
      const before = await openVault(folder);
      await tamper(folder, before.store, flip);
      const { vault, permitFor, store: after } = await openVault(folder);
      const permit = await permitFor('shop');
      expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
      await tamper(folder, after, flip);
    }
    const { vault, permitFor } = await openVault(folder);
    expect(reveal(vault.open(await permitFor('shop'), declared('shop')).fields)).toBe(value);
  });

  it('does not open under the name of another credential', async () => {
    const { folder, store, vault: first } = await withCredential();
    await first.add(declared('crm'), token(other), strong);
    await tamper(
      folder,
      store,
      `create temp table s as select * from credential_version where credential = 'crm';
       update credential_version set (wrapped_key, sealed, commitment, blind_index) =
         (select wrapped_key, sealed, commitment, blind_index from s) where credential = 'shop'`,
    );
    const { vault, permitFor, matchPermit } = await openVault(folder);
    const permit = await permitFor('shop');
    expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
    const { secrets, failures } = vault.openForMatching(await matchPermit());
    expect(failures).toEqual([{ credential: 'shop', version: 1 }]);
    expect(secrets.map((secret) => secret.credential)).toEqual(['crm']);
  });

  it('does not open as another version', async () => {
    const { folder, store, vault: first } = await withCredential();
    await first.add(declared('shop'), token(other), strong);
    await tamper(
      folder,
      store,
      `create temp table s as select * from credential_version where version = 1;
       update credential_version set (wrapped_key, sealed, commitment) = (select wrapped_key, sealed, commitment from s)
         where version = 2`,
    );
    const { vault, permitFor } = await openVault(folder);
    const permit = await permitFor('shop', 2);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
  });

  it('is not current when an older valid version was put back', async () => {
    const { folder, store, vault: first } = await withCredential();
    await first.add(declared('shop'), token(other), strong);
    await tamper(
      folder,
      store,
      `delete from credential_version where version = 2; update credential_version set state = 'current'`,
    );
    const { vault, permitFor } = await openVault(folder);
    const permit = await permitFor('shop', 1);
    expect(vault.list()).toEqual([]);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
  });

  it('I10: is known as unreadable once the match tables were built, and no more when its value was added again', async () => {
    const { folder, store } = await withCredential();
    await tamper(folder, store, 'update credential_version set created_at = created_at + 60000');
    const { vault, matchPermit } = await openVault(folder);
    expect(vault.isUnreadable(declared('shop').definition.id)).toBe(false);
    vault.openForMatching(await matchPermit());
    expect(vault.isUnreadable(declared('shop').definition.id)).toBe(true);
    await vault.add(declared('shop'), token(other), strong);
    expect(vault.isUnreadable(declared('shop').definition.id)).toBe(false);
  });

  it('I10: is known as unreadable to a locked vault where it is not what was recorded', async () => {
    const { folder, store } = await withCredential();
    expect((await readVault(store)).isUnreadable(declared('shop').definition.id)).toBe(false);
    await tamper(folder, store, `update credential_version set target = '{}'`);
    const { vault, store: after } = await openVault(folder);
    expect((await readVault(after)).isUnreadable(declared('shop').definition.id)).toBe(true);
    expect(vault.isUnreadable(declared('shop').definition.id)).toBe(true);
  });

  it('H5: is unreadable when its record was damaged; other credentials open, and adding it again mends it', async () => {
    const { folder, store, vault: first } = await withCredential();
    await first.add(declared('shop'), token(other), strong);
    await first.add(declared('crm'), token(other), strong);
    await tamper(
      folder,
      store,
      `update audit_leaf set leaf = zeroblob(9) where seq = (select max(seq) from audit_leaf where subject = 'shop')`,
    );
    const { vault, store: after, permitFor } = await openVault(folder);
    expect((await readVault(after)).isUnreadable(declared('shop').definition.id)).toBe(true);
    const permit = await permitFor('shop', 2);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
    expect(reveal(vault.open(await permitFor('crm'), declared('crm')).fields)).toBe(other);
    await vault.add(declared('shop'), token(), strong);
    expect(reveal(vault.open(await permitFor('shop', 3), declared('shop')).fields)).toBe(value);
  });

  it('is replaced by adding the value again', async () => {
    const { folder, store } = await withCredential();
    await tamper(folder, store, `update credential_version set target = 'x'`);
    const { vault, permitFor } = await openVault(folder);
    await vault.add(declared('shop'), token(other), strong);
    expect(reveal(vault.open(await permitFor('shop', 2), declared('shop')).fields)).toBe(other);
    expect(vault.list().map((version) => version.version)).toEqual([2]);
  });
});

// The last bit of one byte, turned over in the hex text: SQLite has no exclusive or.
function flipped(name: string, at: number): string {
  const digit = `substr(hex(${name}), ${at * 2 + 2}, 1)`;
  const other = `substr('1032547698BADCFE', instr('0123456789ABCDEF', ${digit}), 1)`;
  return `unhex(substr(hex(${name}), 1, ${at * 2 + 1}) || ${other} || substr(hex(${name}), ${at * 2 + 3}))`;
}
