// A whole installation for a benchmark: the built package through its launcher, a vault with a key file, one operation.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchProcess, serverCore, startOn } from './processes.ts';

const launcher = fileURLToPath(new URL('../../packages/sallyport/bin/sallyport.js', import.meta.url));

/** An installation that serves. */
export interface BenchSallyport {
  readonly process: BenchProcess;
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** For another server of the same installation, after the end of this one. */
  readonly configFile: string;
  readonly environment: Record<string, string>;
}

/** Installs and starts; `config` is the text of the whole config, `secrets` the values by credential. */
export async function startSallyport(place: {
  readonly folder: string;
  readonly port: number;
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly agent: string;
}): Promise<BenchSallyport> {
  const { folder, port, config, secrets, agent } = place;
  mkdirSync(join(folder, 'project'), { recursive: true });
  mkdirSync(join(folder, 'home'), { recursive: true, mode: 0o700 });
  const file = join(folder, 'project', 'sallyport.yaml');
  writeFileSync(file, config);
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') };
  run(['vault', 'create', '--key-file', '--config', file], env);
  for (const [name, value] of Object.entries(secrets)) run(['credential', 'add', name, '--config', file], env, value);
  const token = run(['agent', 'add', agent, '--config', file], env).trim();
  const command = [process.execPath, launcher, 'up', '--json', '--config', file];
  const started = await startOn(serverCore, command, port, env);
  return { process: started, url: `http://127.0.0.1:${port}`, port, token, configFile: file, environment: env };
}

function run(args: readonly string[], env: Record<string, string>, input = ''): string {
  const result = spawnSync(process.execPath, [launcher, ...args], { env, input, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`sallyport ${args.join(' ')}: ${result.stderr}${result.stdout}`);
  return result.stdout;
}
