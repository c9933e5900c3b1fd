// `sallyport reload`: the server loads its config anew, or keeps the last good one and says why.
import { Command } from 'commander';
import { reloadedShape } from '../../admin/client-shapes.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { note, noticeLine, print } from '../output.ts';

/** The command `reload`; it asks the server that runs and nothing else. */
export function reloadCommand(): Command {
  return withSharedOptions(new Command('reload'))
    .description('load the config anew in the server that runs; with an error in it, the last good one stays')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { openServerAdmin } = await import('../../app.ts');
      const reloaded = await (await openServerAdmin({ ...scope, person: null, note })).post(
        '/v1/config/reload',
        reloadedShape,
      );
      const what = reloaded.isChanged ? 'the new config is in force' : 'the config did not change';
      print(scope.isJson, reloaded, () => [
        `${what} (${reloaded.digest.slice(0, 12)})`,
        ...reloaded.notices.map(noticeLine),
      ]);
    });
}
