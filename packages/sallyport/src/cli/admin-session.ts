// Opens the management API for one command, and closes it whatever happens.
import type { AdminClient } from '../admin/admin-client.ts';
import type { Person } from '../app.ts';
import type { Secret } from '../domain/secret.ts';
import { askNewSecret, askSecret, controllingTerminal, isInteractive, type Terminal } from './ask.ts';
import type { CommandScope } from './options.ts';
import { note } from './output.ts';

type Work<T> = (admin: AdminClient) => Promise<T>;

/** Runs a command's work against the server, or in process under the lock when none runs. */
export async function withAdmin<T>(scope: CommandScope, work: Work<T>): Promise<T> {
  return await withPerson(scope, isInteractive() ? { askPassphrase, askNewPassphrase } : null, work);
}

/** The same for a command whose standard input may hold a value: the passphrase is asked for at the terminal itself. */
export async function withAdminBesideInput<T>(scope: CommandScope, work: Work<T>): Promise<T> {
  if (isInteractive()) return await withAdmin(scope, work);
  const terminal = controllingTerminal();
  try {
    return await withPerson(scope, terminal === null ? null : personAt(terminal), work);
  } finally {
    terminal?.close();
  }
}

function personAt(terminal: Terminal): Person {
  return { askPassphrase: () => askPassphrase(terminal), askNewPassphrase };
}

async function withPerson<T>(scope: CommandScope, person: Person | null, work: Work<T>): Promise<T> {
  const { openAdmin } = await import('../app.ts');
  const admin = await openAdmin({
    ...scope,
    person,
    note,
  });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/** Asks for the vault's passphrase. */
export async function askPassphrase(terminal?: Terminal): ReturnType<typeof askSecret> {
  return await askSecret('Passphrase of the vault', terminal);
}

/** Asks for a new passphrase, twice; for the second time only where the first one will do. */
export async function askNewPassphrase(check: (passphrase: Secret) => void): Promise<Secret> {
  return await askNewSecret('New passphrase for the vault', check);
}
