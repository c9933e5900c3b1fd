// The connector looks at what it opened, not at its name: a state of Sallyport is no service, whatever leads to it.
import { linkSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireLock } from '../../src/store/lock.ts';
import { openStore, stateFolder } from '../store/state-folder.ts';
import { connectTo, execute, ShopDatabase, summary } from './shop-database.ts';

const shop = new ShopDatabase();

async function problemsAt(file: string): Promise<readonly string[]> {
  const connection = connectTo(file);
  const problems = await connection.check();
  await connection.close();
  return problems.map(({ message }) => message);
}

describe('A04: a database that is a state', () => {
  it('is no service, by its own name, a symbolic or a hard link', async () => {
    const folder = stateFolder();
    await (await openStore(folder)).close();
    symlinkSync(join(folder, 'state.db'), join(shop.folder, 'soft.db'));
    linkSync(join(folder, 'state.db'), join(shop.folder, 'hard.db'));
    for (const file of [join(folder, 'state.db'), join(shop.folder, 'soft.db'), join(shop.folder, 'hard.db')])
      expect(await problemsAt(file)).toEqual([expect.stringContaining('belongs to Sallyport itself')]);
  });

  it('is no service when it is the lock', async () => {
    const folder = stateFolder();
    acquireLock(folder).release();
    expect(await problemsAt(join(folder, 'lock'))).toEqual([expect.stringContaining('belongs to Sallyport itself')]);
  });

  it('is neither read nor written when the path is moved there after the check', async () => {
    const folder = stateFolder();
    const store = await openStore(folder);
    const plan = await shop.plan("insert into log (what) values ('x')", { effect: 'write', isSilent: true });
    renameSync(shop.file, `${shop.file}.away`);
    symlinkSync(join(folder, 'state.db'), shop.file);
    expect(summary(await execute(plan))).toBe('not-sent STATEMENT_FAILED');
    await store.close();
  });
});
