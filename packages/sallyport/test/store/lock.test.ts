// One process at a time owns a state folder, and a dead one owns nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireLock, lockHolder } from '../../src/store/lock.ts';
import { stateFolder } from './state-folder.ts';

const lockModule = pathToFileURL(join(import.meta.dirname, '../../src/store/lock.ts')).href;
const sourceFolder = join(import.meta.dirname, '../../src');

async function holdInChild(folder: string) {
  const program = `import { acquireLock } from '${lockModule}'; acquireLock(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);`;
  const permissions = [
    '--permission',
    `--allow-fs-read=${sourceFolder}`,
    `--allow-fs-read=${folder}`,
    `--allow-fs-write=${folder}`,
  ];
  const child = spawn(process.execPath, [...permissions, '--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a state folder', () => {
  it('is refused to a second holder, with the pid of the first', () => {
    const folder = stateFolder();
    const lock = acquireLock(folder);
    expect(() => acquireLock(folder)).toThrow(expect.objectContaining({ code: 'STATE_LOCKED' }));
    expect(() => acquireLock(folder)).toThrow(String(process.pid));
    expect(lockHolder(folder)?.pid).toBe(process.pid);
    lock.release();
  });

  it('is free again after release, and releasing twice does nothing', () => {
    const folder = stateFolder();
    const lock = acquireLock(folder);
    lock.release();
    lock.release();
    expect(lockHolder(folder)).toBeUndefined();
    acquireLock(folder).release();
  });

  it('is held across processes under the permission model, and taken over when the holder was killed', async () => {
    const folder = stateFolder();
    const child = await holdInChild(folder);
    expect(() => acquireLock(folder)).toThrow(`process ${child.pid}`);
    expect(lockHolder(folder)?.pid).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(lockHolder(folder)).toBeUndefined();
    acquireLock(folder).release();
  });

  it('of a folder that is not there is STORE_FAILED', () => {
    const missing = join(stateFolder(), 'missing');
    expect(() => acquireLock(missing)).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  });

  it('is held by nobody where it was never taken, and looking makes no file', () => {
    const folder = stateFolder();
    expect(lockHolder(join(folder, 'missing'))).toBeUndefined();
    expect(lockHolder(folder)).toBeUndefined();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('is a file of its owner alone, whatever the umask', () => {
    const folder = stateFolder();
    const before = process.umask(0);
    const lock = acquireLock(folder);
    process.umask(before);
    expect(statSync(join(folder, 'lock')).mode & 0o777).toBe(0o600);
    lock.release();
  });
});
