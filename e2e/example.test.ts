// Contract: what `npm start` runs goes as promised, twice, and no piece of the key is in anything but the service's own log.
import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaks, type PlantedSecret } from '../test/oracle.ts';
import { asRecord, freePort } from './sandbox.ts';

const start = fileURLToPath(new URL('../examples/shop/start.ts', import.meta.url));
const perRunMs = 60_000;

let folder: string;
let args: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-example-'));
  mkdirSync(join(folder, 'home'), { mode: 0o700 });
  const ports = ['--port', String(await freePort()), '--service-port', String(await freePort())];
  const logs = ['--service-log', join(folder, 'service.log'), '--agent-log', join(folder, 'agent.log')];
  args = ['--once', '--json', '--data', join(folder, 'data'), ...ports, ...logs];
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the shop example', () => {
  it('goes as promised on a machine that has never seen it', async () => expectEveryStep(await runExample()), perRunMs);

  it(
    'finds its state the second time, and goes as promised again',
    async () => {
      const result = await runExample();
      expectEveryStep(result);
      expect(result.errors).toContain('Vault   found');
    },
    perRunMs,
  );

  it(
    'shows no piece of the key to the agent, in a log, or on disk',
    async () => {
      const result = await runExample();
      const secrets = keysThatArrived();
      expect(secrets).toHaveLength(1);
      // The control: the oracle does see the key where it must be.
      expect(leaks(readFileSync(join(folder, 'service.log')), secrets)).toHaveLength(1);
      const evidence = [
        Buffer.from(result.output),
        Buffer.from(result.errors),
        ...filesButServiceLogAndKey().map((path) => readFileSync(path)),
      ];
      expect(evidence.length).toBeGreaterThan(5);
      expect(evidence.flatMap((bytes) => leaks(bytes, secrets))).toEqual([]);
    },
    perRunMs,
  );
});

describe('the shop example, started wrongly', () => {
  it.each(['port', 'service-port'])(
    'names a busy --%s and the option that changes it, without a stack',
    async (option) => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const address = taken.address();
      const port = typeof address === 'object' ? String(address?.port) : '';
      const { status, errors } = await runExample([`--${option}`, port]);
      await new Promise((resolve) => taken.close(resolve));
      expect([status, errors]).toEqual([1, expect.stringContaining(`127.0.0.1:${port} is in use`)]);
      expect(errors).toContain(`npm start -- --${option} N`);
      expect(errors).not.toMatch(/^ +at /m);
    },
  );

  it('lists its options for --help, and for what is none', async () => {
    const help = await runExample(['--help']);
    expect([help.status, help.output]).toEqual([0, expect.stringContaining('--service-port N')]);
    const unknown = await runExample(['--prot', '1']);
    expect([unknown.status, unknown.errors]).toEqual([2, expect.stringContaining('--service-port N')]);
    expect((await runExample(['--port', '99999'])).errors).toBe('--port takes a port from 1 to 65535\n');
  });
});

describe('the shop example, left running', () => {
  it(
    'prints the command of this clone, never one that a registry is asked for',
    async () => {
      const child = spawn(
        process.execPath,
        [start, ...args.filter((each) => !/^--(once|json)$/.test(each))],
        spawning(),
      );
      let output = '';
      const isReady = new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (output.includes('Stop with Ctrl-C.')) resolve();
        });
      });
      const isOver = new Promise((resolve) => child.once('close', resolve));
      await Promise.race([isReady, isOver]);
      child.kill('SIGTERM');
      await isOver;
      const command = /^ +(\S+) status /m.exec(output)?.[1] ?? '';
      expect(realpathSync(join(process.cwd(), command))).toMatch(/packages\/sallyport\/bin\/sallyport\.js$/);
      expect(output).not.toContain('npx');
    },
    perRunMs,
  );
});

interface ExampleResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

function spawning(): SpawnOptions {
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') };
  return { env, stdio: ['ignore', 'pipe', 'pipe'] };
}

function runExample(more: readonly string[] = []): Promise<ExampleResult> {
  const child = spawn(process.execPath, [start, ...args, ...more], spawning());
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

function expectEveryStep({ status, output, errors }: ExampleResult): void {
  expect([status, status === 0 ? '' : errors + output]).toEqual([0, '']);
  const { steps } = asRecord(JSON.parse(output.trimEnd().split('\n').at(-1) ?? ''));
  const all = Array.isArray(steps) ? steps.map(asRecord) : [];
  expect(all.length).toBeGreaterThanOrEqual(8);
  expect(all.filter((step) => step['ok'] !== true)).toEqual([]);
}

function keysThatArrived(): readonly PlantedSecret[] {
  const lines = readFileSync(join(folder, 'service.log'), 'utf8').trimEnd().split('\n');
  const keys = new Set(
    lines.map((line) => String(asRecord(JSON.parse(line))['authorization']).slice('Bearer '.length)),
  );
  return [...keys].map((value) => ({ name: 'the key', value, unguessableFrom: 'shop_'.length }));
}

function filesButServiceLogAndKey(): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== 'service.log' && !entry.name.endsWith('.key'))
    .map((entry) => join(entry.parentPath, entry.name));
}
