// Where Sallyport keeps its state and its key: in the user's own folders, apart from each other and outside every project.
import { join } from 'node:path';
import { SallyportError } from '../domain/errors.ts';

/** The files of one named Sallyport; all but `keyFile` lie in `stateFolder`. */
export interface StatePaths {
  readonly stateFolder: string;
  readonly database: string;
  readonly lock: string;
  readonly operatorSocket: string;
  readonly agentSocket: string;
  readonly tilesFolder: string;
  readonly caFile: string;
  readonly configCache: string;
  readonly keyFile: string;
}

/** What the paths follow from; the last three are the options `--name`, `--state` and `--key-file`, as absolute paths. */
export interface StatePathOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly name?: string | undefined;
  readonly state?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The name of a Sallyport that was given none. */
const defaultName = 'default';

/**
 * The paths of a Sallyport, without touching the disk.
 * @throws SallyportError ADMIN_INPUT when the name is not 1 to 40 lower case letters, digits and dashes
 */
export function statePaths(options: StatePathOptions): StatePaths {
  const name = options.name ?? defaultName;
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
    throw new SallyportError(
      'ADMIN_INPUT',
      'a name has 1 to 40 lower case letters, digits and dashes: choose another --name',
    );
  }
  const stateFolder = options.state ?? join(userFolder(options, 'XDG_STATE_HOME', '.local/state'), 'sallyport', name);
  const keyFile =
    options.keyFile ?? join(userFolder(options, 'XDG_CONFIG_HOME', '.config'), 'sallyport', `${name}.key`);
  return {
    stateFolder,
    database: join(stateFolder, 'state.db'),
    lock: join(stateFolder, 'lock'),
    operatorSocket: join(stateFolder, 'operator.sock'),
    agentSocket: join(stateFolder, 'agent.sock'),
    tilesFolder: join(stateFolder, 'tiles'),
    caFile: join(stateFolder, 'ca.pem'),
    configCache: join(stateFolder, 'config.cache'),
    keyFile,
  };
}

// XDG Base Directory Specification 0.8: a relative path in these variables is invalid and ignored.
function userFolder(options: StatePathOptions, variable: string, otherwise: string): string {
  const value = options.environment[variable];
  return value?.startsWith('/') === true ? value : join(options.homeFolder, otherwise);
}
