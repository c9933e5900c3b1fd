// Starts and ends the programs of the example: the shop's service, the server, and single commands of Sallyport.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../packages/sallyport/bin/sallyport.js', import.meta.url));
const service = fileURLToPath(new URL('./service.ts', import.meta.url));

/** Runs one command of Sallyport to its end; `input` goes to its standard input, so that no value stands in an argument. */
export async function sallyport(
  args: readonly string[],
  input = '',
): Promise<{ status: number; output: string; errors: string }> {
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  child.stdin.end(input);
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  return { status, output: output(), errors: errors() };
}

/** A program that runs until it is ended. */
export interface RunningProgram {
  /** Its first line of output: it is ready then. */
  readonly firstLine: string;
  /** Everything that it wrote to standard error so far. */
  errors(): string;
  /** Ends it by SIGTERM and waits. */
  end(): Promise<void>;
}

/** Starts the shop's service; `onReceived` is told each request that reaches it. */
export async function startService(
  args: readonly string[],
  onReceived: (line: string) => void,
): Promise<RunningProgram> {
  return await start([service, ...args], onReceived);
}

/** Starts `sallyport up`. */
export async function startSallyport(args: readonly string[]): Promise<RunningProgram> {
  return await start([launcher, 'up', ...args], () => {});
}

async function start(args: readonly string[], onLine: (line: string) => void): Promise<RunningProgram> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors = collect(child.stderr);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const firstLine = await new Promise<string>((resolve, reject) => {
    let isFirst = true;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!isFirst) return onLine(line);
      isFirst = false;
      resolve(line);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`it ended before it was ready:\n${errors()}`)));
  });
  return {
    firstLine,
    errors,
    end: async () => {
      endProcess(child);
      await ended;
    },
  };
}

function endProcess(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
