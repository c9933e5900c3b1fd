// What opens the vault, what does not, and how it is changed.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { query } from '../../../src/store/query.ts';
import type { Store } from '../../../src/store/store.ts';
import { changeUnlockSource } from '../../../src/vault/change-unlock-source.ts';
import { createRootKey, hasRootKey, openRootKey, unlockKinds } from '../../../src/vault/open-root-key.ts';
import { handedFileSource } from '../../../src/vault/unlock/handed-file.ts';
import { createKeyFile, keyFileSource } from '../../../src/vault/unlock/key-file.ts';
import { passphraseSource } from '../../../src/vault/unlock/passphrase.ts';
import type { UnlockSource } from '../../../src/vault/unlock/unlock-source.ts';
import { openStore, stateFolder } from '../../store/state-folder.ts';
import { code, declared, openVault, random, reveal, strong, tamper, testClock, token, value } from '../vault-setup.ts';

const phrase = 'planet-window-finger-market-clever-9';

function passphrase(text: string): UnlockSource {
  return passphraseSource(new Secret(text), random);
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-keys-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function create(store: Store, source: UnlockSource) {
  return createRootKey({ store, source, random, clock: testClock() });
}

async function derived(store: Store, ...sources: readonly UnlockSource[]): Promise<string> {
  return (await openRootKey({ store, sources, random })).derive('token-hmac').toString('hex');
}

describe('a passphrase', () => {
  it('opens the same root key again, whatever the Unicode form in which it is typed', async () => {
    const store = await openStore();
    expect(await hasRootKey(store)).toBe(false);
    const root = await create(store, passphrase(`${phrase}-\u00e9`));
    expect(await derived(store, passphrase(`${phrase}-e\u0301`))).toBe(root.derive('token-hmac').toString('hex'));
    expect(await unlockKinds(store)).toEqual(['passphrase']);
  });

  it('that is wrong fails with UNLOCK_FAILED and says what to do, without the passphrase', async () => {
    const store = await openStore();
    await create(store, passphrase(phrase));
    const error = await derived(store, passphrase('market-planet-other-words-7')).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'UNLOCK_FAILED', message: expect.stringContaining('try again') });
    expect(String(error)).not.toContain('market');
  });

  it.each(['short', 'password1234', 'aaaaaaaaaaaaaaaaaaaa', 'summer-winter-2026'])(
    'that is easy to guess is refused with the reason: %s',
    async (text) => {
      await expect(create(await openStore(), passphrase(text))).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
    },
  );

  it('V02: is stretched off the event loop', async () => {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await passphrase(phrase).wrap(randomBytes(32), Buffer.from('context'));
    isDone = true;
    // On the loop it would allow none between the call and its result.
    expect(turns).toBeGreaterThan(10);
  });

  it.each([
    [
      'a flipped byte of the wrapped key',
      `wrapped = unhex(replace(hex(wrapped), substr(hex(wrapped), 40, 9), '012345678'))`,
    ],
    ['a flipped byte of the commitment', `commitment = unhex(substr(hex(commitment), 1, 62) || '00')`],
    ['another salt', `parameters = replace(parameters, '"salt":"', '"salt":"A')`],
    ['a cost that exhausts memory', `parameters = replace(parameters, '65536', '4000000000')`],
    ['a cost that is too low', `parameters = replace(parameters, '65536', '8')`],
    ['parameters that are no JSON', `parameters = '{'`],
    ['another time of creation', 'created_at = created_at + 1'],
  ])('does not open with %s', async (_, change) => {
    const path = stateFolder();
    const store = await openStore(path);
    await create(store, passphrase(phrase));
    await tamper(path, store, `update vault_root set ${change}`);
    await expect(derived(await openStore(path), passphrase(phrase))).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
  });
});

describe('a root key', () => {
  it('is created once for a store', async () => {
    const store = await openStore();
    const attempts = await Promise.allSettled([create(store, passphrase(phrase)), create(store, passphrase(phrase))]);
    expect(attempts.map((attempt) => attempt.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(create(store, passphrase(phrase))).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  });

  it('cannot be opened where there is none, or without a source of the kind that was used', async () => {
    const store = await openStore();
    await expect(derived(store, passphrase(phrase))).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    await create(store, passphrase(phrase));
    await expect(derived(store)).rejects.toMatchObject({
      code: 'UNLOCK_FAILED',
      message: expect.stringContaining('passphrase'),
    });
  });

  it('L09: gives nothing after it was closed', async () => {
    const root = await create(await openStore(), passphrase(phrase));
    root.close();
    expect(code(() => root.derive('token-hmac'))).toBe('SHUTTING_DOWN');
    expect(code(() => root.wrap(randomBytes(32), Buffer.alloc(0)))).toBe('SHUTTING_DOWN');
  });

  it('unwraps only what it wrapped, in the same context', async () => {
    const root = await create(await openStore(), passphrase(phrase));
    const wrapped = root.wrap(Buffer.from('key'), Buffer.from('a'));
    expect(root.unwrap(wrapped, Buffer.from('a')).toString()).toBe('key');
    expect(code(() => root.unwrap(wrapped, Buffer.from('b')))).toBe('VAULT_TAMPERED');
    expect(code(() => root.unwrap(Buffer.alloc(10), Buffer.from('a')))).toBe('VAULT_TAMPERED');
  });

  it('derives another key for each purpose', async () => {
    const root = await create(await openStore(), passphrase(phrase));
    const keys = (['token-hmac', 'audit-details', 'index-hmac'] as const).map((each) =>
      root.derive(each).toString('hex'),
    );
    expect(new Set(keys).size).toBe(3);
  });
});

describe('a key file', () => {
  async function made() {
    const location = { path: join(folder(), 'vault.key'), forbiddenFolders: [] };
    await createKeyFile(location, random);
    return location;
  }

  it('opens the vault, is for its owner only, and says what it is', async () => {
    const location = await made();
    const store = await openStore();
    const root = await create(store, keyFileSource(location, random));
    expect(await derived(store, keyFileSource(location, random))).toBe(root.derive('token-hmac').toString('hex'));
    expect(statSync(location.path).mode & 0o777).toBe(0o600);
    expect(readFileSync(location.path, 'utf8')).toMatch(/^# Sallyport vault key.*\n[\w-]{43}\n$/);
  });

  it('is never overwritten', async () => {
    const location = await made();
    await expect(createKeyFile(location, random)).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
  });

  it('of another vault does not open this one', async () => {
    const store = await openStore();
    await create(store, keyFileSource(await made(), random));
    const wrong = keyFileSource(await made(), random);
    await expect(derived(store, wrong)).rejects.toMatchObject({
      code: 'UNLOCK_FAILED',
      message: expect.stringMatching(/the key file \/.*vault\.key belongs to another vault/),
    });
  });

  const use = (location: { path: string; forbiddenFolders: readonly string[] }) =>
    keyFileSource(location, random).wrap(randomBytes(32), Buffer.alloc(0));

  it('that others can read is refused with its path, its mode and the command that closes it', async () => {
    const location = await made();
    chmodSync(location.path, 0o640);
    await expect(use(location)).rejects.toMatchObject({
      code: 'STATE_UNSAFE',
      message: `others can use the key file ${location.path} (its mode is 0640); run: chmod 600 ${location.path}`,
    });
  });

  it('A09: that is a symbolic link is refused', async () => {
    const { path } = await made();
    const link = `${path}.link`;
    symlinkSync(path, link);
    await expect(use({ path: link, forbiddenFolders: [] })).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
  });

  it('that is a folder, too large, damaged or missing is refused', async () => {
    const { path } = await made();
    mkdirSync(`${path}.d`, { mode: 0o700 });
    await expect(use({ path: `${path}.d`, forbiddenFolders: [] })).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
    writeFileSync(path, 'x'.repeat(5000));
    await expect(use({ path, forbiddenFolders: [] })).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
    writeFileSync(path, '# Sallyport\nshort\n');
    await expect(use({ path, forbiddenFolders: [] })).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    await expect(use({ path: `${path}.none`, forbiddenFolders: [] })).rejects.toMatchObject({
      code: 'UNLOCK_FAILED',
      message: expect.stringContaining(`the key file ${path}.none does not exist`),
    });
  });

  it('inside the state or the project is refused, by way of a symbolic link too', async () => {
    const project = folder();
    const elsewhere = join(folder(), 'link');
    mkdirSync(join(project, 'sub'));
    symlinkSync(join(project, 'sub'), elsewhere);
    for (const path of [
      join(project, 'k'),
      join(project, 'new', 'k'),
      join(elsewhere, 'k'),
      join(project, '..k', 'k'),
    ]) {
      const attempt = createKeyFile({ path, forbiddenFolders: [project] }, random);
      await expect(attempt).rejects.toMatchObject({ code: 'STATE_UNSAFE', message: expect.stringContaining('inside') });
    }
  });
});

describe('a handed-over file', () => {
  function handed(content: Buffer, mode = 0o400) {
    const directory = folder();
    writeFileSync(join(directory, 'vault'), content, { mode });
    return handedFileSource({ directory, name: 'vault' }, random);
  }

  it('opens the vault', async () => {
    const store = await openStore();
    const source = handed(randomBytes(48));
    const root = await create(store, source);
    expect(await derived(store, source)).toBe(root.derive('token-hmac').toString('hex'));
  });

  it('that is another one does not open it', async () => {
    const store = await openStore();
    await create(store, handed(randomBytes(48)));
    await expect(derived(store, handed(randomBytes(48)))).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
  });

  it('is refused when it is short, readable by everybody, or named by a path', async () => {
    const use = (source: UnlockSource) => source.wrap(randomBytes(32), Buffer.alloc(0));
    await expect(use(handed(randomBytes(31)))).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    await expect(use(handed(randomBytes(48), 0o444))).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
    const path = handedFileSource({ directory: folder(), name: '../vault' }, random);
    await expect(use(path)).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
  });
});

describe('changing the unlock source', () => {
  it('leaves every credential as it was sealed, and the old source stops working', async () => {
    const opened = await openVault();
    const { store, audit, clock, vault } = opened;
    await vault.add(declared('shop'), token(), strong);
    const sealed = query.selectFrom('credential_version').selectAll().compile();
    const before = await store.read(sealed);
    await changeUnlockSource({ store, audit, clock, random, from: opened.source, to: passphrase(phrase) });
    expect(await store.read(sealed)).toEqual(before);
    await expect(derived(store, opened.source)).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    expect(await derived(store, passphrase(phrase))).toBe(opened.rootKey.derive('token-hmac').toString('hex'));
    expect(reveal(vault.open(await opened.permitFor('shop'), declared('shop')).fields)).toBe(value);
  });

  it('from one passphrase to another makes the old one useless, and is recorded without either', async () => {
    const { store, audit, clock, source } = await openVault();
    const next = 'ocean-carpet-violin-tractor-helmet-4';
    await changeUnlockSource({ store, audit, clock, random, from: source, to: passphrase(phrase) });
    await changeUnlockSource({ store, audit, clock, random, from: passphrase(phrase), to: passphrase(next) });
    await expect(derived(store, passphrase(phrase))).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    await derived(store, passphrase(next));
    const leaves = query.selectFrom('audit_leaf').select('leaf').where('kind', '=', 'vault.unlock-changed').compile();
    const texts = (await store.read(leaves)).map(({ leaf }) => Buffer.from(leaf).toString());
    expect(texts).toHaveLength(2);
    expect(texts.join()).not.toMatch(/planet|ocean/);
  });

  it('needs the old source, and refuses a weak new one; the old one stays', async () => {
    const { store, audit, clock, source } = await openVault();
    const change = { store, audit, clock, random };
    const wrong = changeUnlockSource({ ...change, from: passphrase(phrase), to: passphrase(phrase) });
    await expect(wrong).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    const weak = changeUnlockSource({ ...change, from: source, to: passphrase('password1234') });
    await expect(weak).rejects.toMatchObject({ code: 'ADMIN_INPUT' });
    await derived(store, source);
  });

  it('keeps the old source when what was stored does not open with the new one', async () => {
    const { store, audit, clock, source } = await openVault();
    // A source that wraps with one passphrase and opens with another, as a keyring that lost its entry does.
    const broken: UnlockSource = { ...passphrase(phrase), unwrap: passphrase(`${phrase}-other`).unwrap };
    const change = changeUnlockSource({ store, audit, clock, random, from: source, to: broken });
    await expect(change).rejects.toMatchObject({ code: 'UNLOCK_FAILED' });
    await derived(store, source);
    expect(await unlockKinds(store)).toEqual(['handed-file']);
  });
});
