// Unlocks with a file that only its owner can read, kept apart from the state and from every project.
import { constants } from 'node:fs';
import { mkdir, open, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { SallyportError } from '../../domain/errors.ts';
import type { Random } from '../../domain/random.ts';
import { keyBytes } from '../sealed-box.ts';
import { readPrivateFile } from './private-file.ts';
import { type UnlockSource, unwrapRoot, wrapRoot } from './unlock-source.ts';

/** Where a key file lies, and where it must not. */
export interface KeyFileLocation {
  readonly path: string;
  /** The state folder and the project's folder: whoever gets one of them must not get the key with it. */
  readonly forbiddenFolders: readonly string[];
}

const header = '# Sallyport vault key. Whoever reads this file can open the vault. Keep a copy offline.';
const maxBytes = 4096;

/**
 * Writes a new key file of 32 random bytes with mode 0600; never overwrites one.
 * @throws SallyportError STATE_UNSAFE (the place is forbidden, or something lies there already)
 */
export async function createKeyFile(location: KeyFileLocation, random: Random): Promise<void> {
  await requireAllowedPlace(location);
  await mkdir(dirname(location.path), { recursive: true, mode: 0o700 });
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  // O_NOFOLLOW does not exist on Windows.
  const flags = O_CREAT | O_EXCL | O_WRONLY | (O_NOFOLLOW ?? 0);
  const key = random.bytes(keyBytes);
  try {
    await using file = await open(location.path, flags, 0o600);
    await file.writeFile(`${header}\n${key.toString('base64url')}\n`);
    // A key that is lost in a power cut takes every credential with it.
    await file.sync();
  } catch (cause) {
    throw new SallyportError('STATE_UNSAFE', `the key file ${location.path} cannot be created; is there one already?`, {
      cause,
    });
  } finally {
    key.fill(0);
  }
}

/** The source for a key file. */
export function keyFileSource(location: KeyFileLocation, random: Random): UnlockSource {
  const readKey = async (): Promise<Buffer> => {
    await requireAllowedPlace(location);
    const refusedModeBits = 0o077;
    const remedy = 'put it back from your copy, or name another place with --key-file PATH';
    const wanted = { path: location.path, refusedModeBits, maxBytes, mayBelongToRoot: false, remedy };
    return parseKey(await readPrivateFile(wanted), location.path);
  };
  return {
    kind: 'key-file',
    async wrap(root, context) {
      return wrapRoot({ kind: 'key-file', parameters: '{}', key: await readKey(), random }, root, context);
    },
    async unwrap(wrapped, context) {
      const advice = `the key file ${location.path} belongs to another vault; give the one that was made with this state`;
      return unwrapRoot({ key: await readKey(), random, advice }, wrapped, context);
    },
  };
}

function parseKey(content: Buffer, path: string): Buffer {
  const lines = content.toString('latin1').split('\n');
  content.fill(0);
  const text = lines[1] ?? '';
  const key = Buffer.from(text, 'base64url');
  if (lines[0] === header && key.length === keyBytes && key.toString('base64url') === text) return key;
  throw new SallyportError('UNLOCK_FAILED', `${path} is not a Sallyport key file, or it is damaged; restore it`);
}

async function requireAllowedPlace({ path, forbiddenFolders }: KeyFileLocation): Promise<void> {
  const place = join(await realOf(dirname(resolve(path))), basename(path));
  for (const folder of forbiddenFolders) {
    if (isInside(place, await realOf(resolve(folder))) || isInside(resolve(path), resolve(folder)))
      throw new SallyportError(
        'STATE_UNSAFE',
        `the key file ${path} lies inside ${folder}; move it out of there and name it with --key-file PATH`,
      );
  }
}

// A folder that does not exist yet is judged by its nearest parent that does.
async function realOf(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : join(await realOf(parent), basename(folder));
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !/^\.\.[/\\]/.test(way));
}
