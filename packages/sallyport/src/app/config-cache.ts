// Keeps a config that compiled, so that the next start neither parses nor checks it again. The file is state: it counts only with
// the tag of a key that the vault derives, for the very texts that it was read from and the very program that checked them.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { areUnchanged } from '../config/config-source.ts';
import type { Config } from '../domain/config.ts';
import { once } from '../domain/once.ts';
import type { OwnFiles } from '../domain/own-files.ts';
import { packageFolder, programFolder } from '../launch/package-folder.ts';

/** Where the cache lies, and the 32 bytes that vouch for what stands in it. */
export interface ConfigCache {
  readonly path: string;
  readonly key: Uint8Array;
}

// Maps are lists of what stands in them.
type PlainConfig = {
  readonly [Part in Exclude<keyof Config, 'isProven' | 'locate'>]: Config[Part] extends ReadonlyMap<string, infer Value>
    ? readonly Value[]
    : Config[Part];
};

interface Kept {
  readonly program: string;
  readonly config: PlainConfig;
}

const tagDigits = 64;

/** The kept config of this file, proven; undefined when there is none, or when any text, the program or a bit of it is another. */
export function keptConfig({ path, key }: ConfigCache, file: string, ownFiles: OwnFiles): Config | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  const body = text.slice(tagDigits);
  const tag = Buffer.from(text.slice(0, tagDigits), 'hex');
  const expected = tagOf(key, body);
  if (tag.length !== expected.length || !timingSafeEqual(tag, expected)) return undefined;
  const kept: unknown = JSON.parse(body);
  if (!isKept(kept, body) || kept.program !== program() || kept.config.file !== file) return undefined;
  if (!areUnchanged(kept.config.sources, ownFiles)) return undefined;
  // A path may lead elsewhere by now.
  const { services } = kept.config;
  if (services.some((service) => service.type === 'sqlite' && ownFiles.isReachedBy(service.file))) return undefined;
  return provenConfig(kept.config);
}

/** Keeps a config that was compiled whole, for the next start. */
export function keepConfig({ path, key }: ConfigCache, config: Config): void {
  const body = JSON.stringify({ program: program(), config: plainOf(config) });
  const tag = tagOf(key, body).toString('hex');
  // Written beside it and moved: a start never finds half of it.
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, tag + body, { mode: 0o600, flag: 'wx' });
  renameSync(fresh, path);
}

function tagOf(key: Uint8Array, body: string): Buffer {
  return createHmac('sha256', key).update(body).digest();
}

// What the tag vouches for was written by keepConfig of the same program.
function isKept(kept: unknown, _vouchedFor: string): kept is Kept {
  return typeof kept === 'object' && kept !== null && 'program' in kept && 'config' in kept;
}

function plainOf(config: Config): PlainConfig {
  const { file, digest, listen, metrics, sources } = config;
  return {
    file,
    digest,
    listen,
    metrics,
    sources,
    services: [...config.services.values()],
    credentials: [...config.credentials.values()],
    operations: [...config.operations.values()],
    agents: [...config.agents.values()],
  };
}

function provenConfig(plain: PlainConfig): Config {
  return {
    ...plain,
    services: byId(plain.services),
    credentials: byId(plain.credentials),
    operations: byId(plain.operations),
    agents: byId(plain.agents),
    isProven: true,
    // Places are asked for where something is wrong, and then the file is read itself.
    locate: () => ({ line: 1, column: 1 }),
  };
}

function byId<Id, Value extends { readonly id: Id }>(values: readonly Value[]): ReadonlyMap<Id, Value> {
  return new Map(values.map((value) => [value.id, value]));
}

// Every file of the program, its manifest and the runtime: a version alone says too little where somebody builds it.
const program = once(() => {
  const hash = createHash('sha256').update(process.version);
  for (const name of readdirSync(programFolder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (/\.[jt]s$/.test(name)) hash.update(name).update(readFileSync(join(programFolder, name)));
  }
  return hash.update(readFileSync(join(packageFolder, 'package.json'))).digest('hex');
});

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
