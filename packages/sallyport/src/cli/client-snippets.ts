// How known MCP clients are told to run the bridge. The snippets hold a command and no token.
import { shellWord } from '../domain/shell-word.ts';
import { statePaths } from '../launch/state-paths.ts';

/** What a client is to run. */
export interface BridgeCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** What the command follows from. */
export interface BridgePlace {
  readonly runtime: string;
  readonly launcher: string;
  readonly homeFolder: string;
  readonly name: string | undefined;
  readonly stateFolder: string;
}

/** One client's own way of saying it. */
export interface ClientSnippet {
  readonly client: string;
  /** The file that it goes into, or `terminal`. */
  readonly where: string;
  readonly text: string;
}

interface KnownClient {
  readonly client: string;
  readonly where: string;
  readonly text: (server: string, bridge: BridgeCommand) => string;
}

// The pages that the formats are from, as they stood in November 2026.
const knownClients: readonly KnownClient[] = [
  // https://modelcontextprotocol.io/docs/develop/connect-local-servers
  {
    client: 'Claude Desktop',
    // The folder differs by system; the app opens the file.
    where: 'claude_desktop_config.json: Settings, Developer, Edit Config',
    text: inMap('mcpServers'),
  },
  // https://code.claude.com/docs/en/mcp
  {
    client: 'Claude Code',
    where: 'terminal',
    text: (server, bridge) =>
      `claude mcp add ${server} -- ${[bridge.command, ...bridge.args].map(shellWord).join(' ')}`,
  },
  // https://cursor.com/docs/mcp
  { client: 'Cursor', where: '~/.cursor/mcp.json', text: inMap('mcpServers') },
  // https://code.visualstudio.com/docs/agents/reference/mcp-configuration
  { client: 'VS Code', where: '.vscode/mcp.json', text: inMap('servers', { type: 'stdio' }) },
  // https://docs.devin.ai/desktop/cascade/mcp, and for the folder of newer versions
  // https://vaadin.com/docs/latest/building-apps/agentic-development/mcp/supported-tools/devin-desktop
  {
    client: 'Windsurf',
    where: '~/.codeium/windsurf/mcp_config.json; as Devin Desktop ~/.config/devin/mcp_config.json',
    text: inMap('mcpServers'),
  },
  // https://zed.dev/docs/ai/mcp
  { client: 'Zed', where: '~/.config/zed/settings.json', text: inMap('context_servers') },
  // https://developers.openai.com/codex/mcp
  {
    client: 'Codex',
    where: '~/.codex/config.toml',
    // A basic string of TOML 1.0 takes every escape of JSON's but that of a slash, which is not made here.
    text: (server, { command, args }) =>
      `[mcp_servers.${server}]\ncommand = ${JSON.stringify(command)}\nargs = [${args.map((arg) => JSON.stringify(arg)).join(', ')}]`,
  },
  // https://geminicli.com/docs/tools/mcp-server
  { client: 'Gemini CLI', where: '~/.gemini/settings.json', text: inMap('mcpServers') },
];

/**
 * The bridge for one agent. Clients start it from anywhere, with a short PATH and few of the user's variables: runtime and file are
 * named in full, and so is the state where it does not lie in the home folder.
 */
export function bridgeCommand(agent: string, place: BridgePlace): BridgeCommand {
  const { name, homeFolder } = place;
  const found = statePaths({ environment: {}, homeFolder, name }).stateFolder;
  const named = name === undefined ? [] : ['--name', name];
  const state = found === place.stateFolder ? named : ['--state', place.stateFolder];
  return { command: place.runtime, args: [place.launcher, 'mcp', '--agent', agent, ...state] };
}

/** A snippet for each known client, under the server name `sallyport`. */
export function clientSnippets(bridge: BridgeCommand): readonly ClientSnippet[] {
  return knownClients.map(({ client, where, text }) => ({ client, where, text: text('sallyport', bridge) }));
}

/** The snippets as text for people; clients with the same text share it. */
export function snippetText(snippets: readonly ClientSnippet[]): string {
  const byText = new Map<string, string[]>();
  for (const { client, where, text } of snippets) {
    const places = byText.get(text) ?? [];
    byText.set(text, [...places, `${client} (${where})`]);
  }
  return [...byText].map(([text, places]) => `${places.join(', ')}:\n${indented(text)}`).join('\n\n');
}

function inMap(key: string, extra: object = {}): KnownClient['text'] {
  return (server, { command, args }) => JSON.stringify({ [key]: { [server]: { ...extra, command, args } } }, null, 2);
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
