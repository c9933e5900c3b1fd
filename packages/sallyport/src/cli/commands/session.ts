// `sallyport session list|revoke|open`: stop one run of an agent, and let it go on.
import { Command } from 'commander';
import { revokedShape, sessionListShape, sessionShape } from '../../admin/client-shapes.ts';
import { withAdmin } from '../admin-session.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { print, tableOr, when } from '../output.ts';

/** The command `session`. */
export function sessionCommand(): Command {
  const command = new Command('session').description('runs of agents');
  command.addCommand(listCommand()).addCommand(revokeCommand()).addCommand(openCommand());
  return command;
}

function listCommand(): Command {
  return withSharedOptions(new Command('list'))
    .description('sessions that are open or revoked')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { sessions } = await withAdmin(scope, (admin) => admin.get('/v1/agents/sessions', sessionListShape));
      print(scope.isJson, { sessions }, () =>
        tableOr(
          'no sessions: one opens with the first call of an agent, or with `sallyport session open AGENT`',
          ['SESSION', 'AGENT', 'STATE', 'OPENED', 'ENDS', 'OPENED BY'],
          sessions.map((each) => [
            each.id,
            each.agent,
            each.state,
            when(each.openedAtMs),
            when(each.expiresAtMs),
            each.openedBy,
          ]),
        ),
      );
    });
}

function revokeCommand(): Command {
  return withSharedOptions(new Command('revoke'))
    .description("end a session; the agent's calls are refused until `session open`")
    .argument('<session>', 'id of the session, as `session list` prints it')
    .action(async (session: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const path = `/v1/agents/sessions/${encodeURIComponent(session)}/revoke`;
      await withAdmin(scope, (admin) => admin.post(path, revokedShape));
      print(scope.isJson, { revoked: session }, () => `revoked ${session}`);
    });
}

function openCommand(): Command {
  return withSharedOptions(new Command('open'))
    .description('open a fresh session for an agent')
    .argument('<agent>', 'key of the agent in the config')
    .action(async (agent: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const path = `/v1/agents/${encodeURIComponent(agent)}/session`;
      const session = await withAdmin(scope, (admin) => admin.post(path, sessionShape));
      print(scope.isJson, session, () => `opened ${session.id} for ${agent}, ends ${when(session.expiresAtMs)}`);
    });
}
