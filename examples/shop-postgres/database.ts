// The shop's PostgreSQL: a server of its own on loopback, with an authority of its own and one role for Sallyport.
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareServers, servers } from '../../scripts/servers.js';
import type { PostgresCluster } from '../../test/postgres-cluster.ts';
import { startCluster } from '../../test/postgres-cluster.ts';
import { customers, orders } from '../shop/rows.ts';
import type { DatabaseStart, ShopSecret } from '../shop/variant.ts';

const role = 'shop_agent';
const scramIterations = 4096;
const schema = readFileSync(new URL('./setup.sql', import.meta.url), 'utf8');

/** The password of the role; the server gets a verifier of it only, and never sees it. */
export const rolePassword: ShopSecret = {
  credential: 'shop-db',
  name: 'password for the role of the database',
  proof: 'database.scram',
  make: () => {
    const password = randomBytes(32).toString('base64url');
    return { value: `username=${role}\npassword=${password}`, proof: scramVerifier(password, randomBytes(16)) };
  },
};

/** Makes an authority and a certificate for `localhost` unless they are there; the authority's key is thrown away. */
export function makeCertificates(folder: string): void {
  if (existsSync(join(folder, 'server.pem'))) return;
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const make = (name: string, subject: string, extra: readonly string[]): void => {
    const files = ['-keyout', `${name}-key.pem`, '-out', `${name}.pem`];
    const args = ['req', '-x509', '-days', '3650', '-subj', subject, ...key, ...files, ...extra];
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  make('ca', '/CN=Authority of the example shop-postgres', ['-addext', 'keyUsage=critical,keyCertSign']);
  const extensions = [
    'subjectAltName=DNS:localhost',
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=serverAuth',
  ];
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem'];
  make('server', '/CN=localhost', [...signer, ...extensions.flatMap((extension) => ['-addext', extension])]);
  rmSync(join(folder, 'ca-key.pem'));
}

/** Where `postgres` is, installed if that may be done; what is missing where it is not, openssl included. */
export async function findPrograms(): Promise<{ readonly postgres: string } | { readonly missing: string }> {
  const openssl = { debianPackage: 'openssl', binary: 'openssl', neededBy: 'tests' };
  const { available, missing } = await prepareServers('tests', { postgres: servers.postgres, openssl });
  const { postgres } = available;
  if (postgres !== undefined && missing.length === 0) return { postgres: postgres.binary };
  return { missing: missing.map(({ reason }) => reason).join('; ') };
}

/** Starts a server with the shop's rows, new each time. */
export async function startShopServer(
  binary: string,
  { proofs, dataFolder, ports }: DatabaseStart,
): Promise<PostgresCluster> {
  const cluster = await startCluster(binary, {
    access: [`hostssl shop ${role} 127.0.0.1/32 scram-sha-256`],
    tls: { certificate: join(dataFolder, 'server.pem'), key: join(dataFolder, 'server-key.pem') },
    port: ports.database,
  });
  try {
    fill(cluster, proofs[rolePassword.credential] ?? '');
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

function fill(cluster: PostgresCluster, verifier: string): void {
  cluster.sql(`create role ${role} login password '${verifier}'; create database shop;`);
  cluster.sql(schema, 'shop');
  cluster.sql(
    `copy customers from stdin;\n${lines(customers())}\\.\ncopy orders from stdin;\n${lines(orders())}\\.\n`,
    'shop',
  );
}

// No value of the rows holds a tab, a line break or a backslash.
function lines(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

/** What PostgreSQL keeps of a password (RFC 5803): whoever reads it can check the password, and cannot use it. */
function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, scramIterations, 32, 'sha256');
  const keyed = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const serverKey = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
