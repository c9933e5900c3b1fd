// The message itself: one JSON-RPC request as JSON, in a body of the right type, answered under its id.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Door, mcpHeaders, mcpRequest, openDoor, replaced, rpc, send } from '../door.ts';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

describe('B7: bodies that are not one JSON-RPC request', () => {
  const good = JSON.stringify(rpc('tools/list'));

  it.each<[string, string | Buffer, number]>([
    ['a batch', `[${good}]`, -32600],
    ['an empty batch', '[]', -32600],
    ['null', 'null', -32600],
    ['a string', '"tools/list"', -32600],
    ['nothing', ' ', -32700],
    ['trailing garbage', `${good}x`, -32700],
    ['two messages', `${good}\n${good}`, -32700],
    ['a byte order mark', `\uFEFF${good}`, -32700],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), -32700],
    ['deep nesting', `${'['.repeat(100)}${']'.repeat(100)}`, -32700],
    ['B1: a duplicate key', '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}', -32700],
    ['B3: a rounded number', '{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list"}', -32700],
    ['another version of JSON-RPC', good.replace('2.0', '1.0'), -32600],
    ['a further member', good.replace('{', '{"extra":1,'), -32600],
    ['a response', '{"jsonrpc":"2.0","id":1,"result":{}}', -32600],
    ['an error', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}', -32600],
    ['a null id', good.replace('"id":1', '"id":null'), -32600],
    ['a fraction as id', good.replace('"id":1', '"id":1.5'), -32600],
    ['an object as id', good.replace('"id":1', '"id":{}'), -32600],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}', -32600],
    ['params that are null', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}', -32600],
    ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":7}', -32600],
  ])('refuses %s', async (_, body, code) => {
    const answer = await send(door, { headers: mcpHeaders('tools/list'), body });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, code]);
    expect(door.pipeline.refused).toHaveLength(1);
  });

  it.each([
    ['text/plain', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=utf-8; charset=utf-7', 415],
    ['application/json, text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset="UTF-8"', 200],
    ['Application/JSON;charset=utf-8', 200],
  ])('answers the content type %s with %i', async (type, status) => {
    const headers = replaced(mcpHeaders('tools/list'), 'content-type', type);
    expect((await send(door, { headers, body: good })).status).toBe(status);
  });

  it('refuses a missing content type and a compressed body', async () => {
    const headers = mcpHeaders('tools/list');
    const untyped = await send(door, { headers: replaced(headers, 'content-type', undefined), body: good });
    const packed = await send(door, { headers: [...headers, 'content-encoding', 'gzip'], body: good });
    expect([untyped.status, packed.status]).toEqual([415, 415]);
  });

  it.each([
    ['application/json', 200],
    ['*/*', 200],
    ['text/event-stream, application/*;q=0.5', 200],
    ['text/event-stream', 406],
    ['application/json;q=0', 406],
    ['text/html', 406],
  ])('answers Accept: %s with %i', async (accept, status) => {
    const headers = replaced(mcpHeaders('tools/list'), 'accept', accept);
    expect((await send(door, { headers, body: good })).status).toBe(status);
  });

  it('accepts a request without Accept', async () => {
    const headers = replaced(mcpHeaders('tools/list'), 'accept', undefined);
    expect((await send(door, { headers, body: good })).status).toBe(200);
  });
});

describe('JSON-RPC', () => {
  it.each(['', 'a"\\ü\u2028', 'x'.repeat(300), 0, -7, 9007199254740991])('echoes the id %j exactly', async (id) => {
    const answer = await send(door, {
      headers: mcpHeaders('tools/list'),
      body: JSON.stringify(rpc('tools/list', {}, id)),
    });
    expect(JSON.parse(answer.text).id).toBe(id);
  });

  it('carries the id in errors, and none where none could be read', async () => {
    const unknown = await send(door, mcpRequest('roots/list', 'r-1'));
    expect(JSON.parse(unknown.text).id).toBe('r-1');
    const garbage = await send(door, { headers: mcpHeaders('tools/list'), body: '{' });
    expect(JSON.parse(garbage.text)).not.toHaveProperty('id');
  });

  it.each([
    'ping',
    'resources/subscribe',
    'subscriptions/listen',
    'tasks/get',
    'sampling/createMessage',
    'constructor',
    'tools/call/x',
    '',
  ])('answers the method %j with 404 and -32601', async (method) => {
    const answer = await send(door, mcpRequest(method));
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([404, -32601]);
  });

  it('ignores sessions of older versions', async () => {
    const headers = [...mcpHeaders('tools/list'), 'mcp-session-id', 'abc', 'last-event-id', '1'];
    const answer = await send(door, { ...mcpRequest('tools/list'), headers });
    expect([answer.status, answer.headers['mcp-session-id']]).toEqual([200, undefined]);
  });
});
