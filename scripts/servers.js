// The real servers and tools that tests and benches need: installs them where it may, starts them, and says which are missing.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * One row each: the Debian package and binary, who needs it ('tests' are started, 'bench' are installed only), and for a
 * server the arguments that start it in the foreground on a loopback port, with everything it writes under `folder`.
 */
export const servers = {
  script: { debianPackage: 'bsdutils', binary: 'script', neededBy: 'tests' },
  wrk: { debianPackage: 'wrk', binary: 'wrk', neededBy: 'bench' },
  // Started by test/postgres-cluster.ts, which needs more than one kind of them.
  postgres: { debianPackage: 'postgresql', binary: 'postgres', neededBy: 'tests' },
  nginx: { debianPackage: 'nginx-light', binary: 'nginx', neededBy: 'bench' },
};

/**
 * Installs what is absent, starts what can be started, and returns { available, missing, stop }.
 * @param {string} neededBy
 * @param {Record<string, any>} table
 */
export async function prepareServers(neededBy, table = servers) {
  const wanted = Object.entries(table).filter(([, server]) => server.neededBy === neededBy);
  installAbsent(wanted.map(([, server]) => server));
  /** @type {Record<string, { binary: string, port?: number }>} */
  const available = {};
  /** @type {{ name: string, reason: string }[]} */
  const missing = [];
  const running = [];
  for (const [name, server] of wanted) {
    const binary = binaryPath(server.binary);
    if (binary === undefined) {
      missing.push({ name, reason: `${server.binary} is not installed (Debian package ${server.debianPackage})` });
      continue;
    }
    if (server.start === undefined) {
      available[name] = { binary };
      continue;
    }
    const started = await startServer(binary, server);
    if (started === undefined) missing.push({ name, reason: `${server.binary} did not start` });
    else {
      running.push(started);
      available[name] = { binary, port: started.port };
    }
  }
  return { available, missing, stop: () => Promise.all(running.map((server) => server.stop())) };
}

/** Where a program is on the path (or in the system's folders, which a user's path often leaves out). */
export function binaryPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', ...postgresFolders()];
  return [name, ...folders.map((folder) => join(folder, name))].find((path) => {
    if (!path.includes('/')) return false;
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// Debian keeps each version's programs in a folder of its own; the newest first.
function postgresFolders() {
  const folder = '/usr/lib/postgresql';
  if (!existsSync(folder)) return [];
  const versions = readdirSync(folder).sort((left, right) => Number(right) - Number(left));
  return versions.map((version) => join(folder, version, 'bin'));
}

function installAbsent(wanted) {
  const absent = wanted
    .filter((server) => binaryPath(server.binary) === undefined)
    .map((server) => server.debianPackage);
  const mayInstall = process.getuid?.() === 0 && binaryPath('apt-get') !== undefined;
  if (absent.length === 0 || !mayInstall) return;
  process.stderr.write(`Installing ${absent.join(', ')} …\n`);
  // No recommended packages and no services: Debian would start a server of its own on the usual port.
  const options = {
    stdio: ['ignore', 'ignore', 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  };
  const install = () => spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...absent], options);
  if (install().status === 0) return;
  spawnSync('apt-get', ['update', '-q'], options);
  install();
}

async function startServer(binary, server) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-server-'));
  const port = await freePort();
  const child = spawn(binary, server.start({ port, folder }), { stdio: ['ignore', 'ignore', 2] });
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
    child.on('error', resolve);
  });
  const stop = async () => {
    child.kill(server.stopSignal ?? 'SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  if (await answers(port, 15_000, ended)) return { port, stop };
  await stop();
  return undefined;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
    probe.on('error', reject);
  });
}

async function answers(port, timeoutMs, ended) {
  const deadline = Date.now() + timeoutMs;
  const isOver = ended.then(() => true);
  while (Date.now() < deadline) {
    if (await accepts(port)) return true;
    const pause = new Promise((resolve) => setTimeout(resolve, 50, false));
    if (await Promise.race([isOver, pause])) return false;
  }
  return false;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

// By hand: node scripts/servers.js tests|bench prints what is there, as JSON, and stops what it started.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { available, missing, stop } = await prepareServers(process.argv[2] ?? 'tests');
  process.stdout.write(`${JSON.stringify({ available, missing }, null, 2)}\n`);
  await stop();
}
