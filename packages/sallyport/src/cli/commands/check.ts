// `sallyport check`: everything that is wrong in the config, with file, line and column.
import { Command } from 'commander';
import type { LocatedProblem } from '../../domain/problem.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { print } from '../output.ts';

/** The command `check`; exit status 0 without errors, 1 with. */
export function checkCommand(): Command {
  return withSharedOptions(new Command('check'))
    .description('print everything that is wrong in the config, and what is worth knowing')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { checkConfig } = await import('../../app.ts');
      const problems = await checkConfig(scope);
      const errors = problems.filter((problem) => problem.severity === 'error').length;
      print(scope.isJson, { ok: errors === 0, problems }, () => report(scope.configFile, problems, errors));
      process.exitCode = errors === 0 ? 0 : 1;
    });
}

function report(file: string, problems: readonly LocatedProblem[], errors: number): readonly string[] {
  const lines = problems.map(
    ({ file: where, line, column, severity, message }) => `${where}:${line}:${column} ${severity}: ${message}`,
  );
  const warnings = problems.length - errors;
  const end = errors === 0 ? `${file}: fine` : `${file}: ${errors} ${errors === 1 ? 'error' : 'errors'}`;
  return [...lines, warnings === 0 ? end : `${end}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`];
}
