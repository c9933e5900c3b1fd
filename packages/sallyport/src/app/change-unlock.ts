// Changes what unlocks a vault. A key file is always a new one, so that whoever holds a copy of an old one opens nothing with it.
import { existsSync, renameSync } from 'node:fs';
import { createAuditLog } from '../audit/record.ts';
import { SallyportError } from '../domain/errors.ts';
import { type ChangeUnlockSource, changeUnlockSource } from '../vault/change-unlock-source.ts';
import { openRootKey, unlockKinds } from '../vault/open-root-key.ts';
import { newUnlockSource, unlockSource } from '../vault/unlock/choose-source.ts';
import { type AppOptions, newUnlockMeans, openStore, requireState, unlockMeans } from './open-state.ts';
import { withOwnState } from './state-in-use.ts';
import { clock, random } from './system.ts';

/** What unlocks the vault from now on, and the key file that did until now; null where there is none. */
export interface ChangedUnlock {
  readonly unlockSource: 'passphrase' | 'key-file';
  readonly keyFile: string | null;
  readonly oldKeyFile: string | null;
}

/** Changes what unlocks the vault. @throws SallyportError UNLOCK_FAILED, STATE_UNSAFE, ADMIN_INPUT */
export async function changeUnlock(options: AppOptions, to: 'passphrase' | 'key-file'): Promise<ChangedUnlock> {
  requireState(options.paths);
  return await withOwnState(options, () => changeOwn(options, to));
}

async function changeOwn(options: AppOptions, to: 'passphrase' | 'key-file'): Promise<ChangedUnlock> {
  await using parts = new AsyncDisposableStack();
  const store = await openStore(options.paths, parts);
  const [kind = 'passphrase'] = await unlockKinds(store);
  if (options.person === null) requireNoQuestion(kind, to);
  const { keyFile } = options.paths;
  if (to === 'key-file' && kind !== 'key-file') requireFree(keyFile);
  const from = await unlockSource(kind, unlockMeans(options, options.person?.askPassphrase));
  const root = await openRootKey({ store, sources: [from], random });
  const audit = createAuditLog({ store, detailsKey: root.derive('audit-details'), random });
  parts.defer(() => root.close());
  const change = { store, audit, clock, random, from };
  const wasKeyFile = kind === 'key-file' ? keyFile : null;
  if (to === 'key-file') return await changeToKeyFile(options, change, wasKeyFile);
  await changeUnlockSource({ ...change, to: await newUnlockSource('passphrase', newUnlockMeans(options)) });
  return { unlockSource: to, keyFile: null, oldKeyFile: wasKeyFile };
}

type Change = Omit<ChangeUnlockSource, 'to'>;

async function changeToKeyFile(options: AppOptions, change: Change, old: string | null): Promise<ChangedUnlock> {
  const { keyFile } = options.paths;
  if (old === null) {
    await changeUnlockSource({ ...change, to: await newUnlockSource('key-file', newUnlockMeans(options)) });
    return { unlockSource: 'key-file', keyFile, oldKeyFile: null };
  }
  const aside = `${keyFile}.until-${new Date(clock.nowMs()).toISOString().replaceAll(':', '-')}`;
  const fresh = `${keyFile}.new`;
  requireFree(fresh);
  const paths = { ...options.paths, keyFile: fresh };
  const to = await newUnlockSource('key-file', newUnlockMeans({ ...options, paths }));
  // While both open the vault: killed in between, one of the files that are there opens it.
  const whileBothOpen = (): void => {
    renameSync(old, aside);
    renameSync(fresh, keyFile);
  };
  await changeUnlockSource({ ...change, to, whileBothOpen });
  return { unlockSource: 'key-file', keyFile, oldKeyFile: aside };
}

function requireNoQuestion(kind: string, to: 'passphrase' | 'key-file'): void {
  const wanted =
    to === 'passphrase' ? 'a new passphrase is' : kind === 'passphrase' ? "the vault's passphrase is" : null;
  if (wanted === null) return;
  throw new SallyportError('UNLOCK_FAILED', `${wanted} asked for at a terminal, and there is none: run this in one`);
}

function requireFree(path: string): void {
  if (!existsSync(path)) return;
  throw new SallyportError(
    'STATE_UNSAFE',
    `${path} is there already, and does not unlock this vault: a new key file is made, and none is written over. ` +
      'Move it away, or name another place with --key-file PATH',
  );
}
