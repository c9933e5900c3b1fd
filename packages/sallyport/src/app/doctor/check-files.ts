// Who may read and write the files that Sallyport depends on.
import { accessSync, constants, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../domain/config.ts';
import type { StatePaths } from '../../launch/state-paths.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Findings on the state, the key and the config. */
export function checkFiles(paths: StatePaths, configFile: string): readonly Finding[] {
  return [
    ...[paths.stateFolder, paths.database, paths.operatorSocket, paths.agentSocket, paths.keyFile].flatMap(
      checkPrivate,
    ),
    ...checkConfigFile(configFile),
  ];
}

/** Findings on the files of SQLite services. */
export function checkSqliteFiles({ services, operations }: Config): readonly Finding[] {
  const written = new Set(
    [...operations.values()].filter(({ effect }) => effect !== 'read').map((each) => each.service),
  );
  return [...services.values()].flatMap((service) => {
    if (service.type !== 'sqlite') return [];
    const check = `service ${service.id}`;
    const mode = written.has(service.id) ? constants.R_OK | constants.W_OK : constants.R_OK;
    const may = written.has(service.id) ? 'read and written' : 'read';
    if (isAccessible(service.file, mode)) return [ok(check, `the database can be ${may}`)];
    return [fail(check, `the database cannot be ${may} by this user`, `check ${service.file}`)];
  });
}

function checkPrivate(path: string): readonly Finding[] {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return [];
  const check = 'files';
  const userId = process.getuid?.();
  if (userId === undefined) return [ok(check, `${path} is protected by the profile of this user`)];
  if (facts.isSymbolicLink()) return [warn(check, `${path} is a link`, 'put the file itself there')];
  if (facts.uid !== userId)
    return [fail(check, `${path} belongs to another user`, `give it to this user, or choose another place`)];
  if ((facts.mode & 0o077) === 0) return [ok(check, `${path} is closed to others`)];
  return [fail(check, `others may open ${path}`, `chmod go-rwx '${path}'`)];
}

// Whoever may replace the config decides what agents may do.
function checkConfigFile(path: string): readonly Finding[] {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return [];
  const folder = statSync(dirname(path));
  const isOpen = isWritableByOthers(facts) || (isWritableByOthers(folder) && (folder.mode & 0o1000) === 0);
  if (!isOpen) return [ok('files', `${path} cannot be changed by others`)];
  return [fail('files', `others may change ${path}, or replace it`, 'chmod go-w the file and its folder')];
}

function isWritableByOthers({ mode }: Stats): boolean {
  return process.getuid !== undefined && (mode & 0o022) !== 0;
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
