// The options that every command shares, resolved once into paths.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { defaultConfigFile } from '../launch/server-flags.ts';
import { type StatePaths, statePaths } from '../launch/state-paths.ts';

/** What a command works on. */
export interface CommandScope {
  readonly configFile: string;
  /** Whether `--config` was given; else the config is the one of the current folder, if there is one. */
  readonly isConfigNamed: boolean;
  readonly paths: StatePaths;
  /** Whether `--key-file` was given: the vault is then created with a key file. */
  readonly wantsKeyFile: boolean;
  readonly isJson: boolean;
}

/** The shared options as the parser gives them. */
export interface SharedOptions {
  readonly config?: string;
  readonly name?: string;
  readonly state?: string;
  readonly keyFile?: string | true;
  readonly json?: boolean;
}

/** Adds the options of a command that works on the config alone. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', `the config (default: ${defaultConfigFile} in the current folder)`)
    .option('--json', 'one JSON object instead of text');
}

/** Adds the shared options to a command. */
export function withSharedOptions(command: Command): Command {
  return withConfigOptions(command)
    .option('--name <name>', 'which Sallyport of this user, where there are several')
    .option('--state <folder>', 'the state folder, instead of the one in your state directory')
    .option('--key-file [file]', 'unlock by a key file; without a path, the one in your config directory');
}

/** Resolves the shared options. @throws SallyportError ADMIN_INPUT */
export function commandScope(options: SharedOptions): CommandScope {
  return {
    configFile: resolve(options.config ?? defaultConfigFile),
    isConfigNamed: options.config !== undefined,
    paths: statePaths({
      environment: process.env,
      homeFolder: homedir(),
      name: options.name,
      state: options.state === undefined ? undefined : resolve(options.state),
      keyFile: typeof options.keyFile === 'string' ? resolve(options.keyFile) : undefined,
    }),
    wantsKeyFile: options.keyFile !== undefined,
    isJson: options.json === true,
  };
}
