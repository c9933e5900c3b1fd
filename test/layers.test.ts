// Holds the code to the layer table of the architecture: who may import whom, which folder may open sockets, and no cycles.
import { describe, expect, it } from 'vitest';
import { dependencyRows } from './dependency-table.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';
import { type ImportReference, importsOf } from './source-scan.ts';

// Folder → the folders that it may import; its own files and the runtime's modules are always there.
const layers: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  log: ['domain'],
  config: ['domain'],
  policy: ['domain'],
  net: ['domain'],
  store: ['domain'],
  audit: ['domain', 'store'],
  agents: ['domain', 'store'],
  approvals: ['domain', 'store', 'audit'],
  vault: ['domain', 'store', 'audit'],
  connectors: ['domain', 'net'],
  catalogue: ['domain', 'config', 'policy', 'connectors'],
  alerts: ['domain', 'net', 'store', 'redact'],
  rotation: ['domain', 'net', 'store', 'vault', 'audit', 'connectors'],
  scope: ['domain', 'net', 'store', 'vault', 'audit', 'catalogue', 'connectors', 'rotation'],
  detect: ['domain', 'store', 'audit', 'redact'],
  pipeline: [
    'domain',
    'policy',
    'agents',
    'approvals',
    'catalogue',
    'vault',
    'audit',
    'connectors',
    'detect',
    'redact',
  ],
  frontends: ['domain', 'pipeline', 'net'],
  bridge: ['domain', 'net', 'launch'],
  scan: ['domain', 'redact'],
  launch: ['domain', 'net', 'redact'],
  range: ['domain', 'net', 'launch'],
  admin: [
    'domain',
    'config',
    'policy',
    'catalogue',
    'store',
    'agents',
    'vault',
    'audit',
    'approvals',
    'rotation',
    'detect',
    'alerts',
    'scan',
    'scope',
  ],
  cli: ['config', 'domain', 'scan', 'launch', 'range', 'redact', 'log', 'app.ts', 'admin client'],
  redact: [],
  'index.ts': ['app.ts', 'domain', 'config'],
};

// Modules of the runtime that reach outside the process, and the folders that may use them; types may be named anywhere.
const guardedModules: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['net'],
  'node:tls': ['net'],
  'node:http': ['net'],
  'node:https': ['net'],
  'node:http2': ['net'],
  'node:dgram': ['net'],
  'node:dns': ['net'],
  'node:dns/promises': ['net'],
  'node:child_process': ['launch'],
  'node:sqlite': ['store', 'connectors'],
  'node:cluster': [],
  'node:inspector': [],
  'node:module': [],
  'node:repl': [],
  'node:vm': [],
};

const files = sourceFiles('packages/sallyport/src');
const paths = new Set(files.map((file) => file.path));
const thirdParty = new Map(dependencyRows().map((row) => [row.name, row.folders]));

describe('the layers', () => {
  it('are a folder of the table for every file', () => {
    expect(files.map(layerOf).filter((layer) => layer !== 'app.ts' && !(layer in layers))).toEqual([]);
  });

  it('import only what the table allows, types included', () => {
    expect(violations(checkRelative)).toEqual([]);
  });

  it('import a third-party package only in the folders that docs/dependencies.md names', () => {
    expect(violations(checkThirdParty)).toEqual([]);
  });

  it('open sockets, start programs and open databases only where the table says', () => {
    expect(violations(checkRuntimeModule)).toEqual([]);
  });

  it('hold no cycle between files', () => {
    expect(cycles()).toEqual([]);
  });

  it('load app.ts from the command line only when a command needs it', () => {
    const loaded = violations((file, { specifier, how }) =>
      layerOf(file) === 'cli' && how === 'static' && resolveFrom(file, specifier) === 'app.ts'
        ? 'use await import()'
        : undefined,
    );
    expect(loaded).toEqual([]);
  });

  // Local clients start the bridge again and again, and wait for it.
  it('load little for the bridge', () => {
    const loaded = [...loadedFrom('bridge/main.ts')].toSorted();
    expect(loaded.filter((each) => !paths.has(each))).toEqual([
      'node:fs',
      'node:net',
      'node:os',
      'node:path',
      'node:util',
    ]);
    expect(loaded.filter((each) => paths.has(each)).length).toBeLessThanOrEqual(15);
  });

  // Some hundred files of libraries that agents never need: they are loaded when the first operator asks, and never where nobody does.
  it('load nothing of the management API at the start of a server', () => {
    const loaded = [...loadedFrom('app.ts', 'static')];
    expect(loaded).toContain('ajv/dist/2020.js');
    expect(loaded.filter((each) => /^(hono|@hono\/.*|zod|yaml|commander)$/.test(each))).toEqual([]);
  });
});

/** A file, and everything that is loaded with it; `static` leaves out what is loaded only when it is needed. */
function loadedFrom(
  path: string,
  depth: 'static' | 'all' = 'all',
  loaded: Set<string> = new Set(),
): ReadonlySet<string> {
  if (loaded.has(path)) return loaded;
  loaded.add(path);
  const file = files.find((each) => each.path === path);
  const references =
    file === undefined
      ? []
      : importsOf(file.tokens).filter(({ how }) => (depth === 'all' ? how !== 'type' : how === 'static'));
  for (const { specifier } of references) {
    const next = file !== undefined && specifier.startsWith('.') ? resolveFrom(file, specifier) : specifier;
    loadedFrom(next, depth, loaded);
  }
  return loaded;
}

function violations(check: (file: SourceFile, reference: ImportReference) => string | undefined): readonly string[] {
  return files.flatMap((file) =>
    importsOf(file.tokens).flatMap((reference) => {
      const problem = check(file, reference);
      return problem === undefined ? [] : [`${file.path}:${reference.line} '${reference.specifier}': ${problem}`];
    }),
  );
}

function checkRelative(file: SourceFile, { specifier }: ImportReference): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = resolveFrom(file, specifier);
  if (!paths.has(target)) return 'there is no such file';
  const from = layerOf(file);
  const to = layerOf({ path: target });
  if (from === 'app.ts' ? to !== 'cli' && to !== 'index.ts' : from === to) return undefined;
  const allowed = layers[from] ?? [];
  if (allowed.includes(to)) return undefined;
  if (allowed.includes('admin client') && /^admin\/(.*-)?client(-.*)?\.ts$/.test(target)) return undefined;
  return `${from} may not import ${to}`;
}

function checkThirdParty(file: SourceFile, { specifier }: ImportReference): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  if (specifier === '(computed)') return 'an import() names its module';
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const folders = thirdParty.get(name);
  if (folders === undefined) return 'docs/dependencies.md has no such package';
  return folders.includes(layerOf(file)) ? undefined : `only ${folders.join(', ')} may import it`;
}

function checkRuntimeModule(file: SourceFile, { specifier, how }: ImportReference): string | undefined {
  const folders = guardedModules[specifier];
  if (folders === undefined || how === 'type') return undefined;
  return folders.includes(layerOf(file)) ? undefined : `only ${folders.join(', ') || 'no folder'} may use it`;
}

// The composition root is app.ts with its parts in app/.
function layerOf(file: { readonly path: string }): string {
  const [first = ''] = file.path.split('/');
  return first === 'app' ? 'app.ts' : first;
}

function resolveFrom(file: { readonly path: string }, specifier: string): string {
  return new URL(specifier, `file:///${file.path}`).pathname.slice(1);
}

// A worker's file is started, not imported: it may name the types of the file that starts it.
function cycles(): readonly string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file.tokens)
        .filter(({ specifier, how }) => specifier.startsWith('.') && how !== 'worker')
        .map(({ specifier }) => resolveFrom(file, specifier)),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}
