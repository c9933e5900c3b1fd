// No path of a config leads to the state or the key: an agent with such a service would approve its own calls.
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRegularFile } from '../../src/config/config-source.ts';
import { loadConfig, parseConfig } from '../../src/config/load-config.ts';
import { ownFiles } from '../../src/launch/own-files.ts';
import { acquireLock } from '../../src/store/lock.ts';

let folder = '';
let state = '';
let keyFile = '';
let project = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-own-'));
  state = join(folder, 'state');
  project = join(folder, 'project');
  keyFile = join(folder, 'default.key');
  mkdirSync(state);
  mkdirSync(project);
  for (const name of ['state.db', 'state.db-wal', 'state.db-shm', 'lock']) writeFileSync(join(state, name), name);
  writeFileSync(keyFile, 'key');
  writeFileSync(join(project, 'shop.db'), 'shop');
});
afterEach(() => rmSync(folder, { recursive: true }));

function messagesOf(text: string): readonly string[] {
  const source = {
    file: join(project, 'sallyport.yaml'),
    ownFiles: ownFiles({ stateFolder: state, keyFile }),
    readFile: readRegularFile,
  };
  const result = parseConfig(text, source);
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

const refusal = 'the file belongs to Sallyport itself (its state or its key): name another file';
const sqlite = (file: string) => `services: { shop: { type: sqlite, file: '${file}' } }`;

describe('A04: a SQLite service', () => {
  const own = () => [join(state, 'state.db'), join(state, 'state.db-wal'), join(state, 'lock'), keyFile];

  it('takes a file of the project', () => {
    expect(messagesOf(sqlite('shop.db'))).toEqual([]);
  });

  it('is not made of the state or the key', () => {
    for (const file of own()) expect(messagesOf(sqlite(file))).toEqual([refusal]);
  });

  it('is not made of a symbolic link to them', () => {
    for (const [nth, file] of own().entries()) {
      symlinkSync(file, join(project, `${nth}.db`));
      expect(messagesOf(sqlite(`${nth}.db`))).toEqual([refusal]);
    }
  });

  it('is not made of a hard link to them', () => {
    for (const [nth, file] of own().entries()) {
      linkSync(file, join(project, `${nth}.db`));
      expect(messagesOf(sqlite(`${nth}.db`))).toEqual([refusal]);
    }
  });

  it('is no other file in the state folder either, by whatever way it is reached', () => {
    symlinkSync(state, join(project, 'data'));
    for (const file of ['data/new.db', '../state/new.db', 'data/tiles/new.db', join(state, 'new.db')]) {
      expect(messagesOf(sqlite(file))).toEqual([refusal]);
    }
  });
});

it('A04: certificates and their keys are not read from there', () => {
  linkSync(keyFile, join(project, 'key.pem'));
  symlinkSync(join(state, 'state.db'), join(project, 'ca.pem'));
  const text = `listen: { tls: { cert: '${join(state, 'lock')}', key: key.pem } }
services:
  api: { type: http, url: https://api.example.com, credential: none, trust: { ca: ca.pem } }`;
  expect(messagesOf(text)).toEqual([refusal, refusal, refusal]);
});

it('a state that is not there yet is nobody’s file', () => {
  rmSync(state, { recursive: true });
  expect(messagesOf(sqlite('shop.db'))).toEqual([]);
});

describe('H5: the lock of a state', () => {
  it('outlasts a config, and a certificate in one, that are links to its file', () => {
    rmSync(join(state, 'lock'));
    const lock = acquireLock(state);
    linkSync(join(state, 'lock'), join(project, 'sallyport.yaml'));
    symlinkSync(join(state, 'lock'), join(project, 'ca.pem'));
    const own = ownFiles({ stateFolder: state, keyFile });
    expect(loadConfig(join(project, 'sallyport.yaml'), own)).toMatchObject({
      problems: [{ message: 'the config file belongs to Sallyport itself (its state or its key): name another file' }],
    });
    expect(readRegularFile(join(project, 'ca.pem'), own).ok).toBe(false);
    expect(takenByAnother()).toBe('STATE_LOCKED');
    lock.release();
    expect(takenByAnother()).toBe('taken');
  });

  it('outlasts a path that is moved there between the look and the open', () => {
    rmSync(join(state, 'lock'));
    const lock = acquireLock(state);
    symlinkSync(join(state, 'lock'), join(project, 'ca.pem'));
    const own = ownFiles({ stateFolder: state, keyFile });
    expect(readRegularFile(join(project, 'ca.pem'), { ...own, isReachedBy: () => false }).ok).toBe(false);
    expect(takenByAnother()).toBe('STATE_LOCKED');
    lock.release();
  });
});

// Locks of one process do not keep it out of its own file.
function takenByAnother(): string {
  const lockModule = pathToFileURL(join(import.meta.dirname, '../../src/store/lock.ts')).href;
  const program = `import { acquireLock } from '${lockModule}';
    try { acquireLock(process.argv[1]); console.log('taken'); } catch (error) { console.log(error.code); }`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program, state];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim();
}
