// `sallyport vault create|unlock-by`: how the vault is opened. Changing it does not touch the credentials.
import { Argument, Command } from 'commander';
import type { ChangedUnlock } from '../../app.ts';
import { askNewPassphrase, askPassphrase } from '../admin-session.ts';
import { isInteractive } from '../ask.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { note, print } from '../output.ts';

/** The command `vault`. */
export function vaultCommand(): Command {
  const command = new Command('vault').description('create the vault, or change how it is unlocked');
  command.addCommand(
    withSharedOptions(new Command('create'))
      .description('create the vault: by passphrase, or with --key-file by a key file')
      .action(async (options: SharedOptions) => {
        const scope = commandScope(options);
        const { createVaultState } = await import('../../app.ts');
        const source = await createVaultState({ ...scope, person: person(), note });
        const by = source === 'key-file' ? `the key file ${scope.paths.keyFile}; keep a copy of it offline` : source;
        print(
          scope.isJson,
          { created: true, unlockSource: source },
          () => `created a vault in ${scope.paths.stateFolder}, unlocked by ${by}`,
        );
      }),
  );
  command.addCommand(
    withSharedOptions(new Command('unlock-by'))
      .description('change what unlocks the vault, always to a new key; credentials are not encrypted again')
      .addArgument(new Argument('<source>', 'the new source').choices(['passphrase', 'key-file']))
      .action(async (source: 'passphrase' | 'key-file', options: SharedOptions) => {
        const scope = commandScope(options);
        const { changeUnlock } = await import('../../app.ts');
        const changed = await changeUnlock({ ...scope, person: person(), note }, source);
        print(scope.isJson, changed, () => changedText(changed));
      }),
  );
  return command;
}

function changedText({ keyFile, oldKeyFile }: ChangedUnlock): readonly string[] {
  const by = keyFile === null ? 'the new passphrase' : `the new key file ${keyFile}; keep a copy of it offline`;
  const old = `the old key file ${oldKeyFile} opens nothing but backups from before: destroy it, and its copies, with them`;
  return [`the vault is now unlocked by ${by}`, ...(oldKeyFile === null ? [] : [old])];
}

function person() {
  return isInteractive() ? { askPassphrase, askNewPassphrase } : null;
}
