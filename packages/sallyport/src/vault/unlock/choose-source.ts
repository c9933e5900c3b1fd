// Chooses how a vault is unlocked: by what its stored form asks for, or, for a new vault, by what the caller has.
import { existsSync } from 'node:fs';
import { SallyportError } from '../../domain/errors.ts';
import type { Random } from '../../domain/random.ts';
import type { Secret } from '../../domain/secret.ts';
import { handedFileSource } from './handed-file.ts';
import { createKeyFile, type KeyFileLocation, keyFileSource } from './key-file.ts';
import { passphraseSource } from './passphrase.ts';
import type { UnlockSource, UnlockSourceKind } from './unlock-source.ts';

/** What is at hand to unlock with. */
export interface UnlockMeans {
  readonly keyFile: KeyFileLocation;
  /** `$CREDENTIALS_DIRECTORY`; null where no service manager hands anything over. */
  readonly credentialsDirectory: string | null;
  /** Asks the person for the passphrase; null without a terminal. */
  readonly askPassphrase: (() => Promise<Secret>) | null;
  readonly random: Random;
}

/** Name of the file that a service manager hands over. */
const handedFileName = 'sallyport-key';

/**
 * The source of the given kind.
 * @throws SallyportError UNLOCK_FAILED when what it needs is not at hand
 */
export async function unlockSource(kind: string, means: UnlockMeans): Promise<UnlockSource> {
  switch (kind) {
    case 'key-file':
      return keyFileSource(means.keyFile, means.random);
    case 'handed-file':
      if (means.credentialsDirectory === null)
        throw needs('a file from the service manager: start it as its unit says');
      return handedFileSource({ directory: means.credentialsDirectory, name: handedFileName }, means.random);
    case 'passphrase':
      if (means.askPassphrase === null)
        throw needs(
          'a passphrase, and there is no terminal to ask for it on: run this in a terminal; or start `sallyport up` in one, ' +
            'and commands need no passphrase; or change to a key file with `sallyport vault unlock-by key-file`',
        );
      return passphraseSource(await means.askPassphrase(), means.random);
    default:
      throw needs('a source that this version does not know: use the version that made it');
  }
}

/** The source of a new vault; a key file that is there is used, else made. @throws SallyportError UNLOCK_FAILED, STATE_UNSAFE */
export async function newUnlockSource(kind: UnlockSourceKind, means: UnlockMeans): Promise<UnlockSource> {
  // It is there when an earlier start was cut between the file and the vault.
  if (kind === 'key-file' && !existsSync(means.keyFile.path)) await createKeyFile(means.keyFile, means.random);
  return await unlockSource(kind, means);
}

function needs(what: string): SallyportError {
  return new SallyportError('UNLOCK_FAILED', `this vault is unlocked by ${what}`);
}
