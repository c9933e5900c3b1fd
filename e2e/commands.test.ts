// Contract: the commands of the README, on the packed package, from an empty folder to a call and its record.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oldNode } from '../test/old-node.ts';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let token: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  await server.stop();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

describe('the commands', () => {
  it('check a config, and name what is worth knowing', async () => {
    const { ok, problems } = await sandbox.json(['check']);
    expect(ok).toBe(true);
    const messages = Array.isArray(problems) ? problems.map((problem) => String(asRecord(problem)['message'])) : [];
    expect(messages.some((message) => message.includes('loopback'))).toBe(true);
  });

  it('report every error of a config at once, with file, line and column, and end with 1', async () => {
    const bad = join(sandbox.folder, 'bad.yaml');
    writeFileSync(bad, 'services:\n  a: { type: ftp }\nagents:\n  b: { may: [] }\nnonsense: 1\n');
    const { status, output } = await sandbox.run(['check', '--config', bad]);
    expect(status).toBe(1);
    expect(output.match(/bad\.yaml:\d+:\d+ error/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('list credentials with their due dates, and never a value', async () => {
    const { output } = await sandbox.run(['credential', 'list']);
    expect(output).toMatch(/shop-api +token +shop-api +1 +30d +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +ready/);
    const shown = await sandbox.run(['credential', 'show', 'shop-api']);
    expect(shown.output).toContain(`http://127.0.0.1:${sandbox.servicePort} as bearer, trust loopback`);
  });

  it('call an operation and find both records of it', async () => {
    const { status, body } = await sandbox.call(server, token, 'orders.read', { order_id: 7 });
    expect(status).toBe(200);
    const { entries } = await sandbox.json(['audit', 'show', '--call', String(body['call'])]);
    const kinds = Array.isArray(entries) ? entries.map((each) => asRecord(asRecord(each)['entry'])['kind']) : [];
    expect(kinds).toEqual(['call.intent', 'call.outcome']);
  });

  it('show the sealed details of a call to an operator who asks for them, and to nobody else', async () => {
    const { body } = await sandbox.call(server, token, 'orders.read', { order_id: 41 });
    const filter = ['--call', String(body['call']), '--kind', 'call.intent'];
    expect(await sandbox.json(['audit', 'show', ...filter, '--details'])).toMatchObject({
      entries: [{ details: { input: { order_id: 41 } } }],
    });
    const { entries } = await sandbox.json(['audit', 'show', ...filter]);
    expect(JSON.stringify(entries)).not.toContain('details');
  });

  it('explain a decision with the line of the config that makes it', async () => {
    const input = JSON.stringify({ order_id: 7, amount_cents: 900_000, reason: 'because' });
    const denied = await sandbox.run([
      'explain',
      '--agent',
      'support-bot',
      '--operation',
      'refunds.create',
      '--input',
      input,
    ]);
    expect(denied.status).toBe(4);
    expect(denied.output).toMatch(/deny: condition-not-met\n.*sallyport\.yaml:\d+ agents\.support-bot\.may\[3\]/);
    const allowed = await sandbox.run([
      'explain',
      '--agent',
      'support-bot',
      '--operation',
      'orders.read',
      '--input',
      '{"order_id":7}',
    ]);
    expect(allowed.status).toBe(0);
  });

  it('refuse a value under 48 bits with the reason, unless it is accepted by name', async () => {
    const refused = await sandbox.run(['credential', 'add', 'shop-api', '--json'], { input: 'summer2026' });
    expect(refused.status).toBe(1);
    expect(refused.output).toContain('CREDENTIAL_WEAK');
  });

  it.each([
    [['credential', 'add', 'shop-api'], 'too many arguments'],
    [['credential'], 'unknown command'],
    [['credential', 'add', 'shop-api'], 'unknown option', '--value='],
    [['init'], 'Allowed choices are'],
  ])('L02: do not repeat what %j was given too much', async (words, said, before = '') => {
    const pasted = `sk-live-${'x1Y2'.repeat(8)}`;
    for (const json of [[], ['--json']]) {
      const { status, output, errors } = await sandbox.run([...words, `${before}${pasted}`, ...json]);
      expect(status).toBe(2);
      expect(output + errors).toContain(said);
      expect(output + errors).not.toContain(pasted);
      if (json.length > 0) expect(asRecord(asRecord(JSON.parse(output))['error'])['code']).toBe('ADMIN_INPUT');
    }
  });

  it('show level, credentials and agents', async () => {
    const status = await sandbox.json(['status']);
    expect(asRecord(status['server'])['processId']).toBe(server.processId);
    expect(status['operations']).toBe(6);
  });

  it('A6: refuse the call after `session revoke`, and let it pass after `session open`', async () => {
    await sandbox.call(server, token, 'orders.read', { order_id: 7 });
    const { sessions } = await sandbox.json(['session', 'list']);
    const open = Array.isArray(sessions)
      ? sessions.map(asRecord).find((each) => each['agent'] === 'support-bot')
      : undefined;
    await sandbox.json(['session', 'revoke', String(open?.['id'])]);
    const refused = await sandbox.call(server, token, 'orders.read', { order_id: 7 });
    expect(refused.body['code']).toBe('SESSION_REVOKED');
    await sandbox.json(['session', 'open', 'support-bot']);
    expect((await sandbox.call(server, token, 'orders.read', { order_id: 7 })).status).toBe(200);
  });

  it('E7: refuse the next call after `agent revoke`', async () => {
    const visitor = await sandbox.token('visitor');
    expect((await sandbox.call(server, visitor, 'orders.read', { order_id: 7 })).status).toBe(200);
    await sandbox.json(['agent', 'revoke', 'visitor']);
    const refused = await sandbox.call(server, visitor, 'orders.read', { order_id: 7 });
    expect(refused.status).toBe(401);
    expect(refused.body['code']).toBe('TOKEN_UNKNOWN');
  });

  it('write a config to start from, and refuse to overwrite it', async () => {
    for (const kind of ['http', 'sqlite', 'postgres', 'github']) {
      const file = join(sandbox.folder, `${kind}.yaml`);
      expect((await sandbox.run(['init', kind, '--config', file])).status).toBe(0);
      // A database need not be there for its statements to be read.
      if (kind !== 'sqlite') expect((await sandbox.run(['check', '--config', file])).status).toBe(0);
      expect((await sandbox.run(['init', kind, '--config', file])).status).toBe(2);
    }
  });

  it('H5: export a copy that verifies with the public key alone, and shows an edit', async () => {
    const copy = join(sandbox.folder, 'copy');
    const { key } = await sandbox.json(['audit', 'key']);
    await sandbox.json(['audit', 'export', copy]);
    expect(await sandbox.json(['audit', 'verify', '--copy', copy, '--key', String(key)])).toMatchObject({ ok: true });
    expect(await sandbox.verifier([copy, String(key)])).toMatchObject({ status: 0 });
    const [bundle = ''] = readdirSync(join(copy, 'tile/entries'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(join(copy, 'tile/entries', name)).isFile(),
    );
    const path = join(copy, 'tile/entries', bundle);
    writeFileSync(path, readFileSync(path, 'latin1').replace('orders.read', 'orders.rEad'), 'latin1');
    expect(await sandbox.verifier([copy, String(key)])).toMatchObject({ status: 1 });
  });

  it('H5: say how a copy is verified: by a command that works as it is printed, and says what it takes', async () => {
    const copy = join(sandbox.folder, 'a copy');
    const { status, output } = await sandbox.run(['audit', 'export', copy]);
    const [, folder = '', key = ''] = /^sallyport-verify '(.*)' --key '?([^'\n]*)'?$/m.exec(output) ?? [];
    expect([status, folder]).toEqual([0, copy]);
    expect(await sandbox.verifier([folder, '--key', key])).toMatchObject({ status: 0 });
    expect(await sandbox.verifier(['--help'])).toMatchObject({ status: 0, output: expect.stringContaining('usage:') });
    for (const wrong of [[], [folder], [folder, '--key'], [folder, key, '--key', key], [folder, '--keys', key]]) {
      expect(await sandbox.verifier(wrong)).toMatchObject({ status: 2, errors: expect.stringMatching(/^usage:/) });
    }
    const { errors } = await sandbox.verifier([folder, '--key', key, '--checkpoint', '/nowhere']);
    expect(errors).toBe('the checkpoint /nowhere cannot be read (ENOENT)\n');
  });

  it('H5: export into a folder that is empty, or holds an earlier copy, and into no other', async () => {
    const copy = join(sandbox.folder, 'one copy');
    mkdirSync(copy);
    for (const _ of ['first', 'again']) expect((await sandbox.run(['audit', 'export', copy])).status).toBe(0);
    for (const other of [join(sandbox.folder, 'project'), sandbox.configFile]) {
      const { status, errors } = await sandbox.run(['audit', 'export', other]);
      expect([status, errors]).toEqual([2, expect.stringContaining(`${other} is no empty folder`)]);
    }
    expect(readdirSync(join(sandbox.folder, 'project'))).not.toContain('checkpoint');
  });

  it('H5: verify a copy under an older Node as well, in the runtime that comes with the package', async () => {
    const old = oldNode();
    if (old === undefined) return;
    const { errors, status } = await sandbox.verifier(['/nowhere', '--key', 'none'], old);
    expect([errors, status]).toEqual(['', 1]);
  });

  it('verify the audit', async () => {
    expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true, problems: [] });
  });
});
