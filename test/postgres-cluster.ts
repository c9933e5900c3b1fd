// A private PostgreSQL cluster on a loopback port, as a user who is not root, gone when it is stopped.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A running cluster; its superuser `postgres` comes in over the socket file only. */
export interface PostgresCluster {
  readonly port: number;
  /** Runs SQL as superuser with psql; returns what it prints, without headers. */
  sql(text: string, database?: string): string;
  stop(): Promise<void>;
}

/** What differs between clusters. */
export interface ClusterOptions {
  /** Lines of pg_hba.conf for connections over TCP. */
  readonly access: readonly string[];
  /** Whether it offers TLS, with the certificate `good` of the fixtures. */
  readonly tls: boolean;
}

const tlsFolder = fileURLToPath(new URL('../packages/sallyport/test/fixtures/tls/', import.meta.url));

/** Makes a cluster and starts it. `binary` is the path of `postgres`, or a link to it; initdb and psql lie beside it. */
export async function startCluster(binary: string, options: ClusterOptions): Promise<PostgresCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'));
  const owner = serverUser();
  const programs = dirname(realpathSync(binary));
  const program = (name: string): string => join(programs, name);
  const own = (path: string, mode: number): void => {
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
    chmodSync(path, mode);
  };
  own(folder, 0o700);
  const data = join(folder, 'data');
  const run = { cwd: folder, stdio: 'pipe', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, ...owner } as const;
  execFileSync(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], run);
  for (const name of ['good.pem', 'good-key.pem']) {
    copyFileSync(join(tlsFolder, name), join(data, name));
    own(join(data, name), 0o600);
  }
  writeFileSync(join(data, 'pg_hba.conf'), ['local all postgres trust', ...options.access, ''].join('\n'));
  const port = await freePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: '40',
    password_encryption: 'scram-sha-256',
    ssl: options.tls ? 'on' : 'off',
    ssl_cert_file: 'good.pem',
    ssl_key_file: 'good-key.pem',
    log_min_messages: 'panic',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(binary, ['-D', data, ...flags], { ...run, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()).on('error', () => resolve()));
  const stop = async (): Promise<void> => {
    // "Immediate shutdown": nothing of it is needed again.
    server.kill('SIGQUIT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const sql = (text: string, database = 'postgres'): string =>
    execFileSync(
      program('psql'),
      ['-h', folder, '-p', String(port), '-U', 'postgres', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', database],
      { ...run, input: text, encoding: 'utf8' },
    ).trim();
  try {
    await untilAnswers(port, sql);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, sql, stop };
}

function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function untilAnswers(port: number, sql: (text: string) => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (await accepts(port)) {
      try {
        sql('select 1');
        return;
      } catch {
        // It listens before it lets anybody in.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the PostgreSQL cluster did not start');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
    probe.on('error', reject);
  });
}
