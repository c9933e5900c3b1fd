// What a whole config is, and that everything wrong with it is reported at once, where it stands.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { initGithub } from '../../src/config/templates/init-github.ts';
import { initHttp } from '../../src/config/templates/init-http.ts';
import { initPostgres } from '../../src/config/templates/init-postgres.ts';
import { initSqlite } from '../../src/config/templates/init-sqlite.ts';
import { configFile, configOf, errorsOf, httpConfig, noOwnFiles, problemsOf } from './config-text.ts';

const wrong = `listen: { host: 0.0.0.0, port: "7420" }
services:
  api:
    type: http
    url: http://api.example.com
    credential: apl
    place: baerer
  db: { type: sqlite, file: ./x.db, credential: api }
  Caps: { type: sqlite, file: ./y.db }
credentials:
  api: { kind: token, max-lifetime: 90 }
  spare: { kind: tokn, max-lifetime: 1d, value: abc }
operations:
  items.get:
    service: apii
    effect: reed
    description: One item.
    input:
      id: { type: string }
      other: { type: integer }
    http: { method: GET, path: '/items/x-{id}', headers: { Authorization: x } }
  items.put:
    service: api
    effect: write
    desciption: Puts.
    http: { method: PUT, path: /items }
    reply: none
agents:
  bot:
    token: { max-lifetime: 30d }
    may:
      - items.gett
      - items.put: { rate: 10/y, approval: maybe }
alerts: []
`;

describe('a config with many mistakes', () => {
  it('shows all of them, each with line and column', () => {
    expect(errorsOf(wrong)).toEqual([
      '1:11 another address than loopback needs `tls: { cert: FILE, key: FILE }`',
      '1:26 must be a number, not text',
      '5:5 plain HTTP would show the credential to the network; use `https://`',
      '6:5 no credential is named `apl` (a service without one says `credential: none`); did you mean `api`?',
      expect.stringMatching(/^7:5 must be `bearer`, `basic`/),
      "8:37 a sqlite service has no `credential`: the file's permissions are its lock; remove it",
      expect.stringMatching(/^9:3 is not an id: lower-case letters/),
      '11:23 must be text, not a number',
      '12:12 must be `token` or `username-password`',
      '12:42 values never stand in this file; remove it and run `sallyport credential add`',
      expect.stringMatching(/^14:3 `reply` is missing/),
      '15:5 no service is named `apii`; did you mean `api`?',
      '16:5 must be `read` or `write` or `destroy`',
      '19:7 text needs a `maxLength` (or `enum`, `const` or `format`): inputs are bounded',
      '19:7 the input `id` is used nowhere in the request',
      '20:7 the input `other` is used nowhere in the request',
      '21:26 an input must be a whole segment, such as `/items/{id}`',
      '21:60 this header carries credentials; declare a credential and its place',
      '22:3 `description` is missing; it is required here',
      '25:5 unknown key `desciption`; did you mean `description`?',
      expect.stringMatching(/^29:3 `session` is missing/),
      '32:9 matches no operation; did you mean `items.get`?',
      '33:22 must be a count from 1 to 10000 and a unit, such as 10/h; units are s, m, h, d',
      '33:34 must be `none` or `required`',
      '34:1 `alerts` is not available in this version; remove it',
    ]);
  });

  it('names the file in every problem', () => {
    expect(new Set(problemsOf(wrong).map(({ file }) => file))).toEqual(new Set([configFile]));
  });
});

describe('a config without mistakes', () => {
  it.each([
    ['http', initHttp(), ['read', 'read']],
    ['github', initGithub(), ['read', 'read', 'write']],
    ['sqlite', initSqlite(), ['read', 'read']],
    ['postgres', initPostgres(), ['read', 'read', 'write']],
  ])('is what `init %s` writes', (_, text, effects) => {
    expect(problemsOf(text)).toEqual([]);
    expect([...configOf(text).operations.values()].map(({ effect }) => effect)).toEqual(effects);
  });

  it.each(['', 'services: {}\noperations: {}\nagents: {}\n', 'listen: { port: 7000 }\n'])(
    'that declares nothing (%j) is worth a warning',
    (text) => {
      expect(problemsOf(text)).toMatchObject([
        { severity: 'warning', line: 1, column: 1, message: expect.stringContaining('declares no service') },
      ]);
    },
  );

  it('may be empty, and then listens on loopback', () => {
    const config = configOf('');
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 7420, hostNames: [], tls: null });
    expect(config.operations.size).toBe(0);
  });

  it('gives positions of what stands in it, and of the nearest parent of what does not', () => {
    const config = configOf(initSqlite());
    const operation = config.locate(['operations', 'orders.by-customer']);
    expect(operation).toEqual({ line: 9, column: 3 });
    expect(config.locate(['operations', 'orders.by-customer', 'nothing', 3])).toEqual(operation);
  });

  it('has one digest whatever its comments and order of keys, and another for another meaning', () => {
    const digest = configOf('listen: { host: 127.0.0.1, port: 1 } # one').digest;
    expect(configOf('listen:\n  port: 1\n  host: "127.0.0.1"').digest).toBe(digest);
    expect(configOf('listen: { host: 127.0.0.1, port: 2 }').digest).not.toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('warns of a credential that no service uses', () => {
    const text = httpConfig().replace('credentials:', 'credentials:\n  spare: { kind: token, max-lifetime: 1d }');
    expect(problemsOf(text).map(({ severity, path, line }) => [severity, path.join('.'), line])).toEqual([
      ['warning', 'credentials.spare', 8],
    ]);
  });
});

describe('a config file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function messages(path: string): readonly string[] {
    const result = loadConfig(path, noOwnFiles);
    return result.ok ? [] : result.problems.map(({ message }) => message);
  }

  function written(name: string, content: string | Uint8Array): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  it('is loaded from disk with its absolute path', () => {
    const result = loadConfig(written('a.yaml', initSqlite()), noOwnFiles);
    expect(result.ok && result.config.file).toBe(join(folder, 'a.yaml'));
  });

  it('is refused when it is missing, a folder, a pipe, too large or not UTF-8', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(messages(join(folder, 'none.yaml'))).toEqual([
      'the config file does not exist; `sallyport init http` or `sallyport init sqlite` writes one, --config names another',
    ]);
    expect(messages(folder)).toEqual(['the config file is not a regular file']);
    expect(messages(join(folder, 'pipe'))).toEqual(['the config file is not a regular file']);
    expect(messages(written('large', `# ${'x'.repeat(1024 * 1024)}`))).toEqual([
      'the config file is larger than 1 MiB',
    ]);
    expect(messages(written('latin1', Uint8Array.of(0x23, 0xe9)))).toEqual(['the config file is not UTF-8 text']);
  });
});
