// Finds the files of a state and its key behind every name that they can have: links of both kinds, and paths into the folder.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileIdentity, OwnFiles } from '../domain/own-files.ts';
import { leadsInto } from './key-place.ts';
import type { StatePaths } from './state-paths.ts';

/** The files of a state, as they are when they are asked for. */
export function ownFiles({ stateFolder, keyFile }: Pick<StatePaths, 'stateFolder' | 'keyFile'>): OwnFiles {
  const include = (file: FileIdentity): boolean =>
    [keyFile, ...namesIn(stateFolder).map((name) => join(stateFolder, name))].some((own) => {
      const other = identityOf(own);
      return other !== undefined && other.dev === file.dev && other.ino === file.ino;
    });
  return {
    include,
    isReachedBy: (path) => {
      const file = identityOf(path);
      return leadsInto(path, stateFolder) || (file !== undefined && include(file));
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nothing was made there yet.
    return [];
  }
}

// What is not there, or may not be looked at, cannot be told by its number; whoever opens it looks again.
function identityOf(path: string): FileIdentity | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
