// `sallyport mcp` in the list of commands. The launcher starts the bridge itself: this is what is reached by another way of writing it.
import { Command } from 'commander';
import { SallyportError } from '../../domain/errors.ts';

/** The command `mcp`, as far as the command line knows it. */
export function mcpCommand(): Command {
  return new Command('mcp')
    .description('serve a local MCP client over standard input and output, through the server that runs')
    .option('--agent <agent>', 'an agent that the config declares with `local: true`')
    .option('--name <name>', 'which Sallyport of this user, where there are several')
    .option('--state <folder>', 'the state folder, instead of the one in your state directory')
    .action(() => {
      throw new SallyportError('ADMIN_INPUT', 'write it as `sallyport mcp --agent NAME`, with `mcp` first');
    });
}
