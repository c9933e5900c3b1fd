// The next start may skip parsing and checking only for the very config, program and key that vouched for it; nothing in the file is believed.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepConfig, keptConfig } from '../../src/app/config-cache.ts';
import { compileCatalogue } from '../../src/catalogue/compile-catalogue.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Config } from '../../src/domain/config.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { noOwnFiles } from '../config/config-text.ts';

const text = `
services:
  api: { type: http, url: 'https://api.example.com/base', credential: key, place: { header: X-Key } }
credentials:
  key: { kind: token, max-lifetime: 7d }
operations:
  api.make:
    service: api
    effect: write
    description: Makes a thing.
    input:
      name: { type: string, maxLength: 40, pattern: '^[a-z]+$' }
      count: { type: integer, minimum: 1, maximum: 9, default: 3 }
      at: { type: string, format: date-time, maxLength: 40, optional: true }
    http: { method: POST, path: '/things/{name}', body: { count: $count, at: $at, fixed: [1.5, null, true] } }
    reply: [/id, /items/*/name]
agents:
  bot:
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    may: [api.make: { where: { name: { const: shop } }, rate: 10/h }]
`;

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-cache-'));
  file = join(folder, 'sallyport.yaml');
  writeFileSync(file, text);
});
afterEach(() => rmSync(folder, { recursive: true }));

const cache = (byte = 7) => ({ path: join(folder, 'config.cache'), key: Buffer.alloc(32, byte) });

function loaded(): Config {
  const result = loadConfig(file, noOwnFiles);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.config;
}

function kept(): Config {
  keepConfig(cache(), loaded());
  const config = keptConfig(cache(), file, noOwnFiles);
  if (config === undefined) throw new Error('nothing was kept');
  return config;
}

it('gives back the config that was kept, as it was', () => {
  const { locate } = loaded();
  expect({ ...kept(), locate }).toStrictEqual({ ...loaded(), locate, isProven: true });
  expect(loaded().isProven).toBe(false);
});

it('compiles to the same operations, digests and refusals as the file', async () => {
  const compile = async (config: Config) => {
    const outcome = await compileCatalogue(config, { network: createNetwork() });
    if (!outcome.ok) throw new Error('not compiled');
    const operation = [...outcome.catalogue.operations.values()][0];
    const inputs = [{ name: 'shop' }, { name: 'X', count: 10 }, { name: 'shop', more: 1 }];
    const seen = inputs.map((input) => operation?.validate(input));
    return { digest: operation?.digest, schema: operation?.inputSchema, seen };
  };
  expect(await compile(kept())).toStrictEqual(await compile(loaded()));
});

it('is a file that only its owner may read', () => {
  keepConfig(cache(), loaded());
  expect(statSync(cache().path).mode & 0o777).toBe(0o600);
});

it('is not believed with a bit changed anywhere, under another key, or cut short', () => {
  keepConfig(cache(), loaded());
  const whole = readFileSync(cache().path);
  expect(keptConfig(cache(8), file, noOwnFiles)).toBeUndefined();
  for (const at of [0, 63, 64, Math.floor(whole.length / 2), whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(cache().path, changed);
    expect(keptConfig(cache(), file, noOwnFiles)).toBeUndefined();
  }
  for (const length of [0, 10, 64, whole.length - 1]) {
    writeFileSync(cache().path, whole.subarray(0, length));
    expect(keptConfig(cache(), file, noOwnFiles)).toBeUndefined();
  }
});

it('does not hold when a database that it names leads to the state by now', () => {
  const database = join(folder, 'shop.db');
  const operation = `{ service: db, effect: read, description: One., sql: select 1 as one, reply: { rows: 1 } }`;
  writeFileSync(file, `services: { db: { type: sqlite, file: shop.db } }\noperations: { db.one: ${operation} }\n`);
  keepConfig(cache(), loaded());
  expect(keptConfig(cache(), file, noOwnFiles)).toBeDefined();
  expect(keptConfig(cache(), file, { ...noOwnFiles, isReachedBy: (path) => path === database })).toBeUndefined();
});

it('does not hold for another text, a file elsewhere, or when there is none', () => {
  expect(keptConfig(cache(), file, noOwnFiles)).toBeUndefined();
  keepConfig(cache(), loaded());
  expect(keptConfig(cache(), join(folder, 'other.yaml'), noOwnFiles)).toBeUndefined();
  writeFileSync(file, `${text}# a word\n`);
  expect(keptConfig(cache(), file, noOwnFiles)).toBeUndefined();
  rmSync(file);
  expect(keptConfig(cache(), file, noOwnFiles)).toBeUndefined();
});
