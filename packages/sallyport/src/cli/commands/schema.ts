// `sallyport schema`: the JSON Schema of the config, for editors.
import { Command } from 'commander';
import { configSchema } from '../../config/config-schema.ts';
import { print } from '../output.ts';

/** The command `schema`. */
export function schemaCommand(): Command {
  return (
    new Command('schema')
      .description('print the JSON Schema (2020-12) of the config, for editors; `check` says more')
      // As every command has; the schema is one JSON object with and without it.
      .option('--json', 'changes nothing: a schema is JSON')
      .action(() => {
        print(false, null, () => JSON.stringify(configSchema(), null, 2).split('\n'));
      })
  );
}
