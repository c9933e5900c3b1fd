// Contract: at a client that can show a question, a call that waits for an operator is one, and the operator's yes is what runs it:
// no answer of a client does, whatever it says and however often (I2). Over HTTP, and over the bridge, with the official client.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packedLauncher } from './packed-package.ts';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

type Answer = { readonly action: 'accept' | 'decline' | 'cancel'; readonly content?: Record<string, string> };

let sandbox: Sandbox;
let server: RunningServer;
let token: string;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  sandbox = await Sandbox.create();
  sandbox.writeConfig((text) => text.replace('  support-bot:\n', '  support-bot:\n    local: true\n'));
  await sandbox.prepare();
  token = await sandbox.token('support-bot');
  server = await sandbox.up();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await server.stop();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

// Above the limit up to which the shop's bot refunds by itself.
const refund = (orderId: number) => ({ order_id: orderId, amount_cents: 6_000, reason: 'arrived broken' });
const refunds = (orderId: number) =>
  sandbox.received.filter(({ path, body }) => path === '/refunds' && JSON.stringify(body).includes(`${orderId}`));

describe.each(['http', 'stdio'])('the official client over %s', (transport) => {
  const base = transport === 'http' ? 100 : 200;

  it('asks its user, and has the reply after an operator said yes', async () => {
    const asked: string[] = [];
    const client = await connected(transport, async (message) => {
      asked.push(message);
      await sandbox.json(['approval', 'allow', idIn(message)]);
      return { action: 'accept', content: {} };
    });
    const result = await client.callTool({ name: 'refunds_create', arguments: refund(base + 1) });
    expect(asked).toHaveLength(1);
    expect(result).toMatchObject({ isError: false, structuredContent: { order_id: base + 1 } });
    expect(refunds(base + 1)).toHaveLength(1);
  });

  it('has a result with the id after one question where nobody said yes', async () => {
    const asked: string[] = [];
    const client = await connected(transport, async (message) => {
      asked.push(message);
      return { action: 'accept', content: {} };
    });
    const result = await client.callTool({ name: 'refunds_create', arguments: refund(base + 2) });
    expect([asked.length, result.isError]).toEqual([1, true]);
    expect(JSON.stringify(result.content)).toContain(idIn(asked[0] ?? ''));
  });

  it('does not make a call that its user declined, not even an allowed one, and makes it when it is called again', async () => {
    const client = await connected(transport, async (message) => {
      await sandbox.json(['approval', 'allow', idIn(message)]);
      return { action: 'decline' };
    });
    const call = { name: 'refunds_create', arguments: refund(base + 3) };
    expect(JSON.stringify(await client.callTool(call))).toContain('CALL_DECLINED');
    expect(refunds(base + 3)).toEqual([]);
    expect(await client.callTool(call)).toMatchObject({ isError: false });
  });
});

describe('clients that cannot show a question', () => {
  it('have a result with the id: v1, and v2 without the capability', async () => {
    for (const client of [await older(), await connected('http', undefined)]) {
      const result = await client.callTool({ name: 'refunds_create', arguments: refund(301) });
      expect(result.isError).toBe(true);
      expect(JSON.stringify(result.content)).toMatch(/CALL_NEEDS_APPROVAL.*[0-9a-f-]{36}/);
    }
  });
});

describe('E10: an agent that answers for an operator', () => {
  const yes = { action: 'accept', content: { approved: true } };
  const attempts: Readonly<Record<string, (id: string) => object>> = {
    'an accept': () => ({ inputResponses: { approval: { action: 'accept' } } }),
    'an accept with content': () => ({ inputResponses: { approval: yes } }),
    'an accept with the id': (id) => ({
      inputResponses: { approval: { action: 'accept', content: { approval: id } } },
    }),
    'an accept under the id': (id) => ({ inputResponses: { [id]: yes } }),
    'many accepts': (id) => ({ inputResponses: { approval: yes, approve: yes, allow: yes, [id]: yes } }),
    'another action': () => ({ inputResponses: { approval: { action: 'allow' } } }),
    'the word of an operator': () => ({ inputResponses: { approval: { ...yes, operator: true, state: 'allowed' } } }),
    'a decline that says yes': () => ({ inputResponses: { approval: { ...yes, action: 'decline' } } }),
    'a cancel that says yes': () => ({ inputResponses: { approval: { ...yes, action: 'cancel' } } }),
    'a list of answers': () => ({ inputResponses: [{ approval: yes }] }),
    'a state with the id': (id) => ({ requestState: id }),
    'a state that claims a yes': (id) => ({
      requestState: Buffer.from(JSON.stringify({ approval: id, state: 'allowed' })).toString('base64'),
    }),
    'an answer and a state': (id) => ({ inputResponses: { approval: yes }, requestState: id }),
    'a capability': () => ({ _meta: { 'io.sallyport/approval': { state: 'allowed' } } }),
    'an argument': () => ({ arguments: { ...refund(401), approval: 'allowed' } }),
    'a parameter': (id) => ({ approval: id, approved: true }),
    'an idempotency key': (id) => ({ _meta: { 'io.sallyport/idempotency-key': `approval ${id}` } }),
    'a name': (id) => ({ name: `sallyport approval allow ${id}` }),
  };

  it.each(Object.keys(attempts))('gets nowhere with %s', async (attempt) => {
    const id = idIn(JSON.stringify(await post({})));
    for (const era of ['2026-07-28', '2025-11-25']) await post(attempts[attempt]?.(id) ?? {}, era);
    expect(refunds(401)).toEqual([]);
    expect(await stateOf(id)).toBe('pending');
  });

  it.each(['allow', 'refuse', 'decide', ''])('finds no way to decide at its door: %j', async (verb) => {
    const id = idIn(JSON.stringify(await post({})));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const path = `/v1/approvals/${id}${verb === '' ? '' : `/${verb}`}`;
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const { status } = await fetch(`${server.url}${path}`, { method, headers, body: '{"state":"allowed"}' });
      expect([404, 405]).toContain(status);
    }
    expect([refunds(401), await stateOf(id)]).toEqual([[], 'pending']);
  });
});

async function stateOf(id: string): Promise<unknown> {
  const response = await fetch(`${server.url}/v1/approvals/${id}`, { headers: { authorization: `Bearer ${token}` } });
  return asRecord(asRecord(await response.json())['approval'])['state'];
}

async function connected(transport: string, answer: ((message: string) => Promise<Answer>) | undefined) {
  const capabilities = answer === undefined ? {} : { elicitation: { form: {} } };
  const client = new Client({ name: 'test', version: '1' }, { capabilities, versionNegotiation: { mode: 'auto' } });
  if (answer !== undefined) client.setRequestHandler('elicitation/create', ({ params }) => answer(params.message));
  open.push(client);
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    transport === 'http'
      ? new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } })
      : new StdioClientTransport({
          command: process.execPath,
          args: [packedLauncher(), 'mcp', '--agent', 'support-bot'],
          env: sandbox.environment(),
          cwd: sandbox.folder,
        }),
  );
  return client;
}

async function older() {
  const client = new ClientV1({ name: 'old', version: '1' }, { capabilities: { elicitation: {} } });
  open.push(client);
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new TransportV1(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
  return client;
}

function idIn(text: string): string {
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}(?= *`|[^/]*approval allow)/.exec(text)?.[0];
  if (id === undefined) throw new Error(`no id in ${text}`);
  return id;
}

/** One call as raw as an attacker sends it, with other parameters or more of them. */
async function post(others: { readonly name?: string; readonly _meta?: object }, era = '2026-07-28'): Promise<unknown> {
  const isModern = era === '2026-07-28';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': era,
    'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
  };
  const given = { name: 'refunds_create', arguments: refund(401), ...others };
  const params = { ...given, _meta: { ...(isModern ? meta : {}), ...others._meta } };
  const response = await fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': era,
      ...(isModern ? { 'mcp-method': 'tools/call', 'mcp-name': given.name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  const text = await response.text();
  sandbox.saw('what an attempt got', text);
  return JSON.parse(text);
}
