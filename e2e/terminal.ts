// A person at a terminal: runs a command under a pseudo-terminal and types answers when their prompts appear.
import { type ChildProcess, spawn } from 'node:child_process';

/** A command at a terminal. */
export interface Terminal {
  readonly child: ChildProcess;
  /** Everything that the terminal showed. */
  shown(): string;
  /** Waits until the text has been shown after everything that was waited for before. @throws when the command ends first */
  until(text: string): Promise<void>;
  /** Types a line. */
  type(line: string): void;
  /** Waits for its end. */
  readonly ended: Promise<number>;
}

/** Runs `command` under `script`, which gives it a terminal. */
export function atTerminal(script: string, command: readonly string[], env: Record<string, string>): Terminal {
  const quoted = command.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(' ');
  // `script` takes the size of its own input, which is none here.
  const child = spawn(script, ['-qfec', `stty cols 120 rows 40; exec ${quoted}`, '/dev/null'], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  let seen = 0;
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    for (const look of waiting) look();
  });
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return {
    child,
    shown: () => text,
    ended,
    type: (line) => child.stdin.write(`${line}\r`),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = text.indexOf(wanted, seen);
          if (at < 0) return;
          seen = at + wanted.length;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before it showed ${wanted}:\n${text}`)));
      }),
  };
}
