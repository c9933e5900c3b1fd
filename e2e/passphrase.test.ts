// Contract: a person unlocks the vault with a passphrase that is never echoed, and can change what unlocks it.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithServer } from '../test/servers.ts';
import { Sandbox } from './sandbox.ts';
import { atTerminal, type Terminal } from './terminal.ts';

const passphrase = 'seven lamps under a violet moor';
const key = 'shop_Zk3vQ9xW2mT7pL5rB8nD4cF6';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.create();
}, 60_000);

afterEach(async () => {
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

describeWithServer('script', 'a vault with a passphrase', ({ binary }) => {
  const run = (args: readonly string[]): Terminal => {
    const terminal = atTerminal(binary, sandbox.commandLine(args), sandbox.environment({ TERM: 'xterm' }));
    void terminal.ended.then(() => sandbox.saw(`terminal of ${args[0] ?? ''}`, terminal.shown()));
    return terminal;
  };

  it('is created, filled, served and unlocked by what the person types, without an echo', async () => {
    sandbox.plant('passphrase', passphrase.replaceAll(' ', ''), 0);
    sandbox.plant('key', key, 5);
    const created = run(['vault', 'create']);
    await created.until('New passphrase for the vault');
    created.type(passphrase);
    await created.until('(again)');
    created.type(passphrase);
    expect([await created.ended, created.shown()]).toEqual([0, expect.stringContaining('unlocked by passphrase')]);

    const added = run(['credential', 'add', 'shop-api']);
    await added.until('Passphrase of the vault');
    added.type(passphrase);
    await added.until('Value of token');
    added.type(key);
    expect([await added.ended, added.shown()]).toEqual([0, expect.stringContaining('added shop-api, version 1')]);

    const up = run(['up']);
    await up.until('Passphrase of the vault');
    up.type(passphrase);
    await up.until(`http://127.0.0.1:${sandbox.port}/mcp`);
    const { server } = await sandbox.json(['status']);
    expect(server).toMatchObject({ url: `http://127.0.0.1:${sandbox.port}` });
    up.child.stdin?.write('\u0003');
    expect(await up.ended).toBe(0);
    for (const terminal of [created, added, up]) expect(terminal.shown()).not.toContain('violet');
  }, 60_000);

  it('is not opened by another passphrase, and nothing is said about the right one', async () => {
    const created = run(['vault', 'create']);
    await created.until('New passphrase for the vault');
    created.type(passphrase);
    await created.until('(again)');
    created.type(passphrase);
    await created.ended;
    const wrong = run(['status']);
    await wrong.until('Passphrase of the vault');
    wrong.type('seven lamps under a purple moor');
    expect(await wrong.ended).toBe(1);
    expect(wrong.shown()).toContain('UNLOCK_FAILED');
  }, 60_000);

  it('is unlocked by a key file from `vault unlock-by` on; the passphrase opens nothing any more', async () => {
    const created = run(['vault', 'create']);
    await created.until('New passphrase for the vault');
    created.type(passphrase);
    await created.until('(again)');
    created.type(passphrase);
    await created.ended;
    const changed = run(['vault', 'unlock-by', 'key-file']);
    await changed.until('Passphrase of the vault');
    changed.type(passphrase);
    expect([await changed.ended, changed.shown()]).toEqual([0, expect.stringContaining('now unlocked by key-file')]);
    expect(await sandbox.json(['status'])).toMatchObject({ unlockSource: 'key-file' });
  }, 60_000);

  it('is asked for only where somebody can answer', async () => {
    const { status, errors } = await sandbox.run(['credential', 'list']);
    expect(status).toBe(1);
    expect(errors).toContain('sallyport vault create');
  });
});
