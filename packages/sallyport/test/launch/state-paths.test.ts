// State and key lie in the user's folders, apart from each other and outside every project.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolderOf, refuseMisplacedKey } from '../../src/launch/key-place.ts';
import { makeStateFolder } from '../../src/launch/state-folder.ts';
import { statePaths } from '../../src/launch/state-paths.ts';

let folder = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-paths-')));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the paths of the state', () => {
  it('follow the XDG folders, and the home folder without them', () => {
    const environment = { XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: '/c' };
    const given = statePaths({ environment, homeFolder: '/home/u', name: 'shop' });
    expect([given.database, given.keyFile]).toEqual(['/s/sallyport/shop/state.db', '/c/sallyport/shop.key']);
    const plain = statePaths({ environment: { XDG_STATE_HOME: 'relative' }, homeFolder: '/home/u' });
    expect([plain.stateFolder, plain.keyFile]).toEqual([
      '/home/u/.local/state/sallyport/default',
      '/home/u/.config/sallyport/default.key',
    ]);
  });

  it('give way to --state and --key-file', () => {
    const paths = statePaths({ environment: {}, homeFolder: '/home/u', state: '/x', keyFile: '/k' });
    expect([paths.operatorSocket, paths.keyFile]).toEqual(['/x/operator.sock', '/k']);
  });

  it.each(['', '../x', 'a/b', 'A', '-a', 'a'.repeat(41)])('refuse the name %j', (name) => {
    expect(() => statePaths({ environment: {}, homeFolder: '/h', name })).toThrow(
      expect.objectContaining({ code: 'ADMIN_INPUT' }),
    );
  });
});

describe('the key file', () => {
  const place = (keyFile: string) => ({
    keyFile: join(folder, keyFile),
    stateFolder: join(folder, 'state'),
    projectFolder: join(folder, 'project'),
  });

  it('is refused inside the state and inside the project', () => {
    for (const keyFile of ['state/a.key', 'state/deep/a.key', 'project/a.key', 'other/../project/a.key']) {
      expect(() => refuseMisplacedKey(place(keyFile))).toThrow(expect.objectContaining({ code: 'STATE_UNSAFE' }));
    }
  });

  it('is refused when a link leads it there', () => {
    mkdirSync(join(folder, 'state'));
    symlinkSync(join(folder, 'state'), join(folder, 'link'));
    expect(() => refuseMisplacedKey(place('link/a.key'))).toThrow(expect.objectContaining({ code: 'STATE_UNSAFE' }));
  });

  it('is accepted beside them, also under a name that begins alike', () => {
    for (const keyFile of ['a.key', 'state-keys/a.key', '..project/a.key']) {
      expect(() => refuseMisplacedKey(place(keyFile))).not.toThrow();
    }
  });
});

describe('the project of a config', () => {
  it('is the repository around it, else its own folder', () => {
    mkdirSync(join(folder, 'repository', '.git'), { recursive: true });
    mkdirSync(join(folder, 'repository', 'deploy'));
    expect(projectFolderOf(join(folder, 'repository/deploy/sallyport.yaml'), '/home/u')).toBe(
      join(folder, 'repository'),
    );
    expect(projectFolderOf(join(folder, 'sallyport.yaml'), '/home/u')).toBe(folder);
  });

  it('is never the home folder, even where that is a repository', () => {
    mkdirSync(join(folder, '.git'));
    mkdirSync(join(folder, 'work'));
    expect(projectFolderOf(join(folder, 'sallyport.yaml'), folder)).toBeUndefined();
    expect(projectFolderOf(join(folder, 'work/sallyport.yaml'), folder)).toBe(join(folder, 'work'));
  });
});

describe('the state folder', () => {
  it('is made for this user alone', () => {
    const state = join(folder, 'a', 'b');
    makeStateFolder(state);
    expect(statSync(state).mode & 0o777).toBe(0o700);
  });

  it('is refused when others may enter it, with the command that closes it', () => {
    const state = join(folder, 'open to all');
    mkdirSync(state);
    chmodSync(state, 0o750);
    const message = `others may enter the state folder ${state} (its mode is 0750); run: chmod 700 '${state}'`;
    expect(() => makeStateFolder(state)).toThrow(expect.objectContaining({ code: 'STATE_UNSAFE', message }));
  });
});
