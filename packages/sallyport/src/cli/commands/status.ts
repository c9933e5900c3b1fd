// `sallyport status`: the installation at a glance, and what should be done about it.
import { Command } from 'commander';
import { type Status, statusShape } from '../../admin/client-shapes.ts';
import { counted } from '../../domain/counted.ts';
import { withAdmin } from '../admin-session.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { type Line, noticeLine, print, when } from '../output.ts';
import { agentTable } from './agent.ts';
import { approvalTable } from './approval.ts';
import { credentialTable } from './credential.ts';

/** The command `status`. */
export function statusCommand(): Command {
  return withSharedOptions(new Command('status'))
    .description('level, server, credentials, agents, and what needs doing')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const status = await withAdmin(scope, (admin) => admin.get('/v1/status', statusShape));
      print(scope.isJson, status, () => text(status));
    });
}

// A command that opened the state by itself asked for no key to say all this.
function vaultText({ server, unlockSource }: Status): string {
  if (unlockSource === null) return 'none yet: run `sallyport vault create`, with --key-file where no person is';
  return server === null ? `locked; it is unlocked by ${unlockSource}` : `unlocked by ${unlockSource}`;
}

function text(status: Status): readonly Line[] {
  const { server, level, audit } = status;
  const serverLine =
    server === null
      ? 'not running: run `sallyport up`'
      : `${server.url}, process ${server.processId}, since ${when(server.startedAtMs)}`;
  return [
    `server      ${serverLine}`,
    `level       ${level.level}: ${level.meaning}`,
    `config      ${status.config.file} (${status.config.digest.slice(0, 12)}), ${counted(status.operations, 'operation')}, ${counted(status.agents.length, 'agent')}`,
    `state       ${status.stateDirectory}`,
    `vault       ${vaultText(status)}`,
    `audit       ${audit.size} records, root ${audit.root.slice(0, 16)}`,
    '',
    ...credentialTable(status.credentials),
    '',
    ...agentTable(status.agents),
    ...(status.approvals.length === 0 ? [] : ['', ...approvalTable(status.approvals)]),
    ...(status.notices.length === 0 ? [] : ['', ...status.notices.map(noticeLine)]),
  ];
}
