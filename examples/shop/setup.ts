// Prepares an example of the shop: secrets of its services, vault, and the agents' tokens. What is there already is used.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from './ports.ts';
import { sallyport } from './programs.ts';
import type { ShopSecret, ShopVariant } from './variant.ts';

/** What the example runs on. */
export interface Setup {
  readonly configFile: string;
  /** By credential: all that its service needs to check the value, which is in the vault and nowhere else. */
  readonly proofs: Readonly<Record<string, string>>;
  /** Options that name config, state and key for every command. */
  readonly options: readonly string[];
  /** Whether the vault was made just now. */
  readonly isFresh: boolean;
}

/** Where the example keeps what, and on which ports it runs. */
export interface Place {
  /** Database, certificates, and the config's copy when it is not on the usual ports. */
  readonly dataFolder: string;
  readonly ports: ShopPorts;
}

/** Ports of Sallyport, the shop's service, and its database server where it has one. */
export interface ShopPorts {
  readonly sallyport: number;
  readonly service: number;
  readonly database: number;
}

const usualPorts: ShopPorts = { sallyport: 7420, service: 7430, database: 7440 };

/** Makes what is missing. */
export async function setUp(variant: ShopVariant, place: Place, say: (line: string) => void): Promise<Setup> {
  // A first start that was cut short leaves an empty file.
  const database = join(stateRoot(), variant.stateName, 'state.db');
  const hasState = (statSync(database, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (hasState) await requireNoServer(variant);
  mkdirSync(place.dataFolder, { recursive: true });
  variant.prepareData(place.dataFolder);
  const configFile = configFor(variant, place);
  const options = ['--config', configFile, '--name', variant.stateName];
  if (!hasState) await succeed(['vault', 'create', '--key-file', '--json', ...options]);
  const listed = await succeed(['credential', 'list', '--json', ...options]);
  const proofs: Record<string, string> = {};
  for (const secret of variant.secrets) {
    const file = proofFile(variant, secret);
    const isReady = find(listed, 'credentials', secret.credential)?.['state'] === 'ready' && existsSync(file);
    proofs[secret.credential] = isReady ? readFileSync(file, 'utf8') : await newValue(secret, options, file);
    if (isReady) continue;
    say(`A new ${secret.name} was made, put into the vault, and kept nowhere else.`);
  }
  return { configFile, proofs, options, isFresh: !hasState };
}

// Before anything is written: the server that runs reads its config again, and it lies beside the data.
async function requireNoServer({ stateName }: ShopVariant): Promise<void> {
  const { output } = await sallyport(['status', '--json', '--name', stateName]);
  const { url, processId } = record(record(JSON.parse(output))['server']);
  if (typeof url !== 'string') return;
  throw new CannotStart(`this example runs already, as process ${String(processId)} on ${url}: end that one first`);
}

/** A fresh token for an agent; an older one ends. */
export async function tokenOf(agent: string, setup: Setup): Promise<string> {
  const listed = await succeed(['agent', 'list', '--json', ...setup.options]);
  const isNew = find(listed, 'agents', agent)?.['state'] === 'no-token';
  const made = await succeed(['agent', isNew ? 'add' : 'renew', agent, '--json', ...setup.options]);
  const { token } = record(JSON.parse(made));
  if (typeof token !== 'string') throw new Error(`no token for ${agent}`);
  return token;
}

// Beside the state, not in the clone: the two belong together, and a second clone uses the same state.
function proofFile({ stateName }: ShopVariant, { proof }: ShopSecret): string {
  return join(stateRoot(), `${stateName}-${proof}`);
}

// As Sallyport finds it: a relative path in the variable is ignored.
function stateRoot(): string {
  const { XDG_STATE_HOME: stateHome } = process.env;
  return join(stateHome?.startsWith('/') === true ? stateHome : join(homedir(), '.local/state'), 'sallyport');
}

/** Runs a command that must succeed, and gives its output. */
async function succeed(args: readonly string[], input = ''): Promise<string> {
  const { status, output, errors } = await sallyport(args, input);
  if (status !== 0)
    throw new Error(`sallyport ${args.slice(0, 2).join(' ')} ended with ${status}:\n${errors}${output}`);
  return output;
}

async function newValue({ credential, make }: ShopSecret, options: readonly string[], file: string): Promise<string> {
  const { value, proof } = make();
  await succeed(['credential', 'add', credential, '--json', ...options], value);
  writeFileSync(file, proof, { mode: 0o600 });
  return proof;
}

/** The config as it stands in the repository, or, for other ports or another data folder, a copy of it beside the data. */
function configFor({ folder }: ShopVariant, { dataFolder, ports }: Place): string {
  const original = join(folder, 'sallyport.yaml');
  const isUsual = JSON.stringify(ports) === JSON.stringify(usualPorts);
  if (isUsual && dataFolder === join(folder, 'data')) return original;
  const text = readFileSync(original, 'utf8')
    .replace(`127.0.0.1:${usualPorts.service}`, `127.0.0.1:${ports.service}`)
    .replace(`port: ${usualPorts.database}`, `port: ${ports.database}`)
    .replaceAll('./data/', './')
    .concat(`\nlisten: { port: ${ports.sallyport} }\n`);
  const copy = join(dataFolder, 'sallyport.yaml');
  writeFileSync(copy, text);
  return copy;
}

function find(output: string, list: string, id: string): Readonly<Record<string, unknown>> | undefined {
  const all = record(JSON.parse(output))[list];
  return Array.isArray(all) ? all.map(record).find((each) => each['id'] === id) : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
