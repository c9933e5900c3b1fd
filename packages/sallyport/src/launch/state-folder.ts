// Makes the folder of the state before the server starts: under the permission model a folder that is not there cannot be allowed.
import { mkdirSync, statSync } from 'node:fs';
import { SallyportError } from '../domain/errors.ts';
import { shellWord } from '../domain/shell-word.ts';

/**
 * Creates the state folder with mode 0700, or checks that the one that is there belongs to this user and to nobody else.
 * @throws SallyportError STATE_UNSAFE
 */
export function makeStateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const facts = statSync(folder);
  // Windows has neither owners nor modes of this kind: the user's profile folder protects it there.
  const userId = process.getuid?.();
  if (userId === undefined) return;
  if (facts.uid !== userId) {
    throw new SallyportError(
      'STATE_UNSAFE',
      `the state folder ${folder} belongs to another user: choose another one with --state`,
    );
  }
  if ((facts.mode & 0o077) !== 0) {
    const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
    throw new SallyportError(
      'STATE_UNSAFE',
      `others may enter the state folder ${folder} (its mode is ${mode}); run: chmod 700 ${shellWord(folder)}`,
    );
  }
}
