// `sallyport up`: starts the server and stays until it is told to stop.
import { isatty } from 'node:tty';
import { Command } from 'commander';
import type { RunningServer } from '../../app.ts';
import { counted } from '../../domain/counted.ts';
import { formatDuration } from '../../domain/duration.ts';
import { SallyportError } from '../../domain/errors.ts';
import { askNewPassphrase, askPassphrase } from '../admin-session.ts';
import { isInteractive } from '../ask.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { note, noticeLine, print } from '../output.ts';

/** The command `up`. The launcher gives it the permission model and an allow-listed environment. */
export function upCommand(): Command {
  return withSharedOptions(new Command('up'))
    .description('start the server in the foreground')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { startServer } = await import('../../app.ts');
      if (process.permission === undefined) {
        throw new SallyportError(
          'STATE_UNSAFE',
          'not under the permission model of the runtime: start it as `sallyport up`',
        );
      }
      const person = isInteractive() ? { askPassphrase, askNewPassphrase } : null;
      outliveReaders();
      const server = await startServer({ ...scope, person, note, log: process.stderr });
      // Before anybody is told that it is ready: who hears it may send a signal at once.
      const stopped = untilStopped(() => server.reload());
      print(scope.isJson, { ready: true, ...server.facts }, () => [
        `Sallyport ${server.facts.url}  (MCP: ${server.facts.url}/mcp, tools API: ${server.facts.url}/v1)`,
        `level ${server.facts.level.level}: ${server.facts.level.meaning}`,
        ...server.facts.notices.map(noticeLine),
      ]);
      await stopped;
      // Before it is said: who hears it may send the second signal at once.
      const cut = () => void server.cut();
      process.on('SIGINT', cut).on('SIGTERM', cut);
      note(stoppingLine(server.inFlight()));
      await server.stop();
    });
}

function stoppingLine({ calls, graceMs }: ReturnType<RunningServer['inFlight']>): string {
  if (calls === 0) return 'stopping';
  const most = formatDuration(graceMs);
  return `stopping: ${counted(calls, 'call')} in flight may take up to ${most} to end; Ctrl-C again cuts and records what is left`;
}

// A pipe whose reader ended and a terminal that was closed fail each write. The server and its records do not depend on either:
// without a listener, the first line that nobody reads would end it with calls in flight.
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function untilStopped(reload: () => Promise<void>): Promise<void> {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  return new Promise((resolve) => {
    process.on('SIGHUP', () => {
      // The same signal says that the terminal is gone: whoever closed it wants an end, not a reload.
      if (terminals.some((descriptor) => !isatty(descriptor))) resolve();
      else void reload();
    });
    // For good: a signal without a listener would end the process, and the second one may follow the first at once.
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}
