// Reads secrets from where they may come: a prompt without echo, standard input, or a file. Never an argument, never the environment.
import { lstatSync, openSync, readFileSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { confirm, isCancel, password } from '@clack/prompts';
import { SallyportError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { Cancelled } from './cancelled.ts';

const maxInputBytes = 64 * 1024;

/** Whether a person is there to be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Where a person reads and types. */
export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  close(): void;
}

/** The terminal of standard input and standard error; null where either is none. */
function standardTerminal(): Terminal | null {
  return isInteractive() ? { input: process.stdin, output: process.stderr, close: () => {} } : null;
}

/** The terminal that the command was started from, for when standard input holds a value; null where there is none. */
export function controllingTerminal(): Terminal | null {
  try {
    const input = new ReadStream(openSync('/dev/tty', 'r'));
    const output = new WriteStream(openSync('/dev/tty', 'w'));
    const close = (): void => {
      input.destroy();
      output.destroy();
    };
    return { input, output, close };
  } catch {
    return null;
  }
}

/** Asks for a secret without echo. @throws SallyportError ADMIN_INPUT without a terminal; Cancelled */
export async function askSecret(message: string, terminal = standardTerminal()): Promise<Secret> {
  if (terminal === null) throw new SallyportError('ADMIN_INPUT', `no terminal to ask on: ${message}`);
  const { input, output } = terminal;
  // An empty mask: stars would tell the length to whoever looks over the shoulder.
  const answer = await untilEnd(input, (signal) => password({ message, mask: '', input, output, signal }));
  if (isCancel(answer)) throw new Cancelled();
  return new Secret(answer ?? '');
}

/** Asks for a yes. @throws SallyportError ADMIN_INPUT without a terminal; Cancelled */
export async function askYes(message: string): Promise<boolean> {
  if (!isInteractive()) throw new SallyportError('ADMIN_INPUT', 'no terminal to ask on; look, and then give --yes');
  const [input, output] = [process.stdin, process.stderr];
  const answer = await untilEnd(input, (signal) => confirm({ message, initialValue: false, input, output, signal }));
  if (isCancel(answer)) throw new Cancelled();
  return answer;
}

// The prompts know Ctrl-C and Escape, and do not hear the end of the input that a person types as Ctrl-D.
async function untilEnd<T>(input: ReadStream, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const look = (_: unknown, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
    if (key.ctrl === true && key.name === 'd') ending.abort();
  };
  input.on('keypress', look);
  try {
    return await ask(ending.signal);
  } finally {
    input.off('keypress', look);
  }
}

/** Asks for a new secret twice. @throws SallyportError ADMIN_INPUT when the two differ; what `check` throws for the first */
export async function askNewSecret(message: string, check: (secret: Secret) => void): Promise<Secret> {
  const first = await askSecret(message);
  check(first);
  const second = await askSecret(`${message} (again)`);
  if (first.reveal() !== second.reveal())
    throw new SallyportError('ADMIN_INPUT', 'the two entries differ; nothing was changed');
  return first;
}

/** All of standard input, without the line end that closes it. @throws SallyportError ADMIN_INPUT over 64 KiB */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Read as bytes: a stream of the process gives nothing else without an encoding.
  const input: AsyncIterable<Buffer> = process.stdin;
  for await (const buffer of input) {
    bytes += buffer.length;
    if (bytes > maxInputBytes) throw new SallyportError('ADMIN_INPUT', 'standard input holds more than 64 KiB');
    chunks.push(buffer);
  }
  return withoutLineEnd(Buffer.concat(chunks).toString('utf8'));
}

/** The content of a regular file, without the line end that closes it. @throws SallyportError ADMIN_INPUT */
export function readSecretFile(path: string): string {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !facts.isFile() || facts.size > maxInputBytes) {
    throw new SallyportError('ADMIN_INPUT', 'the file is not there, is not a regular file, or holds more than 64 KiB');
  }
  return withoutLineEnd(readFileSync(path, 'utf8'));
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
