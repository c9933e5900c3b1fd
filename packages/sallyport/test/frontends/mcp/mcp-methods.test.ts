// The methods of MCP 2026-07-28: discover, list, call; what the model sees, and what tells nobody anything.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode, errorCodes } from '../../../src/domain/errors.ts';
import type { CallOutcome } from '../../../src/domain/reply.ts';
import {
  type Answer,
  authorization,
  comparable,
  type Door,
  envelope,
  json,
  mcpHeaders,
  mcpRequest,
  openDoor,
  rpc,
  send,
  toolCall,
  version,
  withToken,
} from '../door.ts';
import { callId, goodToken, otherToken, refuse, reply, revokedToken } from '../scripted-pipeline.ts';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

describe('server/discover', () => {
  it('names the version, the capabilities and the server, for this agent only', async () => {
    const { status, result } = await call('server/discover');
    expect(status).toBe(200);
    expect(result).toMatchObject({
      resultType: 'complete',
      supportedVersions: [version],
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'sallyport', version: '0.0.0' } },
    });
  });
});

describe('tools/list', () => {
  it('lists what the agent may call, in the order of ids, private and uncached', async () => {
    const { result } = await call('tools/list');
    expect(result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(['orders_by-customer', 'shop_refund']);
    expect(result.tools[0]).toMatchObject({
      title: 'orders.by-customer',
      description: 'Orders of one customer',
      inputSchema: { type: 'object', additionalProperties: false },
      annotations: { readOnlyHint: true, destructiveHint: false },
    });
    expect(result.tools[1].annotations).toEqual({ readOnlyHint: false, destructiveHint: true });
    expect(result).not.toHaveProperty('nextCursor');
  });

  it('A6: shows an agent without grants an empty list', async () => {
    const { result } = await call('tools/list', {}, otherToken);
    expect(result.tools).toEqual([]);
  });

  it('refuses a cursor, since none was handed out', async () => {
    expect(await call('tools/list', { cursor: 'x' })).toMatchObject({ status: 400, error: { code: -32602 } });
  });
});

describe('tools/call', () => {
  it('hands the call on as it came', async () => {
    const input = { customer_id: 7, note: 'ü' };
    const meta = { ...envelope, 'io.sallyport/idempotency-key': 'key-1' };
    await call('tools/call', { name: 'shop_refund', arguments: input, _meta: meta });
    expect(door.pipeline.calls).toMatchObject([
      { door: 'mcp', token: goodToken, name: { tool: 'shop_refund' }, input, idempotencyKey: 'key-1' },
    ]);
  });

  it('takes missing arguments for an empty input, and a missing key for none', async () => {
    await call('tools/call', { name: 'shop_refund' });
    expect(door.pipeline.calls).toMatchObject([{ input: {}, idempotencyKey: undefined }]);
  });

  it('sets an object in as structure without a change to its text', async () => {
    const text = '{"total": 12345678901234567890, "b":1,"a":[1.50]}';
    door.pipeline.answer = async () => reply(text);
    const answer = await send(door, toolCall('shop_refund'));
    expect(answer.text).toContain(`"structuredContent":${text},`);
    const { result } = JSON.parse(answer.text);
    expect(result.content).toEqual([{ type: 'text', text }]);
    expect(result).toMatchObject({ resultType: 'complete', isError: false, _meta: { 'io.sallyport/call': callId } });
  });

  it.each(['[1,2]', '"text"', 'null', '7'])('gives the reply %s as text only', async (text) => {
    door.pipeline.answer = async () => reply(text);
    const { result } = await call('tools/call', { name: 'shop_refund' });
    expect(result.content).toEqual([{ type: 'text', text }]);
    expect(result).not.toHaveProperty('structuredContent');
  });

  it('tells the model that a reply was cut', async () => {
    door.pipeline.answer = async () => reply('[]', true);
    const { result } = await call('tools/call', { name: 'shop_refund' });
    expect(result.content[1].text).toContain('cut');
  });

  it.each<Parameters<typeof refuse>[0]>([
    { code: 'INPUT_INVALID', issues: [{ pointer: '/customer_id', rule: 'type integer' }] },
    { code: 'CALL_RATE_EXCEEDED', retryAfterMs: 1500 },
    { code: 'UPSTREAM_REFUSED', upstreamStatus: 404 },
    { code: 'CALL_DENIED' },
    { code: 'UPSTREAM_INDETERMINATE' },
    { code: 'CREDENTIAL_EXPIRED' },
    { code: 'SHUTTING_DOWN' },
  ])('shows the model a refusal with $code as a tool error', async (facts) => {
    door.pipeline.answer = async () => refuse(facts);
    const { status, result } = await call('tools/call', { name: 'shop_refund' });
    const { code, ...rest } = facts;
    expect([status, result.isError, result.resultType]).toEqual([200, true, 'complete']);
    expect(JSON.parse(result.content[0].text)).toEqual({ code, message: `${code} for a reason`, ...rest });
  });

  it('A6: answers unknown and denied tools with the same bytes', async () => {
    const answers: Answer[] = [];
    for (const tool of ['no-such-tool', 'secret_tool', 'constructor', '__proto__']) {
      answers.push(await send(door, toolCall(tool)));
    }
    answers.push(await send(door, withToken(toolCall('shop_refund'), otherToken)));
    const [first] = answers.map(comparable);
    expect(answers.map(comparable)).toEqual(answers.map(() => first));
    expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({ error: { code: -32602 } });
    expect(answers[0]?.status).toBe(200);
  });

  it('B10: has no meta-tool: a tool name within the arguments is only an argument', async () => {
    const inner = { tool_name: 'orders_by-customer', name: 'orders_by-customer', parameters: {} };
    await call('tools/call', { name: 'shop_refund', arguments: inner });
    expect(door.pipeline.calls).toMatchObject([{ name: { tool: 'shop_refund' }, input: inner }]);
  });

  it.each([
    ['a missing name', {}, undefined],
    ['a name that is no string', { name: 7 }, undefined],
    ['arguments that are an array', { name: 'shop_refund', arguments: [] }, 'shop_refund'],
    ['arguments that are null', { name: 'shop_refund', arguments: null }, 'shop_refund'],
    ['a state that was never given', { name: 'shop_refund', requestState: 'x' }, 'shop_refund'],
    ['answers to no question', { name: 'shop_refund', inputResponses: [] }, 'shop_refund'],
  ])('refuses %s', async (_, params, name) => {
    const body = JSON.stringify(rpc('tools/call', params));
    const answer = await send(door, { headers: mcpHeaders('tools/call', name), body });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, -32602]);
    expect(door.pipeline.calls).toEqual([]);
  });

  it('refuses an idempotency key that is no string', async () => {
    const meta = { ...envelope, 'io.sallyport/idempotency-key': 7 };
    const { error } = await call('tools/call', { name: 'shop_refund', _meta: meta });
    expect(error.data.code).toBe('IDEMPOTENCY_KEY_MALFORMED');
  });
});

describe('who calls', () => {
  it('answers an unknown token with 401 and a challenge, whatever the method', async () => {
    for (const method of ['server/discover', 'tools/list', 'tools/call']) {
      const sent = method === 'tools/call' ? toolCall('shop_refund') : mcpRequest(method);
      const answer = await send(door, withToken(sent, 'spt_unknown'));
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="sallyport", error="invalid_token"');
      expect(JSON.parse(answer.text)).toMatchObject({
        id: 1,
        error: { code: -31401, data: { code: 'TOKEN_UNKNOWN' } },
      });
    }
  });

  it('answers a revoked session with 403', async () => {
    const answer = await send(door, withToken(toolCall('shop_refund'), revokedToken));
    expect([answer.status, JSON.parse(answer.text).error.data.code]).toEqual([403, 'SESSION_REVOKED']);
  });

  it('takes a notification from a known agent only', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const taken = await send(door, { headers: [...authorization, ...json], body });
    expect([taken.status, taken.text, taken.headers['content-length']]).toEqual([202, '', '0']);
    const refused = await send(door, withToken({ headers: [...authorization, ...json], body }, 'spt_unknown'));
    expect(refused.status).toBe(401);
  });
});

describe('every code that a call can end with', () => {
  it('has an answer that the client can parse', async () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      door.pipeline.answer = async (): Promise<CallOutcome> => refuse({ code });
      const answer = await send(door, toolCall('shop_refund'));
      const { error, result } = JSON.parse(answer.text);
      expect([code, error?.data.code ?? JSON.parse(result.content[0].text).code]).toEqual([code, code]);
    }
  });
});

async function call(
  method: string,
  params: { name?: unknown; _meta?: unknown; [key: string]: unknown } = {},
  token = goodToken,
) {
  const name = typeof params.name === 'string' ? params.name : undefined;
  const sent = { headers: mcpHeaders(method, name), body: JSON.stringify(rpc(method, params)) };
  const answer = await send(door, withToken(sent, token));
  return { status: answer.status, ...JSON.parse(answer.text) };
}
