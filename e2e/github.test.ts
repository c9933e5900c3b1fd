// Contract: the config of `sallyport init github` works against a server that speaks the documented API.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

const example = readFileSync(new URL('../examples/github/sallyport.yaml', import.meta.url), 'utf8');
const program = fileURLToPath(new URL('../examples/github/service.ts', import.meta.url));

let sandbox: Sandbox;
let server: RunningServer;
let token: string;
let service: ReturnType<typeof spawn>;
const received: Record<string, unknown>[] = [];

beforeAll(async () => {
  sandbox = await Sandbox.create();
  const url = `http://127.0.0.1:${sandbox.servicePort}`;
  sandbox.writeConfig(() => `${example.replace('http://127.0.0.1:7431', url)}\nlisten: { port: ${sandbox.port} }\n`);
  const secret = sandbox.plant('github', `github_pat_${randomBytes(32).toString('hex')}`, 11);
  const digest = createHash('sha256').update(secret.value).digest('hex');
  const args = [program, '--port', String(sandbox.servicePort), '--token-sha256', digest];
  service = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  if (service.stdout === null) throw new Error('no output');
  const lines = createInterface({ input: service.stdout });
  await once(lines, 'line');
  lines.on('line', (line) => received.push(asRecord(JSON.parse(line))));
  await sandbox.json(['vault', 'create', '--key-file']);
  await sandbox.json(['credential', 'add', 'github'], { input: secret.value });
  token = await sandbox.token('assistant');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  await server.stop();
  service.kill();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

const shop = { owner: 'acme', repo: 'shop' };

describe('examples/github', () => {
  it('is the template of init, pointed at the local server', async () => {
    const written = `${sandbox.folder}/written.yaml`;
    await sandbox.json(['init', 'github', '--config', written]);
    const local = 'url: http://127.0.0.1:7431\n    trust: loopback # the local server of this example\n';
    const template = readFileSync(written, 'utf8').replace('url: https://api.github.com\n', local);
    // The formatter of this workspace moves comments and changes quotes.
    const plain = (text: string): string => text.replaceAll(/ +#/g, ' #').replaceAll("'", '"');
    expect(plain(example)).toBe(plain(template));
  });

  it('lists issues with the fields of the config, and no others', async () => {
    const { status, body } = await sandbox.call(server, token, 'github.issues', { ...shop, count: 1 });
    expect(status).toBe(200);
    const user = { login: 'eve' };
    const html_url = 'https://github.com/acme/shop/issues/3';
    expect(body['result']).toEqual([{ number: 3, title: 'Refunds fail', state: 'open', user, html_url }]);
  });

  it('reads one issue, and tells what GitHub refused', async () => {
    const { body } = await sandbox.call(server, token, 'github.issue', { ...shop, number: 1 });
    expect(asRecord(body['result'])).toMatchObject({ title: 'Checkout is slow', comments: 0 });
    const missing = await sandbox.call(server, token, 'github.issue', { ...shop, number: 99 });
    expect(missing.body).toMatchObject({ code: 'UPSTREAM_REFUSED', upstreamStatus: 404 });
  });

  it('refuses repositories of others before anything is sent', async () => {
    const before = received.length;
    expect((await sandbox.call(server, token, 'github.issue', { ...shop, owner: 'other', number: 1 })).status).toBe(
      403,
    );
    expect((await sandbox.call(server, token, 'github.issue', { ...shop, repo: '..', number: 1 })).status).toBe(422);
    expect(received.length).toBe(before);
  });

  it('writes a comment once, after a yes to that very comment', async () => {
    const comment = { ...shop, number: 1, text: 'Fixed in 1.2' };
    const held = await sandbox.call(server, token, 'github.comment', comment);
    expect(held.status).toBe(202);
    const { approvals } = await sandbox.json(['approval', 'list']);
    const [approval] = Array.isArray(approvals) ? approvals.map(asRecord) : [];
    await sandbox.json(['approval', 'allow', String(approval?.['id'])]);
    const other = await sandbox.call(server, token, 'github.comment', { ...comment, text: 'Fixed in 1.3' });
    expect(other.status).toBe(202);
    expect((await sandbox.call(server, token, 'github.comment', comment)).status).toBe(200);
    await sandbox.call(server, token, 'github.comment', comment);
    const posted = received.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(posted).toEqual(['{"body":"Fixed in 1.2"}']);
  });
});
