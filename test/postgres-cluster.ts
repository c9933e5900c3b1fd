// A private PostgreSQL cluster on a loopback port, as a user who is not root, gone when it is stopped or its parent ends.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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
  /** PEM files that it offers TLS with. */
  readonly tls: { readonly certificate: string; readonly key: string };
  /** Any free port when left out. */
  readonly port?: number;
}

// The server ends when standard input does, whatever became of this process; by SIGQUIT, because nothing of it is needed
// again. A Ctrl-C in the terminal reaches the whole group: the server ends by itself then, and this waits for it.
const watched = 'trap "" INT; exec 3<&0; "$@" & server=$!; { cat <&3 >/dev/null; kill -QUIT $server; } & wait $server';

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
  for (const [name, file] of Object.entries(options.tls)) {
    copyFileSync(file, join(data, name));
    own(join(data, name), 0o600);
  }
  writeFileSync(join(data, 'pg_hba.conf'), ['local all postgres trust', ...options.access, ''].join('\n'));
  const port = options.port ?? (await freePort());
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: '40',
    password_encryption: 'scram-sha-256',
    ssl: 'on',
    ssl_cert_file: 'certificate',
    ssl_key_file: 'key',
    log_min_messages: 'panic',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = ['-c', watched, 'sh', binary, '-D', data, ...flags];
  const server = spawn('/bin/sh', command, { ...run, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()).on('error', () => resolve()));
  const stop = async (): Promise<void> => {
    server.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const sql = (text: string, database = 'postgres'): string =>
    execFileSync(
      program('psql'),
      ['-h', folder, '-p', String(port), '-U', 'postgres', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', database],
      { ...run, input: text, encoding: 'utf8' },
    ).trim();
  if (await answers(port, { sql, ended })) return { port, sql, stop };
  await stop();
  throw new Error(`PostgreSQL did not start; is port ${port} of 127.0.0.1 free?`);
}

function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

interface StartedServer {
  readonly sql: (text: string) => string;
  readonly ended: Promise<void>;
}

async function answers(port: number, { sql, ended }: StartedServer): Promise<boolean> {
  const deadline = Date.now() + 20_000;
  const isOver = ended.then(() => true);
  while (Date.now() < deadline) {
    if (await accepts(port)) {
      try {
        sql('select 1');
        return true;
      } catch {
        // It listens before it lets anybody in, or it is another server's port.
      }
    }
    const pause = new Promise<false>((resolve) => setTimeout(resolve, 50, false));
    if (await Promise.race([isOver, pause])) return false;
  }
  return false;
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
