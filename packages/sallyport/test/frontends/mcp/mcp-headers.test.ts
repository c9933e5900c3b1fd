// What surrounds an MCP message: versions of both eras, the envelope, and headers that mirror the body.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authorization,
  type Door,
  envelope,
  json,
  mcpHeaders,
  mcpRequest,
  openDoor,
  openUnguardedDoor,
  replaced,
  rpc,
  send,
  toolCall,
  version,
} from '../door.ts';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

describe('versions', () => {
  it('refuses an unserved version and names the served ones', async () => {
    const meta = { ...envelope, 'io.modelcontextprotocol/protocolVersion': '1900-01-01' };
    const headers = replaced(mcpHeaders('tools/list'), 'mcp-protocol-version', '1900-01-01');
    const answer = await send(door, { headers, body: JSON.stringify(rpc('tools/list', { _meta: meta })) });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).error).toMatchObject({
      code: -32022,
      data: { supported: [version], requested: '1900-01-01' },
    });
  });

  it('refuses a request that names no version', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const answer = await send(door, { headers: [...authorization, ...json], body });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, -32022]);
  });

  it('B9: refuses a legacy version header over a modern body, and the other way round', async () => {
    const legacy = { ...envelope, 'io.modelcontextprotocol/protocolVersion': '2025-11-25' };
    const headers = mcpHeaders('tools/list');
    for (const sent of [
      { headers: replaced(headers, 'mcp-protocol-version', '2025-11-25'), body: JSON.stringify(rpc('tools/list')) },
      { headers, body: JSON.stringify(rpc('tools/list', { _meta: legacy })) },
    ]) {
      const answer = await send(door, sent);
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, -32020]);
    }
  });

  it('does not say back what is no version', async () => {
    const params = { protocolVersion: '<script>' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    expect((await send(door, { headers: [...authorization, ...json], body })).text).not.toContain('script');
  });

  it.each([
    ['no _meta', { _meta: undefined }],
    ['no capabilities', { _meta: { 'io.modelcontextprotocol/protocolVersion': version } }],
    ['capabilities that are a list', { _meta: { ...envelope, 'io.modelcontextprotocol/clientCapabilities': [] } }],
    ['a version that is no string', { _meta: { ...envelope, 'io.modelcontextprotocol/protocolVersion': 20260728 } }],
    ['a _meta that is no object', { _meta: 'x' }],
  ])('refuses an envelope with %s', async (_, params) => {
    expect(await list(params)).toMatchObject({ status: 400, error: { code: -32602 } });
  });
});

describe('B8: headers that mirror the body', () => {
  const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

  it.each([
    ['Mcp-Method missing', 'mcp-method', undefined],
    ['Mcp-Method of another method', 'mcp-method', 'tools/list'],
    ['Mcp-Method in another case', 'mcp-method', 'Tools/call'],
    ['Mcp-Name missing', 'mcp-name', undefined],
    ['Mcp-Name of another tool', 'mcp-name', 'orders_by-customer'],
    ['Mcp-Name empty', 'mcp-name', ''],
    ['Mcp-Name twice in one line', 'mcp-name', 'shop_refund, shop_refund'],
    ['Mcp-Name encoded, of another tool', 'mcp-name', encoded('orders_by-customer')],
    ['Mcp-Name with an upper-case sentinel', 'mcp-name', encoded('shop_refund').replace('base64', 'BASE64')],
    ['Mcp-Name with bytes after the Base64', 'mcp-name', encoded('shop_refund').replace('?=', '!?=')],
    ['Mcp-Name in Base64 without padding', 'mcp-name', encoded('shop_refund').replace(/=+\?=$/, '?=')],
    ['Mcp-Name in Base64 that is no UTF-8', 'mcp-name', '=?base64?//79?='],
    ['Mcp-Name with a byte outside ASCII', 'mcp-name', 'shop_refundé'],
    ['MCP-Protocol-Version missing', 'mcp-protocol-version', undefined],
    ['MCP-Protocol-Version empty', 'mcp-protocol-version', ''],
  ])('refuses %s', async (_, name, value) => {
    const sent = toolCall('shop_refund');
    const answer = await send(door, { ...sent, headers: replaced(sent.headers ?? [], name, value) });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, -32020]);
    expect(door.pipeline.calls).toEqual([]);
  });

  it('compares an encoded Mcp-Name after decoding', async () => {
    const sent = toolCall('shop_refund');
    const headers = replaced(sent.headers ?? [], 'mcp-name', encoded('shop_refund'));
    expect((await send(door, { ...sent, headers })).status).toBe(200);
    const odd = toolCall('=?base64?x?=');
    const oddHeaders = replaced(odd.headers ?? [], 'mcp-name', encoded('=?base64?x?='));
    expect(JSON.parse((await send(door, { ...odd, headers: oddHeaders })).text).error.code).toBe(-32602);
  });

  it('refuses Mcp-Name on a method whose body has none', async () => {
    const answer = await send(door, { ...mcpRequest('tools/list'), headers: mcpHeaders('tools/list', 'shop_refund') });
    expect(JSON.parse(answer.text).error.code).toBe(-32020);
  });

  it('takes nothing from Mcp-Param headers', async () => {
    const sent = toolCall('shop_refund', { amount: 1 });
    await send(door, { ...sent, headers: [...(sent.headers ?? []), 'mcp-param-amount', '1000'] });
    expect(door.pipeline.calls).toMatchObject([{ input: { amount: 1 } }]);
  });

  it.each(['mcp-method', 'mcp-name', 'mcp-protocol-version', 'authorization', 'content-type'])(
    'refuses %s when it comes twice, with and without the guard of the listener',
    async (name) => {
      const sent = toolCall('shop_refund');
      const headers = sent.headers ?? [];
      const twice = [...headers, name, headers[headers.indexOf(name) + 1] ?? ''];
      const unguarded = await openUnguardedDoor();
      const direct = await send(unguarded, { ...sent, headers: twice });
      const expected = name === 'authorization' ? 401 : name === 'content-type' ? 415 : 400;
      expect(direct.status).toBe(expected);
      if (expected === 400) expect(JSON.parse(direct.text).error.code).toBe(-32020);
      expect((await send(door, { ...sent, headers: twice })).status).toBeGreaterThanOrEqual(400);
      expect([...unguarded.pipeline.calls, ...door.pipeline.calls]).toEqual([]);
      await unguarded.close();
    },
  );
});

async function list(params: object) {
  const answer = await send(door, {
    headers: mcpHeaders('tools/list'),
    body: JSON.stringify(rpc('tools/list', params)),
  });
  return { status: answer.status, ...JSON.parse(answer.text) };
}
