// The vault opens what a permit names, for the target that was sealed, and nothing else.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read-audit.ts';
import { markRecorded } from '../../src/audit/recorded.ts';
import { Secret } from '../../src/domain/secret.ts';
import { query } from '../../src/store/query.ts';
import { createVault } from '../../src/vault/create-vault.ts';
import { type CallPermit, callPermit, closePermit, matchTablePermit } from '../../src/vault/permit.ts';
import { readableTarget } from '../../src/vault/target-text.ts';
import { stateFolder } from '../store/state-folder.ts';
import {
  code,
  dayMs,
  declared,
  intent,
  openVault,
  other,
  random,
  reveal,
  startMs,
  strong,
  testClock,
  token,
  value,
  withCredential,
} from './vault-setup.ts';

describe('open', () => {
  it('gives the fields of the version that the permit names', async () => {
    const { vault, permitFor } = await withCredential();
    const opened = vault.open(await permitFor('shop'), declared('shop'));
    expect(reveal(opened.fields)).toBe(value);
    expect(opened).toMatchObject({ credential: 'shop', version: 1, isWeak: false });
  });

  it('gives them after a restart', async () => {
    const { folder, store, vault } = await withCredential();
    vault.close();
    await store.close();
    const again = await openVault(folder);
    expect(reveal(again.vault.open(await again.permitFor('shop'), declared('shop')).fields)).toBe(value);
  });

  it('gives the user name and the password of a pair', async () => {
    const { vault, permitFor } = await openVault();
    const pair = declared('pair', { kind: 'username-password', place: 'basic' });
    const password = { secret: true, value: new Secret(value) } as const;
    await vault.add(pair, { username: { secret: false, value: 'bot' }, password }, strong);
    const { fields } = vault.open(await permitFor('pair'), pair);
    expect(fields['username']).toEqual({ secret: false, value: 'bot' });
    expect(fields['password']?.secret).toBe(true);
  });

  it('refuses a permit that was put together elsewhere', async () => {
    const { vault } = await withCredential();
    const forged: CallPermit = { purpose: 'call', call: 'c1', credential: 'shop', version: 1 };
    expect(code(() => vault.open(forged, declared('shop')))).toBe('PERMIT_INVALID');
  });

  it('refuses a copy of a genuine permit', async () => {
    const { vault, permitFor } = await withCredential();
    const copy = { ...(await permitFor('shop')) };
    expect(code(() => vault.open(copy, declared('shop')))).toBe('PERMIT_INVALID');
  });

  it('refuses a closed permit', async () => {
    const { vault, permitFor } = await withCredential();
    const permit = await permitFor('shop');
    closePermit(permit);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('PERMIT_INVALID');
  });

  it('E5: refuses the permit for another credential', async () => {
    const { vault, permitFor } = await withCredential();
    await vault.add(declared('crm'), token(other), strong);
    const permit = await permitFor('crm');
    expect(code(() => vault.open(permit, declared('shop')))).toBe('PERMIT_INVALID');
  });

  it('E6: refuses when no value was added', async () => {
    const { vault, permitFor } = await withCredential();
    const permit = await permitFor('shop', 2);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('CREDENTIAL_MISSING');
  });

  it.each([
    { host: 'evil.example' },
    { port: 8443 },
    { scheme: 'http' },
    { place: 'query:key' },
    { trust: 'loopback' },
    { kind: 'username-password' as const },
  ])('D16: refuses when the config now says %o', async (change) => {
    const { vault, permitFor } = await withCredential();
    const permit = await permitFor('shop');
    expect(code(() => vault.open(permit, declared('shop', change)))).toBe('CREDENTIAL_TARGET_CHANGED');
  });

  it('refuses at the exact millisecond at which the maximum lifetime ends, and not before', async () => {
    const { vault, permitFor, clock } = await withCredential();
    const permit = await permitFor('shop');
    clock.set(startMs + 7 * dayMs - 1);
    expect(code(() => vault.open(permit, declared('shop')))).toBeUndefined();
    clock.set(startMs + 7 * dayMs);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('CREDENTIAL_EXPIRED');
  });

  it('H3: refuses a version that was added more than five minutes in the future', async () => {
    const { vault, permitFor, clock } = await withCredential();
    const permit = await permitFor('shop');
    clock.set(startMs - 300_000);
    expect(code(() => vault.open(permit, declared('shop')))).toBeUndefined();
    clock.set(startMs - 300_001);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('CREDENTIAL_EXPIRED');
  });

  it('refuses when the lifetime is not a number', async () => {
    const { vault, permitFor } = await withCredential();
    const permit = await permitFor('shop');
    const { definition, target } = declared('shop');
    const endless = { definition: { ...definition, maxLifetimeMs: Number.NaN }, target };
    expect(code(() => vault.open(permit, endless))).toBe('CREDENTIAL_EXPIRED');
  });

  it('L09: refuses everything after it was closed', async () => {
    const { vault, permitFor } = await withCredential();
    const permit = await permitFor('shop');
    vault.close();
    expect(code(() => vault.open(permit, declared('shop')))).toBe('SHUTTING_DOWN');
    await expect(vault.add(declared('shop'), token(), strong)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('L02: shows the value neither in errors nor when it is printed', async () => {
    const { vault, permitFor } = await withCredential();
    const opened = vault.open(await permitFor('shop'), declared('shop'));
    const weak = vault.add(declared('shop'), token('hunter2-summer'), strong);
    const printed = [inspect(opened, { depth: 9, showHidden: true }), JSON.stringify(opened), inspect(vault)];
    printed.push(inspect(await weak.catch((error: unknown) => error)));
    expect(printed.join()).not.toMatch(/51HqLyjW|hunter2/);
  });
});

describe('a permit', () => {
  it('is not given for a record that was put together elsewhere', () => {
    expect(code(() => callPermit({ entry: intent('shop', 1), leaf: 0 }))).toBe('PERMIT_INVALID');
    const entry = { kind: 'vault.match-tables', at: 0, subject: 'vault', facts: {} } as const;
    expect(code(() => matchTablePermit({ entry, leaf: 0 }))).toBe('PERMIT_INVALID');
  });

  it('for match tables is not given for another record', () => {
    const entry = { kind: 'config.loaded', at: 0, subject: 'config', facts: {} } as const;
    expect(code(() => matchTablePermit(markRecorded(entry, 0)))).toBe('PERMIT_INVALID');
  });

  it('is not needed for a call without a credential', () => {
    expect(callPermit(markRecorded(intent(null, null), 0))).toBeNull();
  });
});

describe('openForMatching', () => {
  it('gives every secret field of current and previous versions, and no weak one', async () => {
    const { vault, matchPermit } = await withCredential();
    await vault.add(declared('shop'), token(other), strong);
    await vault.add(declared('old'), token('summer2026'), { acceptWeak: true });
    const { secrets, failures } = vault.openForMatching(await matchPermit());
    expect(secrets.map((secret) => secret.value.reveal())).toEqual([value, other]);
    expect(failures).toEqual([]);
  });

  it('takes its own permit, once', async () => {
    const { vault, matchPermit, permitFor } = await withCredential();
    const permit = await matchPermit();
    vault.openForMatching(permit);
    expect(code(() => vault.openForMatching(permit))).toBe('PERMIT_INVALID');
    expect(code(() => vault.openForMatching({ purpose: 'match-tables' }))).toBe('PERMIT_INVALID');
    const call: object = await permitFor('shop');
    expect(code(() => vault.openForMatching(call as never))).toBe('PERMIT_INVALID');
  });
});

describe('add', () => {
  it.each([
    ['an empty value', token('')],
    ['a line break', token(`${value}\n`)],
    ['a carriage return', token(`a\r${value}`)],
    ['a NUL', token(`${value}\0`)],
    ['a C1 control character', token(`${value}\u0085`)],
    ['a lone surrogate', token(`${value}\ud800`)],
    ['more than 16 KiB', token(value.repeat(600))],
    ['a missing field', {}],
    ['a field too many', { ...token(), note: { secret: false, value: 'x' } as const }],
    ['a secret field that is not marked so', { token: { secret: false, value } as const }],
  ])('refuses %s', async (_, fields) => {
    const { vault } = await openVault();
    await expect(vault.add(declared('shop'), fields, strong)).rejects.toMatchObject({ code: 'CREDENTIAL_VALUE' });
    expect(vault.list()).toEqual([]);
  });

  it('refuses a user name with a colon', async () => {
    const { vault } = await openVault();
    const pair = declared('pair', { kind: 'username-password', place: 'basic' });
    const fields = {
      username: { secret: false, value: 'a:b' },
      password: { secret: true, value: new Secret(value) },
    } as const;
    await expect(vault.add(pair, fields, strong)).rejects.toMatchObject({ code: 'CREDENTIAL_VALUE' });
  });

  it('refuses a value under 48 bits unless it is accepted as weak, and says so of the version', async () => {
    const { vault, permitFor } = await openVault();
    const attempt = vault.add(declared('shop'), token('summer2026'), strong);
    await expect(attempt).rejects.toMatchObject({
      code: 'CREDENTIAL_WEAK',
      message: expect.stringContaining('--accept-weak'),
    });
    await vault.add(declared('shop'), token('summer2026'), { acceptWeak: true });
    expect(vault.open(await permitFor('shop'), declared('shop')).isWeak).toBe(true);
  });

  it('records what was added, without the value', async () => {
    const { store } = await withCredential();
    const rows = await store.read(
      query.selectFrom('audit_leaf').select('leaf').where('kind', '=', 'credential.added').compile(),
    );
    const text = Buffer.from(rows[0]?.leaf ?? []).toString();
    const target = readableTarget(declared('shop').target);
    expect(JSON.parse(text)).toMatchObject({
      subject: 'shop',
      facts: { version: 1, kind: 'token', target, weak: false },
    });
    expect(text).not.toContain('51HqLyjW');
  });

  it('keeps the previous version, which a call in flight still opens, and destroys older ones', async () => {
    const { vault, store, permitFor } = await withCredential();
    await vault.add(declared('shop'), token(other), strong);
    await vault.add(declared('shop'), token(`${other}x`), strong);
    expect(vault.list().map(({ version, state }) => [version, state])).toEqual([
      [2, 'retired'],
      [3, 'current'],
    ]);
    const rows = await store.read(query.selectFrom('credential_version').select('version').compile());
    expect(rows).toEqual([{ version: 2 }, { version: 3 }]);
    expect(reveal(vault.open(await permitFor('shop', 2), declared('shop')).fields)).toBe(other);
  });

  it('numbers versions that are added at the same time one after the other', async () => {
    const { vault } = await openVault();
    const added = await Promise.all(
      [value, other, `${other}x`].map((text) => vault.add(declared('shop'), token(text), strong)),
    );
    expect(added.map((version) => version.version)).toEqual([1, 2, 3]);
  });

  // The lock of the state keeps a second process out; the rows hold where it does not.
  it.each([
    ['its first version', 0],
    ['its next version', 1],
  ])('of %s by two vaults at the same time is done by one, and the other one changes nothing', async (_, before) => {
    const { vault, store, rootKey, audit, clock, permitFor } = await openVault();
    if (before === 1) await vault.add(declared('shop'), token(value), strong);
    const second = await createVault({ rootKey, store, audit, clock, random });
    const texts = [other, `${other}x`] as const;
    const outcomes = await Promise.allSettled([
      vault.add(declared('shop'), token(texts[0]), strong),
      second.add(declared('shop'), token(texts[1]), strong),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(lost?.reason).toMatchObject({ code: 'STORE_CONFLICT' });
    const records = await readAudit(store, { kinds: ['credential.added'], limit: 10 });
    expect(records).toHaveLength(before + 1);
    const again = await createVault({ rootKey, store, audit, clock, random });
    const version = before + 1;
    const won = outcomes[0]?.status === 'fulfilled' ? texts[0] : texts[1];
    expect(
      again
        .list()
        .map((each) => [each.version, each.state])
        .at(-1),
    ).toEqual([version, 'current']);
    expect(reveal(again.open(await permitFor('shop', version), declared('shop')).fields)).toBe(won);
  });

  it('changes nothing when the record cannot be written', async () => {
    const { vault, store } = await withCredential();
    await store.close();
    await expect(vault.add(declared('shop'), token(other), strong)).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });
    expect(vault.current(declared('shop').definition.id)?.version).toBe(1);
  });

  it('begins a new key epoch after a month, and older versions still open', async () => {
    const { vault, store, clock, folder, permitFor } = await withCredential();
    clock.set(startMs + 30 * dayMs);
    await vault.add(declared('crm'), token(other), strong);
    const epochs = query.selectFrom('credential_version').select('kek_epoch').orderBy('version').orderBy('kek_epoch');
    expect(await store.read(epochs.compile())).toEqual([{ kek_epoch: 1 }, { kek_epoch: 2 }]);
    clock.set(startMs);
    expect(reveal(vault.open(await permitFor('shop'), declared('shop')).fields)).toBe(value);
    await store.close();
    const again = await openVault(folder, testClock(startMs + 30 * dayMs));
    expect(reveal(again.vault.open(await again.permitFor('crm'), declared('crm')).fields)).toBe(other);
  });
});

describe('remove', () => {
  it('destroys every version with its record, and never gives a number twice', async () => {
    const { vault, store, permitFor } = await withCredential();
    const { id } = declared('shop').definition;
    const permit = await permitFor('shop');
    await vault.remove(id);
    expect(await store.read(query.selectFrom('credential_version').selectAll().compile())).toEqual([]);
    expect(code(() => vault.open(permit, declared('shop')))).toBe('CREDENTIAL_MISSING');
    expect((await vault.add(declared('shop'), token(other), strong)).version).toBe(2);
  });

  it('is not undone by putting the row back', async () => {
    const folder = stateFolder();
    const { vault: first, store } = await openVault(folder);
    await first.add(declared('shop'), token(), strong);
    const backup = await store.read(query.selectFrom('credential_version').selectAll().compile());
    await first.remove(declared('shop').definition.id);
    const compiled = query.insertInto('credential_version').values(backup).compile();
    await store.write({ statements: [{ sql: compiled.sql, parameters: compiled.parameters as never }], leaves: [] });
    await store.close();
    const { vault, permitFor } = await openVault(folder);
    const permit = await permitFor('shop');
    expect(code(() => vault.open(permit, declared('shop')))).toBe('VAULT_TAMPERED');
  });

  it('refuses a credential without a value', async () => {
    const { vault } = await openVault();
    await expect(vault.remove(declared('shop').definition.id)).rejects.toMatchObject({ code: 'CREDENTIAL_UNKNOWN' });
  });
});
