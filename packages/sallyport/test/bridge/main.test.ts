// The bridge as a program: what it says of a command line ends up in the logs of clients.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../src/bridge/main.ts');
const pasted = 'shop_PASTED';

describe('the command line of the bridge', () => {
  it.each([
    ['beside the options', ['--agent', 'bot', pasted]],
    ['as an option', ['--agent', 'bot', `--${pasted}`]],
    ['as the value of an option without one', ['--agent', 'bot', `--help=${pasted}`]],
    ['as an option with a value', ['--agent', 'bot', `--token=${pasted}`]],
    ['as a short option', ['--agent', 'bot', `-${pasted}`]],
    ['as a name', ['--agent', 'bot', '--name', pasted]],
    ['as an agent that could be none', ['--agent', `${pasted} ü`]],
  ])('L03: is not repeated where it does not fit, %s, and its own options are told', (_, args) => {
    const { status, stdout, stderr } = bridge(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('PASTED');
    expect(stderr).toContain('usage: sallyport mcp --agent NAME [--name NAME] [--state FOLDER]');
  });

  it('is explained when it is asked for', () => {
    expect(bridge(['--help'])).toMatchObject({ status: 0, stderr: '' });
  });
});

function bridge(args: readonly string[]) {
  return spawnSync(process.execPath, [program, 'mcp', ...args], { encoding: 'utf8', env: {}, input: '' });
}
