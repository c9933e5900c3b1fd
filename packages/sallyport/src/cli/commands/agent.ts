// `sallyport agent add|list|renew|revoke`: an agent's token is printed once, to the person who makes it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type AgentView, agentListShape, revokedShape, tokenShape } from '../../admin/client-shapes.ts';
import { packageFolder } from '../../launch/package-folder.ts';
import { withAdmin } from '../admin-session.ts';
import { bridgeCommand, type ClientSnippet, clientSnippets, snippetText } from '../client-snippets.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { type Line, note, print, tableOr, when } from '../output.ts';

/** The command `agent`. */
export function agentCommand(): Command {
  const command = new Command('agent').description('agents and their tokens');
  command
    .addCommand(tokenCommand('add', 'token', 'make the first token of an agent'))
    .addCommand(tokenCommand('renew', 'token/renew', 'make a new token; the old one ends at once'))
    .addCommand(listCommand())
    .addCommand(revokeCommand());
  return command;
}

function tokenCommand(name: string, route: string, description: string): Command {
  return withSharedOptions(new Command(name))
    .description(description)
    .argument('<agent>', 'key of the agent in the config')
    .action(async (agent: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const path = `/v1/agents/${encodeURIComponent(agent)}/${route}`;
      const { token, url, isLocal } = await withAdmin(scope, (admin) => admin.post(path, tokenShape));
      const bridge = bridgeCommand(agent, {
        runtime: process.execPath,
        launcher: join(packageFolder, 'bin/sallyport.js'),
        homeFolder: homedir(),
        name: options.name,
        stateFolder: scope.paths.stateFolder,
      });
      const snippets = isLocal ? clientSnippets(bridge) : [];
      print(scope.isJson, { agent, token, url, isLocal, snippets }, () => token);
      if (!scope.isJson) note(...howToUse(url, snippets));
    });
}

function howToUse(url: string, snippets: readonly ClientSnippet[]): readonly string[] {
  const http = `This token is shown once. The agent sends it as \`Authorization: Bearer …\` to ${url}/mcp or ${url}/v1.`;
  if (snippets.length === 0) {
    return [
      http,
      'For clients on this machine that hold no token: declare the agent with `local: true`, then `agent renew` shows how.',
    ];
  }
  const how = snippetText(snippets).split('\n');
  return [http, 'Clients on this machine need no token; they run the bridge:', '', ...how];
}

function listCommand(): Command {
  return withSharedOptions(new Command('list'))
    .description('every agent, its token and its session')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { agents } = await withAdmin(scope, (admin) => admin.get('/v1/agents', agentListShape));
      print(scope.isJson, { agents }, () => agentTable(agents));
    });
}

/** Agents as a table. */
export function agentTable(agents: readonly AgentView[]): readonly Line[] {
  const rows = agents.map((each) => [
    each.id,
    each.state,
    each.isLocal ? 'yes' : 'no',
    String(each.operations),
    when(each.tokenCreatedAtMs),
    when(each.tokenDueAtMs),
    each.sessionState === null ? '-' : sessionText(each),
  ]);
  return tableOr(
    'no agents yet: declare one under `agents:` in the config, then run `sallyport agent add NAME`',
    ['AGENT', 'STATE', 'LOCAL', 'OPERATIONS', 'TOKEN MADE', 'TOKEN DUE', 'SESSION'],
    rows,
  );
}

function sessionText({ sessionState, sessionEndsAtMs }: AgentView): string {
  return sessionState === 'open' ? `open until ${when(sessionEndsAtMs)}` : 'revoked';
}

function revokeCommand(): Command {
  return withSharedOptions(new Command('revoke'))
    .description('end the tokens and the session of an agent, from its next call on')
    .argument('<agent>', 'key of the agent, as `agent list` prints it')
    .action(async (agent: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const path = `/v1/agents/${encodeURIComponent(agent)}/revoke`;
      await withAdmin(scope, (admin) => admin.post(path, revokedShape));
      print(scope.isJson, { revoked: agent }, () => `revoked ${agent}`);
    });
}
