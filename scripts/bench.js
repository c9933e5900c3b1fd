// npm run bench -- NAME [--json FILE]: runs one benchmark of bench/ under the pinned runtime, with what it needs installed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady } from './ensure.js';
import { runChild } from './run-child.js';
import { root } from './runtime.js';
import { prepareServers } from './servers.js';

const [name, ...rest] = process.argv.slice(2);
const names = benches();
if (!names.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- NAME [--json FILE]\nThere are: ${names.join(', ') || 'none yet'}.\n`);
  process.exit(2);
}
const runtime = ensureReady();
const { available, missing, stop } = await prepareServers('bench');
for (const { name: server, reason } of missing) process.stderr.write(`Missing: ${server}: ${reason}.\n`);
process.exitCode = await runChild(runtime, [join(root, 'bench', `${name}.ts`), ...rest], {
  env: { ...process.env, SALLYPORT_TEST_SERVERS: JSON.stringify(available) },
});
await stop();

// A benchmark is a file that has a name of its own; the harness and what benches share lie in bench/lib.
function benches() {
  const folder = join(root, 'bench');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== 'harness.ts' && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
}
