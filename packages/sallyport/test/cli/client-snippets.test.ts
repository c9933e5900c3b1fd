// What `agent add` prints for clients: each in its own format, and a command line that survives every path.
import { describe, expect, it } from 'vitest';
import { bridgeCommand, clientSnippets, snippetText } from '../../src/cli/client-snippets.ts';

const bridge = { command: '/opt/my node/bin/node', args: ['/it\'s/"here"/sallyport.js', 'mcp', '--agent', 'bot'] };
const snippets = clientSnippets(bridge);
const textOf = (client: string): string => snippets.find((each) => each.client === client)?.text ?? '';

describe('client snippets', () => {
  it('exist for the clients that people have', () => {
    expect(snippets.map(({ client }) => client)).toEqual([
      'Claude Desktop',
      'Claude Code',
      'Cursor',
      'VS Code',
      'Windsurf',
      'Zed',
      'Codex',
      'Gemini CLI',
    ]);
  });

  it.each([
    ['Claude Desktop', 'mcpServers', {}],
    ['Cursor', 'mcpServers', {}],
    ['VS Code', 'servers', { type: 'stdio' }],
    ['Windsurf', 'mcpServers', {}],
    ['Zed', 'context_servers', {}],
    ['Gemini CLI', 'mcpServers', {}],
  ])('are JSON for %s', (client, key, extra) => {
    expect(JSON.parse(textOf(client))).toEqual({ [key]: { sallyport: { ...extra, ...bridge } } });
  });

  it('are a command for Claude Code, quoted for a shell', () => {
    expect(textOf('Claude Code')).toBe(
      `claude mcp add sallyport -- '/opt/my node/bin/node' '/it'\\''s/"here"/sallyport.js' mcp --agent bot`,
    );
  });

  it('are TOML for Codex', () => {
    expect(textOf('Codex').split('\n')).toEqual([
      '[mcp_servers.sallyport]',
      'command = "/opt/my node/bin/node"',
      'args = ["/it\'s/\\"here\\"/sallyport.js", "mcp", "--agent", "bot"]',
    ]);
  });

  it('are printed once where clients share them', () => {
    const text = snippetText(snippets);
    expect(text.match(/"mcpServers"/g)).toHaveLength(1);
    expect(text).toContain(
      'Claude Desktop (claude_desktop_config.json: Settings, Developer, Edit Config), Cursor (~/.cursor/mcp.json)',
    );
  });
});

describe('the command of the bridge', () => {
  const place = { runtime: '/bin/node', launcher: '/s.js', homeFolder: '/home/u' };
  const standard = '/home/u/.local/state/sallyport';

  // Clients pass HOME on, and not XDG_STATE_HOME.
  it.each([
    ['as little as it can', undefined, `${standard}/default`, []],
    ['the name', 'shop', `${standard}/shop`, ['--name', 'shop']],
    [
      'the state where variables moved it',
      undefined,
      '/data/sallyport/default',
      ['--state', '/data/sallyport/default'],
    ],
    [
      'the state of a name where variables moved it',
      'shop',
      '/data/sallyport/shop',
      ['--state', '/data/sallyport/shop'],
    ],
  ])('names %s', (_, name, stateFolder, expected) => {
    expect(bridgeCommand('bot', { ...place, name, stateFolder })).toEqual({
      command: '/bin/node',
      args: ['/s.js', 'mcp', '--agent', 'bot', ...expected],
    });
  });
});
