// A machine of its own for an example of the repository: home, data, ports and logs.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './sandbox.ts';

/** How an example ended. */
export interface ExampleResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** A machine on which nothing of Sallyport is yet. */
export class ExampleMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-example-'));
  readonly #start: string;
  #places: readonly string[] = [];

  private constructor(name: string) {
    mkdirSync(join(this.folder, 'home'), { mode: 0o700 });
    this.#start = fileURLToPath(new URL(`../examples/${name}/start.ts`, import.meta.url));
  }

  /** One for the example of that name. */
  static async for(name: string): Promise<ExampleMachine> {
    const machine = new ExampleMachine(name);
    const ports: string[] = [];
    for (const option of ['--port', '--service-port', '--database-port']) ports.push(option, String(await freePort()));
    const log = (of: string): string => join(machine.folder, `${of}.log`);
    const logs = ['--service-log', log('service'), '--agent-log', log('agent')];
    machine.#places = ['--data', join(machine.folder, 'data'), ...ports, ...logs];
    return machine;
  }

  /** Starts the example; it stays until it is ended, unless `more` says otherwise. */
  start(...more: readonly string[]): ChildProcess {
    const env = { PATH: process.env['PATH'] ?? '', HOME: join(this.folder, 'home') };
    const args = [this.#start, ...this.#places, ...more];
    return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Runs the example's script once, to its end. */
  run(...more: readonly string[]): Promise<ExampleResult> {
    const child = this.start('--once', '--json', ...more);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({
          status: code ?? -1,
          output: Buffer.concat(output).toString(),
          errors: Buffer.concat(errors).toString(),
        }),
      );
    });
  }

  /** Forgets it all. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
