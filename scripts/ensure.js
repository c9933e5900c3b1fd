// Brings the workspace up to date before a command runs: installs what is missing and builds what is stale.
// Plain JavaScript without dependencies, because it runs on Node 20 and before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root, runtimePath } from './runtime.js';

// Progress never goes to standard output: that belongs to the command that runs next.
const log = (line) => process.stderr.write(`${line}\n`);
const stampFile = join(root, 'node_modules', '.cache', 'sallyport-build');

/** Installs and builds; returns the path of the runtime. Ends the process with one plain line when it cannot. */
export function ensureReady() {
  try {
    ensureInstalled();
    ensureBuilt();
    return runtimePath();
  } catch (error) {
    log(error.message);
    process.exit(1);
  }
}

/**
 * Installs what the lockfile says when node_modules differs from it; throws when that fails. Not npm ci: that refuses a lockfile
 * without the binaries of every other platform, which a registry need not carry. The lockfile's versions and hashes hold all the same.
 */
export function ensureInstalled() {
  if (isInstalled()) return;
  const startedAt = Date.now();
  log('Installing dependencies from the lockfile, without install scripts …');
  // npm tells its children where it is; run by hand, the one on the path serves.
  const [command, before] = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(command, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm.cmd',
  });
  if (result.error) throw new Error(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error('npm install failed: see its message above, then run the command again.');
  log(`Installed in ${seconds(startedAt)}.`);
}

/** Compiles the packages when a source is newer than the last build; throws when a type error stops it. */
function ensureBuilt() {
  const stamp = sourceStamp();
  const outputs = packageFolders().map((folder) => join(folder, 'dist', '.tsbuildinfo'));
  if (outputs.every((file) => existsSync(file)) && readIfThere(stampFile) === stamp) return;
  const startedAt = Date.now();
  log('Building …');
  removeOrphans();
  const result = spawnSync(runtimePath(), [join(root, 'node_modules/typescript/bin/tsc'), '-b'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.error) throw new Error(`the compiler could not be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error('The build failed: see the errors above.');
  bundle();
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
  log(`Built in ${seconds(startedAt)}.`);
}

// Starts are faster with it and right without: the command takes what the compiler made where there is none.
function bundle() {
  const result = spawnSync(runtimePath(), [join(root, 'scripts', 'bundle.js')], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) log('The program was not bundled: see above. It runs as it is, and starts more slowly.');
}

// npm leaves a lockfile of what it put on the disk; comparing the two needs no stamp of our own, and an install by hand counts.
function isInstalled() {
  const installed = readIfThere(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(installed).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const there = found[path];
    if (there === undefined) return entry.optional === true || entry.peer === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

function packageFolders() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'tsconfig.json')));
}

// Names, sizes and times of everything that the compiler reads: a removed file changes it as well.
function sourceStamp() {
  const files = ['tsconfig.base.json', 'tsconfig.json', 'package-lock.json'].map((name) => join(root, name));
  for (const folder of packageFolders()) files.push(join(folder, 'tsconfig.json'), ...filesUnder(join(folder, 'src')));
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

// The compiler never deletes: without this, the output of a removed source would be packed for ever.
function removeOrphans() {
  for (const folder of packageFolders()) {
    const dist = join(folder, 'dist');
    if (!existsSync(dist)) continue;
    for (const file of filesUnder(dist)) {
      const source = relative(dist, file).replace(/(\.d\.ts|\.js)$/, '.ts');
      if (source !== '.tsbuildinfo' && !existsSync(join(folder, 'src', source))) rmSync(file);
    }
  }
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function seconds(startedAt) {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
