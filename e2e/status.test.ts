// Contract: status, lists and doctor show an operator everything that waits, is due or is refused, with the command that comes next.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let token: string;

const archive = `
  orders.archive:
    service: shop-db
    effect: write
    description: Archive an order.
    input:
      order_id: { type: integer, minimum: 1 }
      note: { type: string, maxLength: 40 }
    sql: |
      update orders set status = :note
      where id = :order_id
    reply: none
`;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  sandbox.writeConfig((text) =>
    text
      .replace('\nagents:\n  support-bot:\n', `${archive}\nagents:\n  support-bot:\n    local: true\n`)
      .replace('      - debug.echo\n', '      - debug.echo\n      - orders.archive: { approval: required }\n'),
  );
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

async function statusText(): Promise<string> {
  return (await sandbox.run(['status'])).output;
}

describe('sallyport status', () => {
  it('has a table of agents: whether they were added, are local, and when their token ends', async () => {
    const text = await statusText();
    expect(text).toMatch(/support-bot +ready +yes +\d+ +(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +){2}-/);
    expect(text).toMatch(/visitor +no-token +no +\d+ +- +- +-/);
    expect(text).toContain('! agent visitor has no token: run `sallyport agent add visitor`');
    expect((await sandbox.run(['agent', 'list'])).output).toMatch(/support-bot +ready +yes/);
  });

  it('does not ask for anything where there is nothing to do', async () => {
    const text = await statusText();
    expect(text).toContain('- agent support-bot needs no token on this machine (local: true)');
    expect(text).toContain('- service shop-api is reached without TLS (trust: loopback)');
    expect(text).not.toMatch(/! .*(needs no token|without TLS)/);
  });

  it('shows a revoked session and a revoked agent, and what lets them go on', async () => {
    await sandbox.call(server, token, 'orders.read', { order_id: 7 });
    expect(await statusText()).toMatch(/support-bot .* open until \d{4}-/);
    const { sessions } = await sandbox.json(['session', 'list']);
    const open = Array.isArray(sessions) ? asRecord(sessions[0])['id'] : undefined;
    await sandbox.json(['session', 'revoke', String(open)]);
    await sandbox.token('visitor');
    await sandbox.json(['agent', 'revoke', 'visitor']);
    const text = await statusText();
    expect(text).toMatch(/support-bot .* revoked/);
    expect(text).toMatch(/visitor +revoked/);
    expect(text).toMatch(/! the session of agent support-bot was revoked.*`sallyport session open support-bot`/);
    expect(text).toMatch(/! agent visitor was revoked.*`sallyport agent renew visitor`/);
    expect((await sandbox.run(['session', 'open', 'visitor'])).errors).toContain('`sallyport agent renew visitor`');
    expect((await sandbox.run(['agent', 'add', 'visitor'])).errors).toContain('`sallyport agent renew visitor`');
    const { agents } = await sandbox.json(['status']);
    expect(agents).toMatchObject([
      { id: 'support-bot', session: open, sessionState: 'revoked' },
      { id: 'visitor', state: 'revoked' },
    ]);
    await sandbox.json(['session', 'open', 'support-bot']);
  });

  it('shows calls that wait, and approval show all of what would be executed', async () => {
    const held = await sandbox.call(server, token, 'orders.archive', { order_id: 7, note: 'do\u200bne' });
    expect(held.body['code']).toBe('CALL_NEEDS_APPROVAL');
    const { approvals } = await sandbox.json(['status']);
    const id = Array.isArray(approvals) ? String(asRecord(approvals[0])['id']) : '';
    expect(await statusText()).toMatch(
      new RegExp(
        `! orders.archive of support-bot waits .*, until \\d{4}-\\d\\d-\\d\\d [\\d:]+: run .sallyport approval show ${id}.`,
      ),
    );
    const { output } = await sandbox.run(['approval', 'show', id]);
    expect(output).toContain(
      [
        'statement  update orders set status = :note',
        '           where id = :order_id',
        'values     :note = "do\\u{200b}ne"',
        '           :order_id = 7',
      ].join('\n'),
    );
    await sandbox.json(['approval', 'refuse', id]);
    expect(await sandbox.json(['status'])).toMatchObject({ approvals: [] });
  });

  it('shows an HTTP call that waits with its method, its URL and its body', async () => {
    const refund = { order_id: 7, amount_cents: 9_000, reason: 'late' };
    await sandbox.call(server, token, 'refunds.create', refund);
    const { approvals } = await sandbox.json(['approval', 'list']);
    const id = Array.isArray(approvals) ? String(asRecord(approvals[0])['id']) : '';
    const { output } = await sandbox.run(['approval', 'show', id]);
    expect(output).toContain(`sends      POST http://127.0.0.1:${sandbox.servicePort}/refunds\n`);
    expect(output).toContain('body       {"order_id":7,"amount_cents":9000,"reason":"late"}\n');
    await sandbox.json(['approval', 'refuse', id]);
  });
});

describe('what operators type', () => {
  it.each([
    [['--agent', 'nosuch'], 'no record matches: the config has no such agent\n'],
    [
      ['--operation', 'orders.reed'],
      'no record matches: the config has no such operation; did you mean `orders.read`?\n',
    ],
    [['--call', 'nope'], 'no record matches\n'],
  ])('in a filter of the audit that nothing fits is answered with words: %j', async (filter, said) => {
    for (const details of [[], ['--details']]) {
      expect((await sandbox.run(['audit', 'show', ...filter, ...details])).output).toBe(said);
    }
  });

  it.each([
    [['--kind', 'nope'], 'kind must be one of call.intent, call.outcome'],
    [['--limit', '0'], 'limit must be a whole number from 1 to 1000'],
  ])('in a filter of the audit is answered with what may stand there: %j', async (filter, said) => {
    const { status, errors } = await sandbox.run(['audit', 'show', ...filter]);
    expect([status, errors]).toEqual([2, expect.stringContaining(said)]);
  });
});
