// The launcher opens exactly the files that the config names, and writes only where an operation does.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceFiles } from '../../src/config/service-files.ts';
import { noOwnFiles } from './config-text.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function filesOf(text: string) {
  writeFileSync(join(folder, 'sallyport.yaml'), text);
  return await serviceFiles(join(folder, 'sallyport.yaml'), noOwnFiles);
}

const sql = (service: string, effect: string) =>
  `{ service: ${service}, effect: ${effect}, description: x, sql: select 1, reply: { rows: 1 } }`;

it('lists databases, writable where an operation writes, and the files of TLS', async () => {
  const text = `listen: { tls: { cert: cert.pem, key: key.pem } }
services:
  one: { type: sqlite, file: one.db }
  two: { type: sqlite, file: /var/two.db }
operations:
  a: ${sql('one', 'read')}
  b: ${sql('two', 'read')}
  c: ${sql('two', 'write')}
`;
  expect(await filesOf(text)).toEqual([
    { path: join(folder, 'one.db'), write: false },
    { path: '/var/two.db', write: true },
    { path: join(folder, 'cert.pem'), write: false },
    { path: join(folder, 'key.pem'), write: false },
  ]);
});

it('lists nothing for a config with an error, or for none', async () => {
  expect(await filesOf('services: 5')).toEqual([]);
  expect(await serviceFiles(join(folder, 'none.yaml'), noOwnFiles)).toEqual([]);
});

it('names a file that is written with escapes, and looks no further into a config that can name none', async () => {
  expect(await filesOf(String.raw`services: { one: { type: "sq\x6cite", file: one.db } }`)).toEqual([
    { path: join(folder, 'one.db'), write: false },
  ]);
  expect(await filesOf('services: { api: { type: http, url: https://api.example.com } }')).toEqual([]);
});
