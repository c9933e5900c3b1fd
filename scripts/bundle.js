// Puts the compiled program and its libraries into a few files, which load several times faster than 700. With them stand the
// licenses of what they hold. The command takes the bundle while nothing was compiled since (bin/program.js).
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
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

// Importing the runtime's HTTP module reads all that it exports, and with three of them (WebSocket and its events) the runtime loads a
// client of its own: 50 ms and nothing that we use.
const lazy = new Set(['WebSocket', 'CloseEvent', 'MessageEvent']);
const runtimeHttp = {
  name: 'runtime-http',
  resolveId: (id) => (id === 'node:http' ? '\0node:http' : null),
  load: (id) => {
    if (id !== '\0node:http') return null;
    const names = Object.keys(http).filter((name) => !lazy.has(name));
    return `const http = process.getBuiltinModule('node:http');\nexport default http;\nexport const { ${names.join(', ')} } = http;`;
  },
};

rmSync(folder, { recursive: true, force: true });
// The grammar finds its WebAssembly beside itself.
const bundle = await rolldown({
  input,
  platform: 'node',
  external: ['libpg-query'],
  plugins: [runtimeHttp],
  logLevel: 'warn',
});
const { output } = await bundle.write({ dir: folder, format: 'esm' });
writeFileSync(join(folder, 'LICENSES.txt'), licensesOf(output.flatMap((chunk) => chunk.moduleIds ?? [])));

function licensesOf(files) {
  const packages = files.flatMap(
    (file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/')) ?? [],
  );
  return [...new Set(packages)]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map(licenseOf)
    .join('\n\n');
}

function licenseOf(place) {
  const { name, version, license } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
  const file = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(join(place, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}
