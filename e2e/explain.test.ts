// Contract: what `explain` says that an agent would see is what the agent sees, and it says which line or command is behind it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let token: string;

const note = `
  notes.read:
    service: shop-api
    effect: read
    description: Read a note.
    input: { name: { type: string, maxLength: 40 } }
    http: { method: GET, path: "/orders/{name}" }
    reply: [/id]
`;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  sandbox.writeConfig((text) =>
    text
      .replace('\nagents:\n', `${note}\nagents:\n`)
      .replace('      - debug.echo\n', '      - debug.echo\n      - notes.read\n'),
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

type Call = readonly [operation: string, input: Record<string, unknown>];

const order: Call = ['orders.read', { order_id: 7 }];

async function explained([operation, input]: Call, agent = 'support-bot'): Promise<string> {
  const question = ['--agent', agent, '--operation', operation, '--input', JSON.stringify(input)];
  return (await sandbox.run(['explain', ...question])).output;
}

/** What the agent gets, as `explain` would name it. */
async function seen([operation, input]: Call): Promise<string> {
  const { status, body } = await sandbox.call(server, token, operation, input);
  return status === 200 ? 'the reply' : String(body['code']);
}

async function agree(call: Call, code: string): Promise<string> {
  const text = await explained(call);
  expect(await seen(call)).toBe(code);
  expect(text).toContain(`the agent sees: ${code}\n`);
  return text;
}

describe('explain says what the agent sees', () => {
  it('of calls that are allowed, held, denied or hidden', async () => {
    await agree(order, 'the reply');
    const refund = { order_id: 7, reason: 'because' };
    await agree(['refunds.create', { ...refund, amount_cents: 9000 }], 'CALL_NEEDS_APPROVAL');
    await agree(['refunds.create', { ...refund, amount_cents: 900_000 }], 'CALL_DENIED');
    await agree(['orders.cancel', { order_id: 7 }], 'OPERATION_NOT_AVAILABLE');
  });

  it('of an input that does not fit, with the line of the input', async () => {
    const text = await agree(['orders.read', { order_id: 'seven' }], 'INPUT_INVALID');
    expect(text).toMatch(/sallyport\.yaml:\d+ operations\.orders\.read\.input\.order_id\n/);
    expect(await explained(['orders.read', { no: 1 }])).toMatch(/:\d+ operations\.orders\.read\.input/);
  });

  it('of an input that would change the request around it', async () => {
    const text = await agree(['notes.read', { name: '..' }], 'INPUT_UNSAFE');
    expect(text).toContain('invalid-input: input-unsafe\n');
    expect(text).toMatch(/:\d+ operations\.notes\.read\.input\n/);
  });

  it('of an operation above the ceiling, with the line of the ceiling', async () => {
    const text = await explained(['orders.cancel', { order_id: 7 }], 'visitor');
    expect(text).toMatch(/deny: effect-above-ceiling\n.*sallyport\.yaml:\d+ agents\.visitor\.effect\n/);
  });

  it('after a session was revoked', async () => {
    await seen(order);
    const { sessions } = await sandbox.json(['session', 'list']);
    const open = Array.isArray(sessions) ? asRecord(sessions[0])['id'] : undefined;
    await sandbox.json(['session', 'revoke', String(open)]);
    expect(await agree(order, 'SESSION_REVOKED')).toContain('`sallyport session open support-bot`');
    await sandbox.json(['session', 'open', 'support-bot']);
  });

  it('after its credential’s target changed', async () => {
    sandbox.writeConfig((text) => text.replace('place: bearer', 'place: { header: Authorization, prefix: "Bearer " }'));
    await sandbox.json(['reload']);
    expect(await agree(order, 'CREDENTIAL_TARGET_CHANGED')).toContain('`sallyport credential rebind shop-api`');
    const question = ['--agent', 'support-bot', '--operation', 'orders.read', '--input', '{"order_id":7}'];
    expect(await sandbox.json(['explain', ...question])).toMatchObject({
      verdict: 'allow',
      agentSees: 'CREDENTIAL_TARGET_CHANGED',
      obstacles: [{ code: 'CREDENTIAL_TARGET_CHANGED' }],
    });
  });

  it('after its credential was removed', async () => {
    await sandbox.json(['credential', 'remove', 'shop-api', '--yes']);
    expect(await agree(order, 'CREDENTIAL_MISSING')).toContain('`sallyport credential add shop-api`');
  });

  it('after its agent was revoked', async () => {
    await sandbox.json(['agent', 'revoke', 'support-bot']);
    expect(await agree(order, 'TOKEN_UNKNOWN')).toContain('`sallyport agent renew support-bot`');
  });
});
