// `sallyport credential add|list|show|rebind|history|remove`: values come from a prompt, standard input or a file, and are never printed.
import { Command } from 'commander';
import type { AdminClient } from '../../admin/admin-client.ts';
import {
  type CredentialFields,
  type CredentialView,
  credentialFieldsShape,
  credentialListShape,
  credentialShape,
  removedShape,
} from '../../admin/client-shapes.ts';
import { formatDuration } from '../../domain/duration.ts';
import { SallyportError } from '../../domain/errors.ts';
import { withAdmin, withAdminBesideInput } from '../admin-session.ts';
import { askSecret, askYes, isInteractive, readSecretFile, readStandardInput } from '../ask.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { type Line, note, print, tableOr, when } from '../output.ts';
import { historyCommand, rebindCommand } from './credential-changes.ts';

interface AddOptions extends SharedOptions {
  readonly fromFile?: string;
  readonly acceptWeak?: boolean;
}

/** The command `credential`. */
export function credentialCommand(): Command {
  const command = new Command('credential').description('put values into the vault, see what is due');
  command.addCommand(addCommand()).addCommand(listCommand()).addCommand(showCommand());
  command.addCommand(rebindCommand()).addCommand(historyCommand()).addCommand(removeCommand());
  return command;
}

function addCommand(): Command {
  return withSharedOptions(new Command('add'))
    .description(
      'add a value, or a new version of it: asks without echo, or reads standard input (`field=value` lines for several fields)',
    )
    .argument('<credential>', 'key of the credential in the config')
    .option('--from-file <file>', 'read the value from a file instead')
    .option('--accept-weak', 'accept a value under 48 bits; it is used only where the reply has a field allow-list')
    .action(async (id: string, options: AddOptions) => {
      const scope = commandScope(options);
      // Before anybody is asked for anything.
      const fromFile = options.fromFile === undefined ? null : readSecretFile(options.fromFile);
      const view = await withAdminBesideInput(scope, (admin) => add(admin, id, { options, fromFile }));
      print(scope.isJson, view, () => `added ${view.id}, version ${view.version ?? 0}, due ${when(view.dueAtMs)}`);
    });
}

interface Given {
  readonly options: AddOptions;
  /** Content of the file that was named; null where none was. */
  readonly fromFile: string | null;
}

async function add(admin: AdminClient, id: string, { options, fromFile }: Given): Promise<CredentialView> {
  const path = `/v1/credentials/${encodeURIComponent(id)}`;
  const wanted = await admin.get(`${path}/fields`, credentialFieldsShape);
  const values = await readFields(id, wanted, fromFile);
  return await admin.post(path, credentialShape, { fields: values, acceptWeak: options.acceptWeak === true });
}

async function readFields(
  id: string,
  { fields, service, target }: CredentialFields,
  fromFile: string | null,
): Promise<Readonly<Record<string, string>>> {
  if (fromFile === null && isInteractive()) {
    note(`credential ${id} of the service ${service}`, `  goes to  ${target}`);
    const values: Record<string, string> = {};
    for (const { name } of fields) values[name] = (await askSecret(`Value of ${name} for ${id}`)).reveal();
    return values;
  }
  const text = fromFile ?? (await readStandardInput());
  const [only] = fields;
  if (fields.length === 1 && only !== undefined) return { [only.name]: text };
  return parseFieldLines(text);
}

function parseFieldLines(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [name, ...rest] = line.split('=');
    if (name === undefined || rest.length === 0 || Object.hasOwn(values, name)) {
      throw new SallyportError('ADMIN_INPUT', 'several fields are given as `field=value`, one a line, each once');
    }
    values[name] = rest.join('=');
  }
  return values;
}

function listCommand(): Command {
  return withSharedOptions(new Command('list'))
    .description('every credential with its state and when it is due')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { credentials } = await withAdmin(scope, (admin) => admin.get('/v1/credentials', credentialListShape));
      print(scope.isJson, { credentials }, () => credentialTable(credentials));
    });
}

/** Credentials as a table. */
export function credentialTable(credentials: readonly CredentialView[]): readonly Line[] {
  const rows = credentials.map((each) => [
    each.id,
    each.kind,
    each.service ?? '-',
    each.version === null ? '-' : String(each.version),
    each.maxLifetimeMs === null ? '-' : formatDuration(each.maxLifetimeMs),
    when(each.dueAtMs),
    each.isWeak ? `${each.state}, weak` : each.state,
  ]);
  return tableOr(
    'no credentials yet: declare one under `credentials:` in the config, then run `sallyport credential add NAME`',
    ['CREDENTIAL', 'KIND', 'SERVICE', 'VERSION', 'LIFETIME', 'DUE', 'STATE'],
    rows,
  );
}

function showCommand(): Command {
  return withSharedOptions(new Command('show'))
    .description('one credential: where it goes, its age, when it is due; never its value')
    .argument('<credential>', 'key of the credential, as `credential list` prints it')
    .action(async (id: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const view = await withAdmin(scope, (admin) => find(admin, id));
      print(scope.isJson, view, () => [
        `credential  ${view.id} (${view.kind}), version ${view.version ?? '-'}`,
        `state       ${view.state}${view.isWeak ? ', weak' : ''}`,
        `service     ${view.service ?? '-'}`,
        `goes to     ${view.target ?? '-'}`,
        `added       ${when(view.addedAtMs)}`,
        `due         ${when(view.dueAtMs)}`,
      ]);
    });
}

async function find(admin: AdminClient, id: string): Promise<CredentialView> {
  const { credentials } = await admin.get('/v1/credentials', credentialListShape);
  const view = credentials.find((each) => each.id === id);
  if (view === undefined)
    throw new SallyportError('CREDENTIAL_UNKNOWN', 'there is no such credential; see `sallyport credential list`');
  return view;
}

function removeCommand(): Command {
  return withSharedOptions(new Command('remove'))
    .description('destroy every version of a credential in the vault')
    .argument('<credential>', 'key of the credential, as `credential list` prints it')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: SharedOptions & { readonly yes?: boolean }) => {
      const scope = commandScope(options);
      const isRemoved = await withAdmin(scope, (admin) => remove(admin, id, options.yes === true ? 'yes' : 'ask'));
      if (!isRemoved) return note('nothing was changed');
      print(
        scope.isJson,
        { removed: id },
        () => `removed ${id}: its keys are destroyed; revoke it at the service as well`,
      );
    });
}

async function remove(admin: AdminClient, id: string, answer: 'yes' | 'ask'): Promise<boolean> {
  if (answer === 'ask') {
    const { version, target } = await find(admin, id);
    note(`credential ${id}, version ${version ?? '-'}, goes to ${target ?? '-'}`);
    if (!(await askYes('Destroy every version of it in the vault? Nothing brings them back'))) return false;
  }
  await admin.delete(`/v1/credentials/${encodeURIComponent(id)}`, removedShape);
  return true;
}
