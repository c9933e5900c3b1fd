// Reads a file that holds a key, and refuses one that somebody else could have read or put there.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SallyportError } from '../../domain/errors.ts';
import { shellWord } from '../../domain/shell-word.ts';

/** Which file, and what is refused of it. */
export interface PrivateFile {
  readonly path: string;
  /** Permission bits that must not be set. */
  readonly refusedModeBits: number;
  readonly maxBytes: number;
  /** Service managers hand over files that root owns. */
  readonly mayBelongToRoot: boolean;
  /** What to do when it is not there, or cannot be read. */
  readonly remedy: string;
}

/**
 * The bytes of the file; its checks and its bytes come from one descriptor, so that it cannot be exchanged in between.
 * @throws SallyportError UNLOCK_FAILED (cannot be read), STATE_UNSAFE (symlink, owner, mode, size)
 */
export async function readPrivateFile(wanted: PrivateFile): Promise<Buffer> {
  await using file = await openRegular(wanted);
  const { mode, uid, size, isFile } = await facts(file);
  const self = process.getuid?.();
  // Windows has neither owner ids nor mode bits.
  const isOwned = self === undefined || uid === self || (wanted.mayBelongToRoot && uid === 0);
  if (!isFile || !isOwned)
    throw unsafe(`the key ${wanted.path} must be a regular file of your own; see: ls -ld ${shellWord(wanted.path)}`);
  if (self !== undefined && (mode & wanted.refusedModeBits) !== 0) {
    const modeText = (mode & 0o777).toString(8).padStart(4, '0');
    throw unsafe(
      `others can use the key file ${wanted.path} (its mode is ${modeText}); run: chmod 600 ${shellWord(wanted.path)}`,
    );
  }
  if (size > wanted.maxBytes) throw unsafe(`the key file ${wanted.path} is too large to be one`);
  return file.readFile();
}

async function openRegular({ path, remedy }: PrivateFile): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK a named pipe would hold the start until somebody writes to it.
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ELOOP')
      throw unsafe(`the key file ${path} is a symbolic link; give the file itself`, cause);
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const what = isMissing ? 'does not exist' : 'cannot be read by this user';
    throw new SallyportError('UNLOCK_FAILED', `the key file ${path} ${what}; ${remedy}`, { cause });
  }
}

function unsafe(message: string, cause?: unknown): SallyportError {
  return new SallyportError('STATE_UNSAFE', message, { cause });
}

async function facts(file: FileHandle) {
  const stat = await file.stat();
  return { mode: stat.mode, uid: stat.uid, size: stat.size, isFile: stat.isFile() };
}
