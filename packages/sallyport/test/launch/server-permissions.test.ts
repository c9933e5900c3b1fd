// The flags that the server starts with: they name what it works with and nothing more.
import { describe, expect, it } from 'vitest';
import { serverPermissions } from '../../src/launch/server-permissions.ts';
import { statePaths } from '../../src/launch/state-paths.ts';

const places = {
  programFolder: '/opt/app/node_modules/sallyport',
  configPath: '/srv/shop/sallyport.yaml',
  statePaths: statePaths({ environment: {}, homeFolder: '/h', state: '/state', keyFile: '/keys/a.key' }),
  serviceFiles: [
    { path: '/data/read.db', write: false },
    { path: '/data/write.db', write: true },
  ],
};
const flags = serverPermissions(places, () => true);
const values = (flag: string) => flags.filter((text) => text.startsWith(`${flag}=`)).map((text) => text.split('=')[1]);

describe('the permissions of the server', () => {
  it('allow network and workers, and neither programs, addons, the inspector nor WASI', () => {
    expect(flags.filter((flag) => !flag.includes('='))).toEqual(['--permission', '--allow-net', '--allow-worker']);
  });

  it('leave out what an older runtime does not know', () => {
    expect(serverPermissions(places, (flag) => flag !== '--allow-net')).not.toContain('--allow-net');
  });

  it('allow writing the state and the services that are written, with the companions of a SQLite file', () => {
    expect(values('--allow-fs-write')).toEqual([
      '/state',
      '/data/write.db',
      '/data/write.db-journal',
      '/data/write.db-wal',
      '/data/write.db-shm',
    ]);
  });

  it('allow reading the program with its dependencies, the config, the key, the state and the services', () => {
    const read = values('--allow-fs-read');
    expect(read).toEqual(
      expect.arrayContaining([
        places.programFolder,
        '/opt/app/node_modules',
        places.configPath,
        '/keys/a.key',
        '/data/read.db',
      ]),
    );
    expect(read).not.toContain('/');
    expect(read).not.toContain('/keys');
  });

  it('allow the folder of credentials that a service manager hands over', () => {
    const given = serverPermissions({ ...places, credentialsFolder: '/run/credentials/s' }, () => true);
    expect(given).toContain('--allow-fs-read=/run/credentials/s');
  });

  it('refuse a path with a wildcard', () => {
    const wide = { ...places, serviceFiles: [{ path: '/data/*', write: true }] };
    expect(() => serverPermissions(wide, () => true)).toThrow(expect.objectContaining({ code: 'STATE_UNSAFE' }));
  });
});
