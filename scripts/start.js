// npm start: installs and builds what is missing, then runs an example (examples/shop unless --example NAME says another).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady } from './ensure.js';
import { runChild } from './run-child.js';
import { root } from './runtime.js';

const { name, rest } = exampleName(process.argv.slice(2));
const program = join(root, 'examples', name, 'start.ts');
if (!/^[a-z0-9-]+$/.test(name) || !existsSync(program)) {
  const isFolder = /^[a-z0-9-]+$/.test(name) && existsSync(join(root, 'examples', name));
  const why = isFolder ? `examples/${name} has no program to start` : `There is no example ${JSON.stringify(name)}`;
  process.stderr.write(`${why}. npm start -- --example NAME starts: ${examples().join(', ')}.\n`);
  process.exit(2);
}
const runtime = ensureReady();
process.exitCode = await runChild(runtime, ['--disable-sigusr1', program, ...rest]);

function exampleName(args) {
  const at = args.findIndex((arg) => arg === '--example' || arg.startsWith('--example='));
  if (at < 0) return { name: 'shop', rest: args };
  const joined = args[at].startsWith('--example=');
  const value = joined ? args[at].slice('--example='.length) : (args[at + 1] ?? '');
  return { name: value, rest: args.filter((_, i) => i !== at && (joined || i !== at + 1)) };
}

function examples() {
  const folder = join(root, 'examples');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((entry) => existsSync(join(folder, entry, 'start.ts')));
}
