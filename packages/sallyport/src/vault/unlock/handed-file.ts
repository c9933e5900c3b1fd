// Unlocks with a file that the service manager hands over ($CREDENTIALS_DIRECTORY/NAME of systemd).
import { join } from 'node:path';
import { SallyportError } from '../../domain/errors.ts';
import type { Random } from '../../domain/random.ts';
import { deriveKey } from '../sealed-box.ts';
import { readPrivateFile } from './private-file.ts';
import { type UnlockSource, unwrapRoot, wrapRoot } from './unlock-source.ts';

/** The file that was handed over. */
export interface HandedFile {
  /** Value of `$CREDENTIALS_DIRECTORY`. */
  readonly directory: string;
  readonly name: string;
}

const minimumBytes = 32;
const maxBytes = 65_536;
// systemd gives the service its read access by an ACL, whose mask shows as group bits; nobody else may read or write.
const refusedModeBits = 0o037;

/** The source for a handed-over file of 32 random bytes or more. */
export function handedFileSource(file: HandedFile, random: Random): UnlockSource {
  return {
    kind: 'handed-file',
    async wrap(root, context) {
      return wrapRoot({ kind: 'handed-file', parameters: '{}', key: await readKey(file), random }, root, context);
    },
    async unwrap(wrapped, context) {
      const advice = 'the file that was handed over belongs to another vault; check the unit of the service';
      return unwrapRoot({ key: await readKey(file), random, advice }, wrapped, context);
    },
  };
}

async function readKey({ directory, name }: HandedFile): Promise<Buffer> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new SallyportError('ADMIN_INPUT', 'the name of a handed-over file is a plain file name');
  const path = join(directory, name);
  const remedy = `the unit of the service hands it over: LoadCredential=${name}:PATH`;
  const content = await readPrivateFile({ path, refusedModeBits, maxBytes, mayBelongToRoot: true, remedy });
  if (content.length < minimumBytes)
    throw new SallyportError(
      'UNLOCK_FAILED',
      `the handed-over file has fewer than ${minimumBytes} bytes; make a new one`,
    );
  const key = deriveKey(content, 'handed-file');
  content.fill(0);
  return key;
}
