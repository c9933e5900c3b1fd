// `sallyport credential rebind|history`: where a value may go, from when on, and who changed it.
import { Command } from 'commander';
import type { AdminClient } from '../../admin/admin-client.ts';
import {
  type CredentialView,
  credentialHistoryShape,
  credentialShape,
  rebindShape,
} from '../../admin/client-shapes.ts';
import { withAdmin } from '../admin-session.ts';
import { askYes } from '../ask.ts';
import { historyText } from '../history-text.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { note, print, when } from '../output.ts';

/** The command `credential rebind`. */
export function rebindCommand(): Command {
  return withSharedOptions(new Command('rebind'))
    .description('seal the same value for the target that the config gives it now; its lifetime goes on as it was')
    .argument('<credential>', 'key of the credential, as `credential list` prints it')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: SharedOptions & { readonly yes?: boolean }) => {
      const scope = commandScope(options);
      const view = await withAdmin(scope, (admin) => rebind(admin, id, options.yes === true ? 'yes' : 'ask'));
      if (view === null) note('nothing was changed');
      else {
        print(scope.isJson, view, () => `rebound ${id}, version ${view.version ?? 0}, due ${when(view.dueAtMs)}`);
      }
    });
}

async function rebind(admin: AdminClient, id: string, answer: 'yes' | 'ask'): Promise<CredentialView | null> {
  const path = `/v1/credentials/${encodeURIComponent(id)}/rebind`;
  const { version, from, to, dueAtMs } = await admin.get(path, rebindShape);
  note(`credential ${id}, version ${version}, due ${when(dueAtMs)}`);
  note(`  from  ${from}`);
  note(`  to    ${to}`);
  if (answer === 'ask' && from !== to && !(await askYes('Send this value to the new target from now on?'))) return null;
  return await admin.post(path, credentialShape, { version, from, to });
}

/** The command `credential history`. */
export function historyCommand(): Command {
  return withSharedOptions(new Command('history'))
    .description('the versions of a credential, and every record about it; never a value')
    .argument('<credential>', 'key of the credential, as `credential list` prints it')
    .action(async (id: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const path = `/v1/credentials/${encodeURIComponent(id)}/history`;
      const history = await withAdmin(scope, (admin) => admin.get(path, credentialHistoryShape));
      print(scope.isJson, history, () => historyText(history));
    });
}
