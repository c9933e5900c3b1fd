// Contract: a person unlocks the vault with a passphrase that is never echoed, and can change what unlocks it.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const run = (args: readonly string[], inputFile?: string): Terminal => {
    const command = sandbox.commandLine(args);
    const piped = inputFile === undefined ? command : ['sh', '-c', `exec "$0" "$@" < '${inputFile}'`, ...command];
    const terminal = atTerminal(binary, piped, sandbox.environment({ TERM: 'xterm' }));
    void terminal.ended.then(() => sandbox.saw(`terminal of ${args[0] ?? ''}`, terminal.shown()));
    return terminal;
  };
  const createVault = async (): Promise<void> => {
    const created = run(['vault', 'create']);
    await created.until('New passphrase for the vault');
    created.type(passphrase);
    await created.until('(again)');
    created.type(passphrase);
    expect(await created.ended).toBe(0);
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
    await added.until('credential shop-api of the service shop-api');
    await added.until(`goes to  http://127.0.0.1:${sandbox.servicePort} as bearer`);
    await added.until('Value of token for shop-api');
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

  it('is not made, and nothing else is, when the person gives up', async () => {
    const created = run(['vault', 'create']);
    await created.until('New passphrase for the vault');
    created.child.stdin?.write('\u0003');
    expect(await created.ended).not.toBe(0);
    expect(existsSync(join(sandbox.stateFolder, 'state.db'))).toBe(false);
  }, 60_000);

  it('is not opened by another passphrase, and nothing is said about the right one', async () => {
    await createVault();
    const wrong = run(['audit', 'key']);
    await wrong.until('Passphrase of the vault');
    wrong.type('seven lamps under a purple moor');
    expect(await wrong.ended).toBe(1);
    expect(wrong.shown()).toContain('UNLOCK_FAILED');
  }, 60_000);

  it('is unlocked by a key file from `vault unlock-by` on; the passphrase opens nothing any more', async () => {
    await createVault();
    const changed = run(['vault', 'unlock-by', 'key-file']);
    await changed.until('Passphrase of the vault');
    changed.type(passphrase);
    expect([await changed.ended, changed.shown()]).toEqual([
      0,
      expect.stringContaining(`now unlocked by the new key file ${sandbox.keyFile}; keep a copy`),
    ]);
    expect(await sandbox.json(['status'])).toMatchObject({ unlockSource: 'key-file' });
  }, 60_000);

  it('is unlocked by a new key file at each `unlock-by key-file`; an old one opens nothing, and is named', async () => {
    await sandbox.json(['vault', 'create', '--key-file']);
    const first = readFileSync(sandbox.keyFile);
    const { keyFile, oldKeyFile } = await sandbox.json(['vault', 'unlock-by', 'key-file']);
    expect([keyFile, readFileSync(String(oldKeyFile))]).toEqual([sandbox.keyFile, first]);
    expect(readFileSync(sandbox.keyFile)).not.toEqual(first);
    expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true });
    const old = await sandbox.run(['audit', 'verify', '--key-file', String(oldKeyFile)]);
    expect([old.status, old.errors]).toEqual([1, expect.stringContaining('belongs to another vault')]);

    const changed = run(['vault', 'unlock-by', 'passphrase']);
    for (const question of ['New passphrase for the vault', '(again)']) {
      await changed.until(question);
      changed.type(passphrase);
    }
    expect(await changed.ended).toBe(0);
    expect(changed.shown()).toContain(`the old key file ${sandbox.keyFile} opens nothing but backups`);
    const back = run(['vault', 'unlock-by', 'key-file']);
    expect([await back.ended, back.shown()]).toEqual([1, expect.stringContaining('is there already')]);
    expect(back.shown()).not.toContain('Passphrase of');
    rmSync(String(oldKeyFile));
  }, 60_000);

  it.each([
    ['passphrase', 'a new passphrase is asked for at a terminal', ['--key-file']],
    ['key-file', "the vault's passphrase is asked for at a terminal", []],
  ])(
    'says what `unlock-by %s` would ask for where nobody can answer',
    async (source, said, made) => {
      if (made.length > 0) await sandbox.json(['vault', 'create', ...made]);
      else await createVault();
      const { status, errors } = await sandbox.run(['vault', 'unlock-by', source]);
      expect([status, errors]).toEqual([1, expect.stringContaining(said)]);
      expect(errors).not.toContain('unlock-by');
    },
    60_000,
  );

  it('is asked for at the terminal where standard input holds the value of a credential', async () => {
    sandbox.plant('passphrase', passphrase.replaceAll(' ', ''), 0);
    sandbox.plant('key', key, 5);
    await createVault();
    const value = join(sandbox.folder, 'value');
    writeFileSync(value, key);
    const added = run(['credential', 'add', 'shop-api'], value);
    await added.until('Passphrase of the vault');
    added.type(passphrase);
    expect([await added.ended, added.shown()]).toEqual([0, expect.stringContaining('added shop-api, version 1')]);
    expect(added.shown()).not.toMatch(/Value of token|violet/);
    rmSync(value);
  }, 60_000);

  it('is asked for only where somebody can answer; elsewhere the command says what to do', async () => {
    await createVault();
    const { status, errors } = await sandbox.run(['credential', 'add', 'shop-api'], { input: key });
    expect(status).toBe(1);
    for (const remedy of ['in a terminal', '`sallyport up`', '`sallyport vault unlock-by key-file`']) {
      expect(errors).toContain(remedy);
    }
  }, 60_000);

  it('is not asked for where the name or the file of a credential is wrong', async () => {
    await createVault();
    for (const [args, said] of [
      [['credential', 'add', 'shop-apo'], 'did you mean `shop-api`?'],
      [['credential', 'add', 'shop-api', '--from-file', '/nowhere'], 'the file is not there'],
    ] as const) {
      const command = run(args);
      expect([await command.ended, command.shown()]).toEqual([expect.any(Number), expect.stringContaining(said)]);
      expect(command.shown()).not.toContain('Passphrase of');
    }
  }, 60_000);

  it('is not asked for twice when there is a vault already', async () => {
    await createVault();
    const again = run(['vault', 'create']);
    expect(await again.ended).toBe(1);
    expect(again.shown()).toContain('STORE_CONFLICT');
    expect(again.shown()).not.toContain('New passphrase');
  }, 60_000);

  it('is asked for once where the first one is easy to guess', async () => {
    const created = run(['vault', 'create']);
    await created.until('New passphrase for the vault');
    created.type('too short');
    expect(await created.ended).toBe(2);
    expect(created.shown()).toContain('12 characters or more');
    expect(created.shown()).not.toContain('(again)');
  }, 60_000);

  it.each(['\u0003', '\u001b', '\u0004', 'half\u0004'])(
    'ends with 130 and no stack when the person gives up with %j',
    async (typed) => {
      const created = run(['vault', 'create']);
      await created.until('New passphrase for the vault');
      created.child.stdin?.write(typed);
      expect(await created.ended).toBe(130);
      expect(created.shown()).toContain('cancelled; nothing was changed');
      expect(created.shown()).not.toMatch(/^ +at /m);
    },
    60_000,
  );

  it('is not asked for in a script by what only looks; what needs the vault says what to do', async () => {
    await createVault();
    const status = await sandbox.run(['status']);
    expect([status.status, status.output]).toEqual([0, expect.stringContaining('not running: run `sallyport up`')]);
    expect(status.output).toContain('locked; it is unlocked by passphrase');
    expect(status.output).toContain('! credential shop-api has no value: run `sallyport credential add shop-api`');
    expect(await sandbox.json(['status'])).toMatchObject({ server: null, unlockSource: 'passphrase' });
    expect(JSON.stringify(await sandbox.json(['audit', 'show']))).toContain('vault.created');
    const tail = await sandbox.run(['audit', 'tail']);
    expect([tail.status, tail.output]).toEqual([0, expect.stringContaining('vault.created')]);
    expect(tail.errors).toContain('no server runs, so no record will follow');
    const question = ['--agent', 'support-bot', '--operation', 'orders.read', '--input', '{"order_id":7}'];
    expect(await sandbox.json(['explain', ...question])).toMatchObject({
      verdict: 'allow',
      agentSees: 'TOKEN_UNKNOWN',
      obstacles: [{ code: 'TOKEN_UNKNOWN' }, { code: 'CREDENTIAL_MISSING' }],
    });
    for (const list of ['agent', 'session', 'approval', 'credential']) {
      expect((await sandbox.run([list, 'list'])).status).toBe(0);
    }
    for (const command of [
      ['audit', 'show', '--details'],
      ['audit', 'verify'],
      ['agent', 'add', 'visitor'],
    ]) {
      const { status: failed, errors } = await sandbox.run(command);
      expect([failed, errors]).toEqual([1, expect.stringContaining('run this in a terminal')]);
    }
    const doctor = await sandbox.run(['doctor']);
    expect([doctor.status, doctor.output]).toEqual([1, expect.stringContaining('vault: cannot be unlocked')]);
  }, 60_000);
});
