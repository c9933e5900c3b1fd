// Turns the command line of `sallyport up` into the flags of the server's process, and makes the folder that they name.
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SallyportError } from '../domain/errors.ts';
import type { OwnFiles } from '../domain/own-files.ts';
import { projectFolderOf, refuseMisplacedKey } from './key-place.ts';
import { ownFiles } from './own-files.ts';
import { packageFolder } from './package-folder.ts';
import { type ServiceFile, serverPermissions } from './server-permissions.ts';
import { makeStateFolder } from './state-folder.ts';
import { type StatePaths, statePaths } from './state-paths.ts';

/** What the flags follow from; `serviceFiles` reads the config and never throws. */
export interface ServerFlagsOptions {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serviceFiles: (configPath: string, ownFiles: OwnFiles) => Promise<readonly ServiceFile[]>;
}

/** The flags, empty for any command but `up`; or a message that says what to do. */
export type ServerFlags =
  | { readonly ok: true; readonly flags: readonly string[] }
  | { readonly ok: false; readonly message: string };

// In MB. What a call leaves behind is short-lived; the runtime's own bound, several times that, would only be filled at start and
// stay resident (measured with 500 operations: 219 MB as against 164). What a start leaves behind is collected by hand
// (app/release-memory.ts).
const memoryFlags = ['--max-semi-space-size=8', '--expose-gc'];

/** The config file of a command that was given none, in the current folder. */
export const defaultConfigFile = 'sallyport.yaml';

/** Answers the launcher; checks the places of key and state and creates the state folder on the way. */
export async function serverFlags(options: ServerFlagsOptions): Promise<ServerFlags> {
  const { values, positionals } = parseArgs({
    args: withoutBareKeyFile(options.args),
    options: {
      config: { type: 'string' },
      state: { type: 'string' },
      'key-file': { type: 'string' },
      name: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
  });
  if (positionals[0] !== 'up' || values.help === true) return { ok: true, flags: [] };
  // The model compares paths as text: the server opens the config by this one, links or not.
  const configPath = resolve(text(values.config) ?? defaultConfigFile);
  try {
    const paths = statePaths({
      environment: options.environment,
      homeFolder: homedir(),
      name: text(values.name),
      state: absolute(text(values.state)),
      keyFile: absolute(text(values['key-file'])),
    });
    return { ok: true, flags: await flagsFor(options, configPath, paths) };
  } catch (error) {
    if (error instanceof SallyportError) return { ok: false, message: `${error.code}: ${error.message}` };
    throw error;
  }
}

// The command line takes `--key-file` without a path as well; this parser would take the next option for its path.
function withoutBareKeyFile(args: readonly string[]): string[] {
  return args.filter((arg, index) => arg !== '--key-file' || args[index + 1]?.startsWith('-') === false);
}

async function flagsFor(
  options: ServerFlagsOptions,
  configPath: string,
  paths: StatePaths,
): Promise<readonly string[]> {
  // The permission model takes a folder for everything in it.
  if (statSync(configPath, { throwIfNoEntry: false })?.isFile() === false) {
    throw new SallyportError(
      'CONFIG_INVALID',
      `${configPath} is not a regular file: name the config with --config FILE`,
    );
  }
  const projectFolder = projectFolderOf(configPath, homedir());
  refuseMisplacedKey({ keyFile: paths.keyFile, stateFolder: paths.stateFolder, projectFolder });
  makeStateFolder(paths.stateFolder);
  const places = {
    programFolder: packageFolder,
    configPath,
    serviceFiles: await options.serviceFiles(configPath, ownFiles(paths)),
    credentialsFolder: options.environment['CREDENTIALS_DIRECTORY'],
  };
  return [
    ...memoryFlags,
    ...serverPermissions({ ...places, statePaths: paths }, (flag) => process.allowedNodeEnvironmentFlags.has(flag)),
  ];
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
