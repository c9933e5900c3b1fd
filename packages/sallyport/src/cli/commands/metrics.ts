// `sallyport metrics token`: the token with which a collector may read the metrics.
import { Command } from 'commander';
import { metricsTokenShape } from '../../admin/client-shapes.ts';
import { withAdmin } from '../admin-session.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { note, print } from '../output.ts';

/** The command `metrics`. */
export function metricsCommand(): Command {
  const command = new Command('metrics').description('who may read the metrics');
  command.addCommand(
    withSharedOptions(new Command('token'))
      .description('make the token of the metrics, shown once; an earlier one ends')
      .action(async (options: SharedOptions) => {
        const scope = commandScope(options);
        const { token } = await withAdmin(scope, (admin) => admin.post('/v1/metrics/token', metricsTokenShape));
        print(scope.isJson, { token }, () => token);
        if (!scope.isJson) {
          note(
            'This token is shown once. The collector sends it as `Authorization: Bearer …` to the address under `metrics:`.',
          );
        }
      }),
  );
  return command;
}
