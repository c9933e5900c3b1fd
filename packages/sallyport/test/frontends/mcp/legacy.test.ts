// MCP 2025-11-25 and 2025-06-18 on the same endpoint: a handshake that nothing is kept of, then the same tools and refusals.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authorization,
  comparable,
  type Door,
  envelope,
  json,
  legacy,
  mcpHeaders,
  mcpRequest,
  openDoor,
  replaced,
  rpc,
  send,
  version,
  withToken,
} from '../door.ts';
import { otherToken, refuse, reply, revokedToken } from '../scripted-pipeline.ts';

const served = [version, '2025-11-25', '2025-06-18'];
let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

describe('the handshake', () => {
  it.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2026-07-28', '2025-11-25'],
    ['2031-01-01', '2025-11-25'],
  ])('answers a client of %s with %s', async (asked, given) => {
    const { status, result } = await ask(legacy('initialize', handshake(asked)));
    expect(status).toBe(200);
    expect(result).toMatchObject({
      protocolVersion: given,
      capabilities: { tools: {} },
      serverInfo: { name: 'sallyport', version: '0.0.0' },
    });
    expect(result).not.toHaveProperty('resultType');
  });

  it.each(['2025-03-26', '2024-11-05', '1.0', '', '<script>', 20251125, null, undefined])(
    'refuses a client of %j and names what is served',
    async (asked) => {
      const { status, error, text } = await ask(legacy('initialize', handshake(asked)));
      expect([status, error.code, error.data.supported]).toEqual([400, -32022, served]);
      expect(error.message).toContain('2025-11-25');
      expect(text).not.toContain('script');
    },
  );

  it('E9: keeps nothing: a session id is another one each time, and opens nothing', async () => {
    const sent = legacy('initialize', handshake('2025-11-25'));
    const ids = [await send(door, sent), await send(door, sent)].map(({ headers }) => headers['mcp-session-id']);
    expect(new Set(ids).size).toBe(2);
    const listed = legacy('tools/list');
    const inSession = { ...listed, headers: [...(listed.headers ?? []), 'mcp-session-id', String(ids[0])] };
    expect((await send(door, inSession)).text).toBe((await send(door, listed)).text);
    expect((await send(door, { ...inSession, headers: [...json, 'mcp-session-id', String(ids[0])] })).status).toBe(401);
    const other = await send(door, withToken(inSession, otherToken));
    expect(JSON.parse(other.text).result.tools).toEqual([]);
  });

  it('tells only a known agent anything', async () => {
    const sent = legacy('initialize', handshake('2025-11-25'));
    expect((await send(door, withToken(sent, 'spt_wrong'))).status).toBe(401);
    expect((await send(door, withToken(sent, revokedToken))).status).toBe(403);
    expect((await send(door, { ...sent, headers: json })).status).toBe(401);
  });

  it('accepts that it is over, and any other notification', async () => {
    const body = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
    const { headers = [] } = legacy('ping');
    const answer = await send(door, { headers, body });
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect((await send(door, { headers: replaced(headers, 'mcp-protocol-version', '2024-11-05'), body })).status).toBe(
      400,
    );
  });
});

describe('requests', () => {
  it.each(['2025-11-25', '2025-06-18'])('lists and calls tools in %s, like every other front door', async (header) => {
    door.pipeline.answer = async () => reply('{"ok":1}');
    const list = await ask(legacy('tools/list', undefined, header));
    expect(list.result.tools.map(({ name }: { name: string }) => name)).toEqual(['orders_by-customer', 'shop_refund']);
    expect(Object.keys(list.result)).toEqual(['tools']);
    const _meta = { 'io.sallyport/idempotency-key': 'k-1', progressToken: 1 };
    const call = await ask(legacy('tools/call', { name: 'shop_refund', arguments: { a: 1 }, _meta }, header));
    expect(call.result).toMatchObject({
      content: [{ type: 'text', text: '{"ok":1}' }],
      structuredContent: { ok: 1 },
      isError: false,
    });
    expect(call.result).not.toHaveProperty('resultType');
    expect(door.pipeline.calls).toMatchObject([{ door: 'mcp', name: { tool: 'shop_refund' }, idempotencyKey: 'k-1' }]);
  });

  it.each([
    ['resources/list', 'resources'],
    ['resources/templates/list', 'resourceTemplates'],
    ['prompts/list', 'prompts'],
  ])('has an empty list for clients that ask for %s', async (method, member) => {
    expect((await ask(legacy(method))).result).toEqual({ [member]: [] });
    expect((await ask(mcpRequest(method))).result).toMatchObject({ [member]: [], ttlMs: 0, cacheScope: 'private' });
    expect((await send(door, withToken(legacy(method), 'spt_wrong'))).status).toBe(401);
  });

  it.each(['test://a', 'x'.repeat(3000)])('has no resource, and says which it has not: %s', async (uri) => {
    const echoed = uri.length > 2000 ? undefined : uri;
    const params = { uri, _meta: envelope };
    const headers = mcpHeaders('resources/read', uri);
    const modern = await ask({ headers, body: JSON.stringify(rpc('resources/read', params)) });
    for (const { error } of [modern, await ask(legacy('resources/read', { uri }))]) {
      expect([error.code, error.data.uri]).toEqual([-32602, echoed]);
    }
    expect(door.pipeline.refused).toEqual(['REQUEST_PARAMS', 'REQUEST_PARAMS']);
  });

  it('lets a client set the level of messages that never come', async () => {
    expect((await ask(legacy('logging/setLevel', { level: 'info' }))).result).toEqual({});
  });

  it('has no suggestions for clients that complete something', async () => {
    const params = { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'b', value: 'c' } };
    expect((await ask(legacy('completion/complete', params))).result).toEqual({ completion: { values: [] } });
    const modern = { ...mcpRequest('completion/complete'), body: JSON.stringify(rpc('completion/complete', params)) };
    expect((await ask(modern)).result).toMatchObject({ resultType: 'complete', completion: { values: [] } });
    expect((await send(door, withToken(modern, 'spt_wrong'))).status).toBe(401);
  });

  it('answers a ping', async () => {
    expect((await send(door, legacy('ping'))).text).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  it('shows a refusal to the model as an error of the tool', async () => {
    door.pipeline.answer = async () => refuse({ code: 'CALL_DENIED' });
    const { status, result } = await ask(legacy('tools/call', { name: 'shop_refund' }));
    expect([status, result.isError]).toEqual([200, true]);
    expect(result.content[0].text).toContain('CALL_DENIED');
  });

  it('A6: answers unknown and denied tools with the same bytes', async () => {
    const answers = await Promise.all(
      ['no-such', 'secret_tool', 'shop_refund'].map((name) =>
        send(door, withToken(legacy('tools/call', { name }), otherToken)),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(comparable(answer)))).size).toBe(1);
  });

  it.each([
    ['resources/read', { uri: 'test://a' }, -32602],
    ['resources/read', {}, -32602],
    ['prompts/get', { name: 'a' }, -32602],
    ['resources/subscribe', { uri: 'test://a' }, -32601],
    ['completion/complete', { ref: 'a', argument: {} }, -32602],
    ['tools/call', { name: 'shop_refund', inputResponses: {} }, -32602],
    ['tools/call', { name: 'shop_refund', requestState: 'x' }, -32602],
    ['resources/list', { cursor: 'x' }, -32602],
    ['server/discover', {}, -32601],
    ['logging/setLevel', { level: 7 }, -32602],
    ['tools/list', { cursor: 'x' }, -32602],
    ['tools/call', {}, -32602],
    ['tools/call', { name: 'shop_refund', arguments: [] }, -32602],
    ['tools/call', { name: 'shop_refund', task: { ttl: 1 } }, -32602],
    ['B10', { name: 'shop_refund', tool_name: 'shop_refund' }, -32601],
    ['tools/call', { name: 'shop_refund', tool_name: 'other' }, -32602],
  ])('answers %s with %j in band with %i', async (method, params, code) => {
    const { status, error } = await ask(legacy(method, params));
    expect([status, error.code]).toEqual([200, code]);
    expect(door.pipeline.calls).toEqual([]);
  });

  it('says who calls by the status, which the operator of the client sees', async () => {
    expect((await send(door, withToken(legacy('tools/list'), 'spt_wrong'))).status).toBe(401);
    expect((await send(door, withToken(legacy('tools/call', { name: 'shop_refund' }), 'spt_wrong'))).status).toBe(401);
  });

  it('B7: refuses a batch', async () => {
    const { headers = [], body = '' } = legacy('ping');
    const answer = await send(door, { headers, body: `[${String(body)}]` });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, -32600]);
  });

  it.each(['GET', 'DELETE'])('answers %s with 405: there are no streams and no sessions', async (method) => {
    const { headers = [] } = legacy('ping');
    const answer = await send(door, { method, headers });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });
});

describe('B9: one era in the header, another one in the body', () => {
  const modernBody = JSON.stringify(rpc('tools/call', { name: 'shop_refund', arguments: {} }));
  const modernHeaders = mcpHeaders('tools/call', 'shop_refund');
  const legacyMeta = { ...envelope, 'io.modelcontextprotocol/protocolVersion': '2025-11-25' };

  it.each([
    ['a legacy header over a modern body', replaced(modernHeaders, 'mcp-protocol-version', '2025-11-25'), modernBody],
    ['no header over a modern body', replaced(modernHeaders, 'mcp-protocol-version', undefined), modernBody],
    ['a modern header over a legacy body', modernHeaders, String(legacy('tools/call', { name: 'shop_refund' }).body)],
    ['a legacy version in an envelope', modernHeaders, modernBody.replace(version, '2025-11-25')],
    [
      'a legacy version in an envelope and in the header',
      replaced(modernHeaders, 'mcp-protocol-version', '2025-11-25'),
      JSON.stringify(rpc('tools/call', { name: 'shop_refund', _meta: legacyMeta })),
    ],
    [
      'a modern header over a handshake',
      mcpHeaders('initialize'),
      String(legacy('initialize', handshake('2025-11-25')).body),
    ],
    [
      'an older header',
      replaced(modernHeaders, 'mcp-protocol-version', '2025-03-26'),
      String(legacy('tools/list').body),
    ],
    ['no version at all', [...authorization, ...json], String(legacy('tools/call', { name: 'shop_refund' }).body)],
  ])('refuses %s', async (_, headers, body) => {
    const answer = await send(door, { headers, body });
    expect(answer.status).toBe(400);
    expect([-32020, -32022, -32602]).toContain(JSON.parse(answer.text).error.code);
    expect(door.pipeline.calls).toEqual([]);
  });

  it('has no handshake in the modern era', async () => {
    const { error } = await ask({ headers: mcpHeaders('initialize'), body: JSON.stringify(rpc('initialize')) });
    expect(error.code).toBe(-32601);
  });

  it('refuses two version headers', async () => {
    const { headers = [], body = '' } = legacy('tools/list');
    const answer = await send(door, { headers: [...headers, 'mcp-protocol-version', '2025-11-25'], body });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, -32020]);
  });
});

function handshake(protocolVersion: unknown): object {
  return { protocolVersion, capabilities: {}, clientInfo: { name: 'old', version: '1' } };
}

async function ask(sent: Parameters<typeof send>[1]) {
  const { status, text } = await send(door, sent);
  return { status, text, ...JSON.parse(text) };
}
