// Contract: a config that leads to the state gets nothing of it, and what was changed in the state is shown to the operator.
import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
}, 60_000);

afterEach(async () => {
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

const refusal = 'belongs to Sallyport itself (its state or its key): name another file';
const inProject = (name: string): string => join(sandbox.folder, 'project', 'data', name);
const inState = (name: string): string => join(sandbox.stateFolder, name);

function serviceAt(file: string): void {
  sandbox.writeConfig((text) => text.replace('./data/shop.db', file));
}

describe('A04: a service that is the state', () => {
  it('is refused by check, up and reload, by every way to its file', async () => {
    const server = await sandbox.up();
    symlinkSync(inState('state.db'), inProject('soft.db'));
    linkSync(inState('state.db'), inProject('hard.db'));
    for (const file of [inState('state.db'), './data/soft.db', './data/hard.db']) {
      serviceAt(file);
      expect((await sandbox.run(['check'])).output).toContain(refusal);
      const reloaded = await sandbox.run(['reload']);
      expect([reloaded.status, reloaded.errors]).toEqual([1, expect.stringContaining(refusal)]);
    }
    expect(await server.stop()).toBe(0);
    const up = await sandbox.run(['up']);
    expect([up.status, up.errors]).toEqual([1, expect.stringContaining(refusal)]);
  }, 60_000);

  it('is refused when it is the state of another Sallyport', async () => {
    const other = join(sandbox.folder, 'home', 'other');
    await sandbox.run(['vault', 'create', '--key-file', join(sandbox.folder, 'home', 'other.key'), '--state', other]);
    serviceAt(join(other, 'state.db'));
    expect((await sandbox.run(['check'])).output).toContain(refusal);
  }, 60_000);

  it('leaves the lock where it is', async () => {
    const server = await sandbox.up();
    const certificate = `url: http://127.0.0.1:${sandbox.servicePort}\n    trust: { ca: ${inState('lock')} }\n    x:`;
    sandbox.writeConfig((text) => text.replace(/url: .*\n/, `${certificate}\n`));
    expect((await sandbox.run(['reload'])).errors).toContain(refusal);
    sandbox.writeConfig((text) => text);
    expect((await sandbox.run(['up'])).errors).toContain('STATE_LOCKED');
    expect(await server.stop()).toBe(0);
  }, 60_000);
});

it('I10: a credential that does not open is shown as unreadable, with what to do', async () => {
  const state = new DatabaseSync(inState('state.db'));
  state.exec('update credential_version set created_at = created_at - 1');
  state.close();
  const server = await sandbox.up();
  const { credentials, notices } = await sandbox.json(['status']);
  expect(credentials).toEqual([expect.objectContaining({ id: 'shop-api', state: 'unreadable' })]);
  expect(JSON.stringify(notices)).toMatch(/shop-api was changed in the state.*sallyport credential add shop-api/);
  expect((await sandbox.run(['credential', 'list'])).output).toContain('unreadable');
  expect(await server.stop()).toBe(0);
}, 60_000);

it('H5: a damaged record stops no command, and audit verify names it', async () => {
  await sandbox.token('support-bot');
  const state = new DatabaseSync(inState('state.db'));
  state.exec(`update audit_leaf set leaf = zeroblob(9) where kind = 'credential.added'`);
  state.close();
  expect((await sandbox.run(['credential', 'list'])).output).toContain('unreadable');
  const verified = await sandbox.run(['audit', 'verify']);
  expect([verified.status, verified.output]).toEqual([1, expect.stringContaining('NOT INTACT')]);
}, 60_000);
