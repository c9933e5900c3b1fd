// Runs a program in the place of this one: same terminal, same signals, same end.
import { spawn } from 'node:child_process';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Starts a program, passes signals on, and resolves with its exit code (128 + n when a signal ended it). */
export function runChild(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const handlers = forwarded.map((signal) => {
      // A terminal sends its interrupt to the whole group: passing it on would make two of one.
      const handler = () => {
        const isTyped = signal === 'SIGINT' || signal === 'SIGQUIT';
        if (!(process.stdin.isTTY && isTyped)) child.kill(signal);
      };
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    const end = (code) => {
      for (const remove of handlers) remove();
      resolve(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      end(127);
    });
    child.on('exit', (code, signal) => end(code ?? signalCode(signal)));
  });
}

function signalCode(signal) {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);
}
