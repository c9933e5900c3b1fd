// `sallyport init http|sqlite|postgres|github`: a commented config to start from.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Argument, Command } from 'commander';
import { type InitKind, initKinds, initTemplate } from '../../config/templates/init-template.ts';
import { SallyportError } from '../../domain/errors.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { commandScope, type SharedOptions, withConfigOptions } from '../options.ts';
import { print } from '../output.ts';

/** The command `init`. */
export function initCommand(): Command {
  return withConfigOptions(new Command('init'))
    .description('write a commented config to start from')
    .addArgument(new Argument('<kind>', 'kind of service').choices([...initKinds]))
    .action((kind: InitKind, options: SharedOptions) => {
      const scope = commandScope(options);
      if (existsSync(scope.configFile)) {
        throw new SallyportError('ADMIN_INPUT', `${scope.configFile} exists already; name another file with --config`);
      }
      write(scope.configFile, initTemplate(kind));
      print(scope.isJson, { written: scope.configFile }, () => [
        `wrote ${scope.configFile}`,
        `next: edit it, then ${nextCommands(kind, options.config).join(', ')}`,
      ]);
    });
}

function nextCommands(kind: InitKind, config: string | undefined): readonly string[] {
  // The file of a SQLite database has no credential: its permissions are its lock.
  const credential = kind === 'sqlite' ? [] : ['credential add'];
  const named = config === undefined ? '' : ` --config ${shellWord(config)}`;
  return ['check', 'vault create', ...credential, 'agent add', 'up'].map((each) => `\`sallyport ${each}${named}\``);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    const remedy = existsSync(dirname(file)) ? 'look who may write there' : `make its folder first: ${mkdir(file)}`;
    throw new SallyportError('ADMIN_INPUT', `${file} cannot be written; ${remedy}`, { cause });
  }
}

function mkdir(file: string): string {
  return `mkdir -p ${shellWord(dirname(file))}`;
}
