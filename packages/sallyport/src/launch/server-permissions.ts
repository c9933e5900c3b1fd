// The permission model that the server runs under: it reads program, config, key and state, writes state only, starts no program.
import { dirname, join } from 'node:path';
import { SallyportError } from '../domain/errors.ts';
import type { StatePaths } from './state-paths.ts';

/** A file outside the state that a service is made of, or that the config names (certificates). */
export interface ServiceFile {
  readonly path: string;
  readonly write: boolean;
}

/** What the server works with; all paths absolute, with links followed. */
export interface ServerPlaces {
  /** The folder of the package: its code, and above it the `node_modules` of its dependencies. */
  readonly programFolder: string;
  readonly configPath: string;
  readonly statePaths: StatePaths;
  readonly serviceFiles: readonly ServiceFile[];
  /** Where a service manager hands credentials over ($CREDENTIALS_DIRECTORY). */
  readonly credentialsFolder?: string | undefined;
}

/**
 * The runtime's flags for these places. The model binds the runtime's own file functions: node:sqlite opens any path
 * (measured on 26.10), which is why statements are checked by the engine's authoriser as well.
 * @param isKnownFlag whether the runtime has a flag: Node 24 has no `--allow-net` and leaves the network open
 * @throws SallyportError STATE_UNSAFE when a path holds a `*`, which the runtime would read as a wildcard
 */
export function serverPermissions(places: ServerPlaces, isKnownFlag: (flag: string) => boolean): readonly string[] {
  const read = [
    places.programFolder,
    ...moduleFolders(places.programFolder),
    places.configPath,
    places.statePaths.keyFile,
    places.statePaths.stateFolder,
    ...(places.credentialsFolder === undefined ? [] : [places.credentialsFolder]),
    ...places.serviceFiles.flatMap((file) => withCompanions(file.path)),
  ];
  const write = [
    places.statePaths.stateFolder,
    ...places.serviceFiles.filter((file) => file.write).flatMap((file) => withCompanions(file.path)),
  ];
  for (const path of [...read, ...write]) refuseWildcard(path);
  return [
    '--permission',
    ...['--allow-net', '--allow-worker'].filter(isKnownFlag),
    // That workers and the network are allowed is decided here; the runtime would warn about both at every start.
    '--disable-warning=PERM0006',
    '--disable-warning=ExperimentalWarning',
    ...new Set(read.map((path) => `--allow-fs-read=${path}`)),
    ...new Set(write.map((path) => `--allow-fs-write=${path}`)),
  ];
}

// SQLite keeps its journal, its write-ahead log and the log's index beside the file.
function withCompanions(path: string): readonly string[] {
  return [path, `${path}-journal`, `${path}-wal`, `${path}-shm`];
}

// As the runtime looks packages up: in every node_modules on the way to the root.
function moduleFolders(folder: string): readonly string[] {
  const parent = dirname(folder);
  const own = join(folder, 'node_modules');
  return parent === folder ? [own] : [own, ...moduleFolders(parent)];
}

function refuseWildcard(path: string): void {
  if (!path.includes('*')) return;
  throw new SallyportError(
    'STATE_UNSAFE',
    'a path of the config or the state holds a *: rename it, the runtime reads it as a wildcard',
  );
}
