// The launcher as an attacker's environment meets it: what reaches the program, how signals and ends pass, what the server may do.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oldNode } from '../../../../test/old-node.ts';

const bin = fileURLToPath(new URL('./fixtures/bin.js', import.meta.url));
// A test process may itself run with runtime options: only what a test adds is under test.
const clean = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
let folder = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-launch-')));
  chmodSync(folder, 0o700);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the environment of the program', () => {
  it('A07: NODE_OPTIONS, TLS, proxy, loader and database variables never reach the program', () => {
    const planted = join(folder, 'planted.cjs');
    writeFileSync(
      planted,
      `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'ran'))}, process.ppid + ' ')`,
    );
    const settings = join(folder, 'openssl.cnf');
    writeFileSync(settings, '');
    const hostile = {
      NODE_OPTIONS: `--require ${planted}`,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_EXTRA_CA_CERTS: settings,
      NODE_USE_ENV_PROXY: '1',
      SSL_CERT_FILE: settings,
      SSL_CERT_DIR: folder,
      OPENSSL_CONF: settings,
      HTTPS_PROXY: 'http://127.0.0.1:9',
      https_proxy: 'http://127.0.0.1:9',
      ALL_PROXY: 'http://127.0.0.1:9',
      PGHOST: 'elsewhere',
      PGSSLMODE: 'disable',
      LD_LIBRARY_PATH: folder,
      DYLD_INSERT_LIBRARIES: planted,
      UV_THREADPOOL_SIZE: '1',
    };
    const report = reportOf({ ...clean, ...hostile });
    expect(Object.keys(hostile).filter((name) => name in report.environment)).toEqual([]);
    // The planted file runs in the launcher, which holds nothing, and never again below it.
    const launcher = readFileSync(join(folder, 'ran'), 'utf8').trim();
    expect(launcher).toBe(String(process.pid));
  });

  it('holds what a program needs: paths, language, terminal, folders of the user, settings of its own', () => {
    const needed = {
      ...clean,
      LANG: 'C.UTF-8',
      LC_TIME: 'C',
      TERM: 'dumb',
      TZ: 'UTC',
      TMPDIR: folder,
      XDG_STATE_HOME: folder,
      NO_COLOR: '1',
      CREDENTIALS_DIRECTORY: folder,
      NOTIFY_SOCKET: '/run/notify',
      SALLYPORT_ANYTHING: 'x',
    };
    expect(reportOf(needed).environment).toMatchObject(needed);
  });
});

describe('the process of the program', () => {
  it('L06: writes no core dump and has no inspector signal', () => {
    const report = reportOf(clean);
    expect(report.execArgv).toEqual(['--disable-sigusr1']);
    if (process.platform === 'linux') expect(report.coreLimit).toBe('0');
  });

  it('ends the launcher with its own exit code', () => {
    expect(run(['exit', '42']).status).toBe(42);
  });

  it('ends the launcher with 128 and the signal when a signal ended it', () => {
    expect(run(['die']).status).toBe(128 + 9);
  });

  it('gets the signals of the launcher, and ends it in its own time', async () => {
    const { launcher, lines } = await waiting();
    launcher.kill('SIGTERM');
    expect(await lines()).toEqual({ got: 'SIGTERM' });
    expect(await ended(launcher)).toBe(7);
  });

  it('L06: kill -USR1 opens no inspector, neither in the program nor in its launcher', async () => {
    const { launcher, lines, program } = await waiting();
    process.kill(program, 'SIGUSR1');
    launcher.kill('SIGUSR1');
    // The signal is handled before the next one: when the program has answered that, an inspector would be there.
    launcher.kill('SIGTERM');
    expect(await lines()).toEqual({ got: 'SIGTERM' });
    const listening = await answers(9229);
    expect(await ended(launcher)).toBe(7);
    expect(listening).toBe(false);
    expect(errorsOf(launcher)).not.toMatch(/debugger/i);
  });

  it('starts on an older Node by handing over to the pinned runtime', () => {
    const old = oldNode();
    if (old === undefined) return;
    const result = spawnSync(old, [bin, 'report'], { encoding: 'utf8', env: clean });
    expect(JSON.parse(result.stdout).execArgv).toEqual(['--disable-sigusr1']);
  });
});

describe('F3: the bridge', () => {
  const hostile = {
    ...clean,
    NODE_EXTRA_CA_CERTS: '/nowhere',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    XDG_STATE_HOME: '/state',
  };

  it('runs in the process of the launcher, with the allowed part of the environment', () => {
    const result = run(['mcp', '--agent', 'up'], hostile);
    const report = JSON.parse(result.stdout);
    expect(report.args).toEqual(['mcp', '--agent', 'up']);
    expect(report.processId).toBe(result.pid);
    expect(report.environment).toMatchObject({ XDG_STATE_HOME: '/state' });
    expect(report.environment).not.toHaveProperty('HTTPS_PROXY');
    expect(report.environment).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  });

  it('runs in the pinned runtime under an older Node', () => {
    const old = oldNode();
    if (old === undefined) return;
    const result = spawnSync(old, [bin, 'mcp'], { encoding: 'utf8', env: hostile });
    expect(JSON.parse(result.stdout).processId).not.toBe(result.pid);
  });

  it('is no other command that has the word in it', () => {
    expect(run(['report', 'mcp']).stdout).toContain('execArgv');
  });
});

describe('the server', () => {
  it('reads its program, config, key and services, writes state and writable services, and nothing else', () => {
    expect(runServer().result).toEqual({
      readConfig: 'ok',
      readKey: 'ok',
      readOutside: 'ERR_ACCESS_DENIED',
      writeConfig: 'ERR_ACCESS_DENIED',
      writeKey: 'ERR_ACCESS_DENIED',
      writeProgram: 'ERR_ACCESS_DENIED',
      writeState: 'ok',
      writeService: 'ok',
      stateDatabase: 'ok',
      worker: 'ok',
      tcp: 'ok',
      unixSocket: 'ok',
      childProcess: 'ERR_ACCESS_DENIED',
      nativeAddon: 'ERR_DLOPEN_DISABLED',
      inspector: 'ERR_ACCESS_DENIED',
    });
  });

  it('starts without warnings on its standard error', () => {
    expect(runServer().errors).toBe('');
  });

  it('does not start with a key inside its state folder', () => {
    const state = join(folder, 'state');
    const result = run(['up', '--state', state, '--key-file', join(state, 'vault.key')]);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /^STATE_UNSAFE: the key file \/.*vault\.key is inside the state folder \/.*--key-file PATH/,
    );
    expect(result.stdout).toBe('');
  });
});

interface Report {
  readonly environment: Readonly<Record<string, string>>;
  readonly execArgv: readonly string[];
  readonly coreLimit?: string;
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = clean) {
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: environment, timeout: 20_000 });
}

function reportOf(environment: Readonly<Record<string, string>>): Report {
  return JSON.parse(run(['report'], environment).stdout);
}

function runServer() {
  const places = {
    state: join(folder, 'state'),
    config: join(folder, 'project', 'sallyport.yaml'),
    key: join(folder, 'keys', 'vault.key'),
    service: join(folder, 'data', 'shop.db'),
    outside: join(folder, 'outside'),
  };
  for (const name of ['project', 'keys', 'data']) mkdirSync(join(folder, name));
  for (const path of [places.config, places.key, places.service, places.outside]) writeFileSync(path, '');
  const options = ['--config', places.config, '--state', places.state, '--key-file', places.key];
  const result = run(['up', ...options], {
    ...clean,
    SALLYPORT_FIXTURE_PLACES: JSON.stringify(places),
    SALLYPORT_FIXTURE_SERVICES: JSON.stringify([{ path: places.service, write: true }]),
  });
  return { result: JSON.parse(result.stdout) as unknown, errors: result.stderr };
}

const errors = new WeakMap<ChildProcess, string[]>();

async function waiting() {
  const launcher = spawn(process.execPath, [bin, 'wait'], { env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
  const errorLines: string[] = [];
  errors.set(launcher, errorLines);
  launcher.stderr.on('data', (chunk) => errorLines.push(String(chunk)));
  const iterator = createInterface(launcher.stdout)[Symbol.asyncIterator]();
  const lines = async (): Promise<Readonly<Record<string, unknown>>> =>
    JSON.parse(String((await iterator.next()).value));
  const program = Number((await lines())['ready']);
  return { launcher, lines, program };
}

function errorsOf(launcher: ChildProcess): string {
  return (errors.get(launcher) ?? []).join('');
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.on('close', resolve));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
