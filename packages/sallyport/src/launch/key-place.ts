// Keeps the key apart from what it opens: a copy of the state or of a project must never hold the key as well.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { SallyportError } from '../domain/errors.ts';

/** The places that a key file is checked against; `projectFolder` is undefined where the config is in no project. */
export interface KeyPlace {
  readonly keyFile: string;
  readonly stateFolder: string;
  readonly projectFolder: string | undefined;
}

/**
 * Refuses a key file that lies in the state or in the project's folder, links followed; the file need not exist yet.
 * @throws SallyportError STATE_UNSAFE
 */
export function refuseMisplacedKey(place: KeyPlace): void {
  if (leadsInto(place.keyFile, place.stateFolder)) {
    throw misplaced(place.keyFile, `the state folder ${place.stateFolder}`);
  }
  if (place.projectFolder !== undefined && leadsInto(place.keyFile, place.projectFolder)) {
    throw misplaced(place.keyFile, `the project's folder ${place.projectFolder}`);
  }
}

function misplaced(keyFile: string, where: string): SallyportError {
  return new SallyportError(
    'STATE_UNSAFE',
    `the key file ${keyFile} is inside ${where}: move it out of there and name it with --key-file PATH`,
  );
}

/**
 * The folder of the project that a config belongs to: the nearest one above it with `.git`, else the config's own.
 * The home folder and what contains it are no project: every key of the user lies there.
 */
export function projectFolderOf(configFile: string, homeFolder: string): string | undefined {
  const own = realPath(dirname(configFile));
  const project = ancestors(own).find((folder) => existsSync(join(folder, '.git'))) ?? own;
  const candidates = project === own ? [own] : [project, own];
  return candidates.find((folder) => !isInside(realPath(homeFolder), folder));
}

/** Whether a path leads into a folder, links followed. */
export function leadsInto(path: string, folder: string): boolean {
  return isInside(realPath(path), realPath(folder));
}

// What does not exist yet has no links: the nearest folder that exists decides.
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(way));
}

function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
