// Contract: what somebody meets who starts for the first time and gets something wrong: each message says what to do, and nothing is
// made by looking.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await Sandbox.create();
}, 60_000);

afterAll(async () => {
  await sandbox.close();
});

const emptyConfig = (name: string): string => {
  const file = join(sandbox.folder, 'project', name);
  writeFileSync(file, 'services: {}\noperations: {}\nagents: {}\n');
  return file;
};

describe('before there is a vault', () => {
  it.each([
    ['credential', 'add', 'shop-api'],
    ['agent', 'add', 'support-bot'],
    ['audit', 'verify'],
    ['vault', 'unlock-by', 'key-file'],
    ['doctor'],
  ])('`%s` makes no folder, and says how a vault is made', async (...command) => {
    const state = join(sandbox.folder, 'home', 'never-made');
    const { status, output, errors } = await sandbox.run([...command, '--state', state, '--key-file']);
    expect(status).toBe(1);
    expect(output + errors).toContain(`there is no vault in ${state}: run \`sallyport vault create\``);
    expect(existsSync(state)).toBe(false);
    expect(existsSync(sandbox.keyFile)).toBe(false);
  });

  it.each([
    [['status'], 'none yet: run `sallyport vault create`'],
    [['credential', 'list'], 'missing'],
    [['agent', 'list'], 'no-token'],
    [['session', 'list'], 'no sessions'],
    [['approval', 'list'], ''],
    [['audit', 'show'], ''],
    [['explain', '--agent', 'support-bot', '--operation', 'orders.read', '--input', '{"order_id":7}'], 'allow'],
  ])('%j answers, says how a vault is made, and makes no folder', async (command, said) => {
    const state = join(sandbox.folder, 'home', 'never-made');
    const { status, output, errors } = await sandbox.run([...command, '--state', state]);
    expect([status, output]).toEqual([0, expect.stringContaining(said)]);
    expect(errors).toBe(
      `! there is no vault in ${state}: run \`sallyport vault create\`, with --key-file where no person is\n`,
    );
    expect(existsSync(state)).toBe(false);
  });

  it('a config that is not there is named, with the command that writes one', async () => {
    const missing = join(sandbox.folder, 'missing.yaml');
    const { status, errors } = await sandbox.run(['credential', 'list', '--config', missing]);
    expect(status).toBe(1);
    expect(errors).toContain(`${missing}:1:1 the config file does not exist; \`sallyport init http\``);
  });

  it('a config that is a folder is named by `up`, before anything is made', async () => {
    const state = join(sandbox.folder, 'home', 'never-made');
    const { status, errors } = await sandbox.run(['up', '--config', sandbox.folder, '--state', state]);
    expect([status, errors]).toEqual([
      1,
      expect.stringContaining(`CONFIG_INVALID: ${sandbox.folder} is not a regular`),
    ]);
    expect(existsSync(state)).toBe(false);
  });

  it('`init` into a folder that is not there says how it is made', async () => {
    const missing = join(sandbox.folder, 'no such folder');
    const { status, errors } = await sandbox.run(['init', 'http', '--config', join(missing, 'sallyport.yaml')]);
    expect([status, errors]).toEqual([2, expect.stringContaining(`mkdir -p '${missing}'`)]);
  });

  it('`vault create` without a terminal asks for --key-file, and makes nothing', async () => {
    const { status, errors } = await sandbox.run(['vault', 'create']);
    expect(status).toBe(1);
    expect(errors).toMatch(/no terminal .*: add --key-file, or --key-file PATH/);
    expect(errors).not.toContain('vault create');
    expect(existsSync(sandbox.stateFolder)).toBe(false);
  });

  it('an empty state is none: a command that reads leaves it empty, and `vault create` makes it one', async () => {
    const state = join(sandbox.folder, 'home', 'cut');
    const database = join(state, 'state.db');
    const options = ['--state', state, '--key-file', join(sandbox.folder, 'home', 'cut.key')];
    mkdirSync(state, { mode: 0o700 });
    writeFileSync(database, '', { mode: 0o644 });
    const { status, errors } = await sandbox.run(['credential', 'list', ...options]);
    expect([status, errors]).toEqual([0, expect.stringContaining(`there is no vault in ${state}: run`)]);
    expect(statSync(database).size).toBe(0);
    expect((await sandbox.run(['vault', 'create', ...options])).status).toBe(0);
    expect([statSync(database).mode & 0o777, (await sandbox.run(['credential', 'list', ...options])).status]).toEqual([
      0o600, 0,
    ]);
  }, 30_000);

  it.each([[[]], [['--key-file']]])(
    '`up` with %j and no terminal says how a vault is made, and makes none',
    async (args) => {
      const { status, errors } = await sandbox.run(['up', ...args]);
      expect([status, errors]).toEqual([1, expect.stringContaining('there is no vault in')]);
      expect(errors).toContain('run `sallyport vault create`, with --key-file where no person is');
      expect(existsSync(join(sandbox.stateFolder, 'state.db'))).toBe(false);
    },
  );

  it('`init --help` lists no option that means nothing for it', async () => {
    const { output } = await sandbox.run(['init', '--help', '--config', sandbox.configFile]);
    expect(output).toContain('--config');
    expect(output).not.toMatch(/--(name|state|key-file)/);
  });
});

describe('with a vault', () => {
  beforeAll(async () => {
    const { output, errors } = await sandbox.run(['vault', 'create', '--key-file']);
    expect(output).toContain(`created a vault in ${sandbox.stateFolder}, unlocked by the key file ${sandbox.keyFile}`);
    // Said once.
    expect(errors).toBe('');
  }, 30_000);

  it.each([
    ['credential', 'no credentials yet: declare one'],
    ['agent', 'no agents yet: declare one'],
    ['session', 'no sessions: one opens with'],
  ])('an empty `%s list` says what fills it', async (command, said) => {
    const { status, output } = await sandbox.run([command, 'list', '--config', emptyConfig(`empty-${command}.yaml`)]);
    expect([status, output]).toEqual([0, expect.stringContaining(said)]);
  });

  it('`up` on a busy port names the address and both remedies, and ends', async () => {
    const taken = await listenOn(sandbox.port);
    const failure = await failureOf(sandbox.up());
    await ended(taken);
    expect(failure).toContain(`127.0.0.1:${sandbox.port} is in use: end the program that listens there`);
    expect(failure).toMatch(/`listen:` in the config.*`sallyport status` with its --name or --state/);
  });

  it('`up` ends when the port of the metrics is busy, and leaves no door open', async () => {
    sandbox.writeConfig((text) => `${text}metrics: { port: ${sandbox.servicePort} }\n`);
    const taken = await listenOn(sandbox.servicePort);
    const { status, output } = await sandbox.run(['up', '--json']);
    await ended(taken);
    sandbox.writeConfig((text) => text);
    expect(status).toBe(1);
    expect(output).toMatch(new RegExp(`127.0.0.1:${sandbox.servicePort} is in use.*\`metrics:\` in the config`));
  });

  it('a name that is almost right is suggested; a new one needs a reload of the server, and only of a server', async () => {
    const withoutServer = await sandbox.run(['agent', 'add', 'suport-bot']);
    expect(withoutServer.errors).toContain('did you mean `support-bot`?');
    expect(withoutServer.errors).not.toContain('reload');
    const server = await sandbox.up();
    const added = await sandbox.run(['agent', 'add', 'suport-bot']);
    const credential = await sandbox.run(['credential', 'add', 'shop-apo'], { input: 'x' });
    expect(await server.stop()).toBe(0);
    expect(added.errors).toMatch(/AGENT_UNKNOWN.*run `sallyport reload`; did you mean `support-bot`\?/);
    expect(credential.errors).toMatch(/CREDENTIAL_UNKNOWN.*run `sallyport reload`; did you mean `shop-api`\?/);
  });

  it('a second `agent add` names the command that makes another token', async () => {
    await sandbox.json(['agent', 'add', 'visitor']);
    const { status, errors } = await sandbox.run(['agent', 'add', 'visitor']);
    expect([status, errors]).toEqual([2, expect.stringContaining('`sallyport agent renew visitor`')]);
  });

  it('a database that is not there is one problem of `check`, at its service, with its path', async () => {
    sandbox.writeConfig((text) => text.replace('./data/shop.db', './no-such.db'));
    const { status, output } = await sandbox.run(['check']);
    sandbox.writeConfig((text) => text);
    expect(status).toBe(1);
    expect(output).toMatch(/:\d+:\d+ error: the database file \/.*\/no-such\.db does not exist/);
    expect(output.match(/ error: /g)).toHaveLength(1);
  });
});

function listenOn(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

function ended(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}

async function failureOf(start: Promise<unknown>): Promise<string> {
  return await start.then(
    () => 'it started',
    (error: unknown) => String(error),
  );
}
