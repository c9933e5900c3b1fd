// Opens the management API for one command, and closes it whatever happens.
import type { AdminClient } from '../admin/admin-client.ts';
import { askNewSecret, askSecret, isInteractive } from './ask.ts';
import type { CommandScope } from './options.ts';
import { note } from './output.ts';

/** Runs a command's work against the server, or in process under the lock when none runs. */
export async function withAdmin<T>(scope: CommandScope, work: (admin: AdminClient) => Promise<T>): Promise<T> {
  const { openAdmin } = await import('../app.ts');
  const admin = await openAdmin({
    configFile: scope.configFile,
    paths: scope.paths,
    wantsKeyFile: scope.wantsKeyFile,
    person: isInteractive() ? { askPassphrase, askNewPassphrase } : null,
    note,
  });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/** Asks for the vault's passphrase. */
export async function askPassphrase(): ReturnType<typeof askSecret> {
  return await askSecret('Passphrase of the vault');
}

/** Asks for a new passphrase, twice. */
export async function askNewPassphrase(): ReturnType<typeof askSecret> {
  return await askNewSecret('New passphrase for the vault');
}
