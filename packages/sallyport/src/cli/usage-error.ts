// What is said of a command line that does not fit. What was given is never repeated: it may be a value that somebody pasted (L05).
import type { CommanderError } from 'commander';
import { SallyportError } from '../domain/errors.ts';

/** `ADMIN_INPUT` with a message of our own names only; undefined when the parser ended for help or the version. */
export function usageError({ code, message }: CommanderError): SallyportError | undefined {
  const hint = /\(Did you mean [-a-z, ]+\?\)$|Allowed choices are [-a-z, ]+\.$/.exec(message)?.[0];
  const say = (text: string) => new SallyportError('ADMIN_INPUT', `${text}; ${hint ?? 'see --help'}`);
  switch (code) {
    case 'commander.help':
    case 'commander.helpDisplayed':
    case 'commander.version':
      return undefined;
    case 'commander.excessArguments':
      return new SallyportError(
        'ADMIN_INPUT',
        'too many arguments; a value of a credential is never one of them: it is asked for, or read from standard input. ' +
          "If one was given, it is in the shell's history: replace it at the service",
      );
    case 'commander.unknownOption':
      return say('unknown option');
    case 'commander.unknownCommand':
      return say('unknown command');
    case 'commander.missingArgument':
    case 'commander.optionMissingArgument':
    case 'commander.missingMandatoryOptionValue':
      return say(message.replace('error: ', ''));
    default:
      return say('an argument does not fit');
  }
}
