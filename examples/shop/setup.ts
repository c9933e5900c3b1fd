// Prepares the example: database, key of the shop's service, vault, and the agents' tokens. What is there already is used.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createShopDatabase } from './database.ts';
import { sallyport } from './programs.ts';

/** What the example runs on. */
export interface Setup {
  readonly configFile: string;
  /** SHA-256 of the service's key, hex: all that the service needs to check it. */
  readonly keySha256: string;
  /** Options that name config, state and key for every command. */
  readonly options: readonly string[];
  /** Whether the vault was made just now. */
  readonly isFresh: boolean;
}

/** Where the example keeps what, and on which ports it runs. */
export interface Place {
  readonly exampleFolder: string;
  /** Database, and the config's copy when it is not on the usual ports. */
  readonly dataFolder: string;
  readonly port: number;
  readonly servicePort: number;
}

/** The name of this Sallyport: state and key lie under it in the user's own folders. */
export const stateName = 'shop-example';

const defaultPorts = { port: 7420, servicePort: 7430 };

/** Makes what is missing. */
export async function setUp(place: Place, say: (line: string) => void): Promise<Setup> {
  const { dataFolder } = place;
  createShopDatabase(join(dataFolder, 'shop.db'));
  const configFile = configFor(place);
  const options = ['--config', configFile, '--name', stateName];
  if (!existsSync(join(stateRoot(), stateName, 'state.db'))) {
    await succeed(['vault', 'create', '--key-file', '--json', ...options]);
  }
  const listed = await succeed(['credential', 'list', '--json', ...options]);
  const keyDigestFile = digestFile();
  const isReady = stateOf(listed) === 'ready' && existsSync(keyDigestFile);
  if (isReady) return { configFile, keySha256: readFileSync(keyDigestFile, 'utf8'), options, isFresh: false };
  const keySha256 = await newKey(options, keyDigestFile);
  say('A new key for the shop service was made, put into the vault, and kept nowhere else.');
  return { configFile, keySha256, options, isFresh: true };
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
function digestFile(): string {
  return join(stateRoot(), `${stateName}-service.sha256`);
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

async function newKey(options: readonly string[], digestFile: string): Promise<string> {
  const key = `shop_${randomBytes(32).toString('base64url')}`;
  await succeed(['credential', 'add', 'shop-api', '--json', ...options], key);
  const digest = createHash('sha256').update(key).digest('hex');
  writeFileSync(digestFile, digest, { mode: 0o600 });
  return digest;
}

/** The config as it stands in the repository, or, for other ports or another data folder, a copy of it beside the data. */
function configFor(place: Place): string {
  const original = join(place.exampleFolder, 'sallyport.yaml');
  const isUsual = place.port === defaultPorts.port && place.servicePort === defaultPorts.servicePort;
  if (isUsual && place.dataFolder === join(place.exampleFolder, 'data')) return original;
  const text = readFileSync(original, 'utf8')
    .replace(`127.0.0.1:${defaultPorts.servicePort}`, `127.0.0.1:${place.servicePort}`)
    .replace('./data/shop.db', './shop.db')
    .concat(`\nlisten: { port: ${place.port} }\n`);
  const copy = join(place.dataFolder, 'sallyport.yaml');
  writeFileSync(copy, text);
  return copy;
}

function stateOf(output: string): unknown {
  return find(output, 'credentials', 'shop-api')?.['state'];
}

function find(output: string, list: string, id: string): Readonly<Record<string, unknown>> | undefined {
  const all = record(JSON.parse(output))[list];
  return Array.isArray(all) ? all.map(record).find((each) => each['id'] === id) : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
