// One installation of the packed package in a folder of its own, with the shop's service behind it. Whatever an agent, a log or
// the state could hold is collected, and `close` looks for every planted secret in all of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createShopDatabase } from '../examples/shop/database.ts';
import { leaks, type PlantedSecret } from '../test/oracle.ts';
import { packedLauncher } from './packed-package.ts';

const shopService = fileURLToPath(new URL('../examples/shop/service.ts', import.meta.url));
const shopConfig = fileURLToPath(new URL('../examples/shop/sallyport.yaml', import.meta.url));

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  /** The process that holds the keys; the launcher is its parent. */
  readonly processId: number;
  readonly launcher: ChildProcess;
  /** Ends it by a signal to the launcher; gives the exit status. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  /** Kills the process that holds the keys, without a chance to clean up. */
  kill(): Promise<void>;
}

/** Where a text was seen that must not hold a secret. */
interface Evidence {
  readonly where: string;
  readonly bytes: Buffer;
}

/** An installation in a folder of its own. */
export class Sandbox {
  readonly folder: string;
  readonly port: number;
  readonly servicePort: number;
  readonly configFile: string;
  readonly secrets: PlantedSecret[] = [];
  /** Requests that reached the shop's service, newest last; without their keys. */
  readonly received: Record<string, unknown>[] = [];
  readonly #evidence: Evidence[] = [];
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string, port: number, servicePort: number) {
    this.folder = folder;
    this.port = port;
    this.servicePort = servicePort;
    this.configFile = join(folder, 'project', 'sallyport.yaml');
  }

  /** A fresh folder with the shop's config and database on free ports. */
  static async create(): Promise<Sandbox> {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'));
    const sandbox = new Sandbox(folder, await freePort(), await freePort());
    mkdirSync(join(folder, 'project', 'data'), { recursive: true });
    mkdirSync(join(folder, 'home'), { recursive: true, mode: 0o700 });
    createShopDatabase(join(folder, 'project', 'data', 'shop.db'));
    sandbox.writeConfig((text) => text);
    return sandbox;
  }

  /** Writes the config: the shop's, on this sandbox's ports, after `change`. */
  writeConfig(change: (text: string) => string): void {
    const text = readFileSync(shopConfig, 'utf8').replace('127.0.0.1:7430', `127.0.0.1:${this.servicePort}`);
    writeFileSync(this.configFile, change(`${text}\nlisten: { port: ${this.port} }\n`));
  }

  get stateFolder(): string {
    return join(this.folder, 'home', '.local', 'state', 'sallyport', 'default');
  }

  get keyFile(): string {
    return join(this.folder, 'home', '.config', 'sallyport', 'default.key');
  }

  environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: join(this.folder, 'home'), ...extra };
  }

  /** Runs one command; its output counts as something that an agent could read. */
  async run(
    args: readonly string[],
    options: { input?: string; env?: Record<string, string> } = {},
  ): Promise<CommandResult> {
    const config = args.includes('--config') ? [] : ['--config', this.configFile];
    // Whoever runs the tests at a terminal is nobody to be asked: the command gets none.
    const child = this.#spawn([packedLauncher(), ...args, ...config], { env: options.env, detached: true });
    return await this.#result(child, `output of sallyport ${args[0] ?? ''}`, options.input);
  }

  /** Runs one command in a folder, without saying which config is meant. */
  async runIn(folder: string, args: readonly string[]): Promise<CommandResult> {
    const child = this.#spawn([packedLauncher(), ...args], { cwd: folder, detached: true });
    return await this.#result(child, `output of sallyport ${args[0] ?? ''}`);
  }

  async #result(child: ChildProcess, where: string, input = ''): Promise<CommandResult> {
    const output = collect(child.stdout);
    const errors = collect(child.stderr);
    child.stdin?.end(input);
    const status = await ended(child);
    const result = { status, output: output().toString('utf8'), errors: errors().toString('utf8') };
    this.saw(where, result.output + result.errors);
    return result;
  }

  /** Runs the verifier of copies, which is a program of its own. */
  async verifier(args: readonly string[], node = process.execPath): Promise<CommandResult> {
    const child = this.#spawn([packedLauncher().replace('sallyport.js', 'sallyport-verify.js'), ...args], { node });
    const output = collect(child.stdout);
    const errors = collect(child.stderr);
    const status = await ended(child);
    return { status, output: output().toString('utf8'), errors: errors().toString('utf8') };
  }

  /** The command line of a command, for a program that runs it at a terminal of its own. */
  commandLine(args: readonly string[]): readonly string[] {
    return [process.execPath, packedLauncher(), ...args, '--config', this.configFile];
  }

  /** Runs one command that must succeed, and gives its JSON. */
  async json(args: readonly string[], options: { input?: string } = {}): Promise<Record<string, unknown>> {
    const { status, output, errors } = await this.run([...args, '--json'], options);
    if (status !== 0) throw new Error(`sallyport ${args.join(' ')} ended with ${status}: ${errors}${output}`);
    return asRecord(JSON.parse(output));
  }

  /** Makes a vault with a key file, plants a key in it, and starts the shop's service with that key. */
  async prepare(): Promise<PlantedSecret> {
    const secret = this.plant('shop-api', `shop_${randomBytes(30).toString('base64url')}`, 5);
    await this.json(['vault', 'create', '--key-file']);
    await this.json(['credential', 'add', 'shop-api'], { input: secret.value });
    await this.startService(secret.value);
    return secret;
  }

  /** Registers a value that must be found nowhere. */
  plant(name: string, value: string, unguessableFrom: number): PlantedSecret {
    const secret = { name, value, unguessableFrom };
    this.secrets.push(secret);
    return secret;
  }

  async startService(key: string): Promise<void> {
    const digest = createHash('sha256').update(key).digest('hex');
    const args = [shopService, '--port', String(this.servicePort), '--key-sha256', digest];
    const child = this.#spawn(args);
    await firstLine(child, (line) => this.received.push(asRecord(JSON.parse(line))));
  }

  /** A fresh token of an agent. */
  async token(agent: string): Promise<string> {
    const { agents } = await this.json(['agent', 'list']);
    const known = Array.isArray(agents) ? agents.map(asRecord).find((each) => each['id'] === agent) : undefined;
    const { token } = await this.json(['agent', known?.['state'] === 'no-token' ? 'add' : 'renew', agent]);
    return String(token);
  }

  /** Starts `sallyport up`; its log counts as something that must not hold a secret. */
  async up(options: { args?: readonly string[]; env?: Record<string, string> } = {}): Promise<RunningServer> {
    const args = [packedLauncher(), 'up', '--json', '--config', this.configFile, ...(options.args ?? [])];
    const child = this.#spawn(args, options);
    const errors = collect(child.stderr);
    const over = ended(child).then((status) => {
      this.saw('log of the server', errors());
      return status;
    });
    const line = await Promise.race([
      firstLine(child, () => {}),
      over.then((status) => {
        throw new Error(`sallyport up ended with ${status}: ${errors().toString('utf8')}`);
      }),
    ]);
    this.saw('first line of the server', line);
    const facts = asRecord(JSON.parse(line));
    if (facts['ready'] !== true) throw new Error(`sallyport up did not start: ${line}`);
    const processId = Number(facts['processId']);
    return {
      url: String(facts['url']),
      processId,
      launcher: child,
      stop: async (signal = 'SIGTERM') => {
        child.kill(signal);
        return await over;
      },
      kill: async () => {
        process.kill(processId, 'SIGKILL');
        await over;
      },
    };
  }

  /** Keeps bytes that must not hold a secret. */
  saw(where: string, bytes: Buffer | string): void {
    this.#evidence.push({ where, bytes: Buffer.from(bytes) });
  }

  /** Calls an operation through the tools API. */
  async call(
    server: RunningServer,
    token: string,
    operation: string,
    input: unknown,
    headers: Record<string, string> = {},
  ) {
    const response = await fetch(`${server.url}/v1/operations/${operation}/call`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    });
    const text = await response.text();
    this.saw(`reply of ${operation}`, `${JSON.stringify([...response.headers])}\n${text}`);
    return { status: response.status, text, body: asRecord(JSON.parse(text)) };
  }

  /** Everything on disk but the key file: state, config, data. */
  files(): readonly Evidence[] {
    return filesUnder(this.folder)
      .filter((path) => path !== this.keyFile)
      .map((path) => ({ where: path, bytes: readFileSync(path) }));
  }

  /** Every place where a planted secret stands; empty when all is well. */
  leaked(): readonly string[] {
    const evidence = [...this.#evidence, ...this.files()];
    return evidence.flatMap(({ where, bytes }) =>
      leaks(bytes, this.secrets).map(
        (leak) => `${leak.secret} in ${where} (${leak.bits.toFixed(0)} bits by ${leak.way.join(', ')})`,
      ),
    );
  }

  /** Ends what runs, and removes the folder. */
  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const over = ended(child);
      child.kill('SIGTERM');
      await over;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(args: readonly string[], options: Spawning = {}): ChildProcess {
    const child = spawn(options.node ?? process.execPath, args, {
      env: options.env ?? this.environment(),
      cwd: options.cwd ?? join(this.folder, 'project'),
      detached: options.detached ?? false,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    return child;
  }
}

interface Spawning {
  readonly node?: string;
  readonly env?: Record<string, string> | undefined;
  readonly cwd?: string;
  readonly detached?: boolean;
}

/** A port of loopback on which nothing listens at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** An object whose keys can be read one by one. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function collect(stream: NodeJS.ReadableStream | null): () => Buffer {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
}

function firstLine(child: ChildProcess, onLine: (line: string) => void): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    let isFirst = true;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!isFirst) return onLine(line);
      isFirst = false;
      resolve(line);
    });
  });
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
