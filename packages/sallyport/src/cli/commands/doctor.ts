// `sallyport doctor`: everything that a working, protected Sallyport depends on, and what to do about what is wrong.
import { Command } from 'commander';
import type { Finding } from '../../app.ts';
import { askNewPassphrase, askPassphrase } from '../admin-session.ts';
import { isInteractive } from '../ask.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { type Line, note, print } from '../output.ts';

/** The command `doctor`; exit status 1 when something fails. */
export function doctorCommand(): Command {
  return withSharedOptions(new Command('doctor'))
    .description('check level, files, services, clock, disk and machine; sends no credential and no request')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const { runDoctor } = await import('../../app.ts');
      const person = isInteractive() ? { askPassphrase, askNewPassphrase } : null;
      const findings = await runDoctor({ ...scope, person, note });
      const failed = findings.filter(({ state }) => state === 'fail').length;
      print(scope.isJson, { ok: failed === 0, findings }, () => findings.flatMap(lines));
      process.exitCode = failed === 0 ? 0 : 1;
    });
}

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function lines({ check, state, what, remedy }: Finding): readonly Line[] {
  const finding: Line = [{ style: colours[state], text: state.padEnd(4) }, `  ${check}: ${what}`];
  return remedy === null ? [finding] : [finding, `      → ${remedy}`];
}
