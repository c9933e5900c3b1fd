// Programs that a benchmark starts on a core of its own, and ends again.
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A program that runs until the benchmark ends it. */
export interface BenchProcess {
  readonly child: ChildProcess;
  end(): Promise<void>;
}

/** Core of the server under test; everything else runs on the other one. */
export const serverCore = 0;
/** Core of load generator and upstream. */
export const loadCore = 1;

/** Starts a program on one core, and waits until it answers on a port of loopback. */
export async function startOn(
  core: number,
  command: readonly string[],
  port: number,
  env = process.env,
): Promise<BenchProcess> {
  const child = spawn('taskset', ['-c', String(core), ...command], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const over = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await answers(port);
  return {
    child,
    end: async () => {
      child.kill('SIGTERM');
      await over;
    },
  };
}

/** What a program on one core printed. */
export async function outputOn(core: number, command: readonly string[]): Promise<string> {
  const child = spawn('taskset', ['-c', String(core), ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => child.once('close', resolve));
  return Buffer.concat(chunks).toString('utf8');
}

/** A free port of loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(port: number): Promise<void> {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers on port ${port}`);
}
