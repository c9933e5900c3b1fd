// Puts the compiled program and its libraries into a few files, which load several times faster than 700. With them stand the
// licenses of what they hold. The command takes the bundle while nothing was compiled since (bin/sallyport.js).
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './runtime.js';

const dist = join(root, 'packages', 'sallyport', 'dist');
const folder = join(dist, 'bundle');

// Threads are started by the names of their files.
const input = {
  main: join(dist, 'cli', 'main.js'),
  bridge: join(dist, 'bridge', 'main.js'),
  'writer-worker': join(dist, 'audit', 'writer-worker.js'),
  'sqlite-worker': join(dist, 'connectors', 'sqlite-worker.js'),
};

rmSync(folder, { recursive: true, force: true });
// The grammar finds its WebAssembly beside itself.
const bundle = await rolldown({ input, platform: 'node', external: ['libpg-query'], logLevel: 'warn' });
const { output } = await bundle.write({ dir: folder, format: 'esm' });
writeFileSync(join(folder, 'LICENSES.txt'), licensesOf(output.flatMap((chunk) => chunk.moduleIds ?? [])));

function licensesOf(files) {
  const packages = files.flatMap(
    (file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/')) ?? [],
  );
  return [...new Set(packages)].toSorted().map(licenseOf).join('\n\n');
}

function licenseOf(place) {
  const { name, version, license } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
  const file = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(join(place, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}
