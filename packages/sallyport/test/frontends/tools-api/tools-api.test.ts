// The JSON tools API: lists, calls, and refusals as problem details.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, authorization, comparable, type Door, json, openDoor, openUnguardedDoor, send } from '../door.ts';
import { callId, goodToken, otherToken, refuse, reply, revokedToken } from '../scripted-pipeline.ts';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

describe('GET /v1/operations', () => {
  it('lists what the agent may call', async () => {
    const answer = await send(door, { method: 'GET', path: '/v1/operations', headers: authorization });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(answer.text).operations[0]).toEqual({
      id: 'orders.by-customer',
      tool: 'orders_by-customer',
      description: 'Orders of one customer',
      effect: 'read',
      inputSchema: expect.objectContaining({ type: 'object' }),
    });
  });

  it('A6: shows an agent without grants an empty list', async () => {
    const headers = ['authorization', `Bearer ${otherToken}`];
    const answer = await send(door, { method: 'GET', path: '/v1/operations', headers });
    expect(answer.text).toBe('{"operations":[]}');
  });

  it('refuses an unknown token with a challenge', async () => {
    const headers = ['authorization', 'Bearer spt_unknown'];
    const answer = await send(door, { method: 'GET', path: '/v1/operations', headers });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, 'TOKEN_UNKNOWN']);
    expect(answer.headers['www-authenticate']).toContain('invalid_token');
    expect(door.pipeline.refused).toEqual(['TOKEN_UNKNOWN']);
  });
});

describe('POST /v1/operations/{id}/call', () => {
  it('hands the body on as the input, with the idempotency key', async () => {
    await call({ operation: 'orders.by-customer', body: '{"customer_id":7}', headers: ['idempotency-key', 'k-1'] });
    expect(door.pipeline.calls).toMatchObject([
      {
        door: 'tools-api',
        token: goodToken,
        name: { operation: 'orders.by-customer' },
        input: { customer_id: 7 },
        idempotencyKey: 'k-1',
      },
    ]);
  });

  it('sets the reply in without a change to its text', async () => {
    const text = '{"total": 12345678901234567890,  "a":[1.50]}';
    door.pipeline.answer = async () => reply(text, true);
    const answer = await call({});
    expect(answer.text).toBe(`{"call":"${callId}","result":${text},"truncated":true}`);
  });

  it.each(['null', '[]', '"x"', '7'])('V01: leaves it to the pipeline to refuse the input %s', async (body) => {
    door.pipeline.answer = async () => refuse({ code: 'INPUT_INVALID' });
    expect((await call({ body })).status).toBe(422);
    expect(door.pipeline.calls).toMatchObject([{ input: JSON.parse(body) }]);
  });

  it.each([
    ['B1: a duplicate key', '{"a":1,"a":2}', 'REQUEST_JSON_DUPLICATE_KEY'],
    ['B2: __proto__', '{"__proto__":{"a":1}}', 'REQUEST_JSON'],
    ['B3: an integer that would be rounded', '{"id":9007199254740993}', 'REQUEST_JSON_NUMBER'],
    ['B3: 1e400', '{"id":1e400}', 'REQUEST_JSON_NUMBER'],
    ['B4: a lone surrogate', String.raw`{"a":"\ud800"}`, 'REQUEST_JSON_TEXT'],
    ['B4: U+0000', String.raw`{"a":"\u0000"}`, 'REQUEST_JSON_TEXT'],
    ['B7: trailing garbage', '{}{}', 'REQUEST_JSON'],
    ['B7: an empty body', '', 'REQUEST_JSON'],
    ['B7: deep nesting', '['.repeat(64) + ']'.repeat(64), 'REQUEST_JSON_DEPTH'],
  ])('refuses %s', async (_, body, code) => {
    const answer = await call({ body });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, code]);
    expect(door.pipeline.calls).toEqual([]);
  });

  it('B7: refuses a body that is not JSON by its type, or compressed', async () => {
    const path = '/v1/operations/shop.refund/call';
    const plain = await send(door, { path, headers: [...authorization, 'content-type', 'text/plain'], body: '{}' });
    const packed = await send(door, {
      path,
      headers: [...authorization, ...json, 'content-encoding', 'gzip'],
      body: '{}',
    });
    expect([plain.status, packed.status]).toEqual([415, 415]);
  });

  it('refuses a repeated idempotency key', async () => {
    const unguarded = await openUnguardedDoor();
    const headers = ['idempotency-key', 'a', 'idempotency-key', 'b'];
    const answer = await call({ headers }, unguarded);
    expect(JSON.parse(answer.text).code).toBe('IDEMPOTENCY_KEY_MALFORMED');
    await unguarded.close();
  });
});

describe('a refusal', () => {
  it('is a problem with code, call, issues and the time to wait', async () => {
    const issues = [{ pointer: '/customer_id', rule: 'type integer' }];
    door.pipeline.answer = async () => refuse({ code: 'CALL_RATE_EXCEEDED', issues, retryAfterMs: 1500 });
    const answer = await call({});
    expect([answer.status, answer.headers['content-type']]).toEqual([429, 'application/problem+json']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(JSON.parse(answer.text)).toEqual({
      type: expect.stringMatching(/^urn:sallyport:.*CALL_RATE_EXCEEDED$/),
      title: 'Call rate exceeded',
      status: 429,
      code: 'CALL_RATE_EXCEEDED',
      detail: 'CALL_RATE_EXCEEDED for a reason',
      call: callId,
      issues,
      retryAfterMs: 1500,
    });
  });

  it('names the status that the service answered with', async () => {
    door.pipeline.answer = async () => refuse({ code: 'UPSTREAM_REFUSED', upstreamStatus: 404 });
    expect(JSON.parse((await call({})).text)).toMatchObject({ status: 502, upstreamStatus: 404 });
  });

  it('A6: is the same bytes for unknown and denied operations', async () => {
    const answers: Answer[] = [];
    for (const operation of ['no.such', 'the.secret.one', 'constructor']) answers.push(await call({ operation }));
    answers.push(await call({ token: otherToken }));
    const [first] = answers.map(comparable);
    expect(answers.map(comparable)).toEqual(answers.map(() => first));
    expect(answers[0]?.status).toBe(404);
  });

  it('of a revoked session is 403, of an unknown token 401 with a challenge', async () => {
    const revoked = await call({ token: revokedToken });
    const unknown = await call({ token: 'spt_unknown' });
    expect([revoked.status, unknown.status]).toEqual([403, 401]);
    expect(unknown.headers['www-authenticate']).toContain('invalid_token');
  });
});

interface CallFacts {
  readonly operation?: string;
  readonly token?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function call({ operation = 'shop.refund', token = goodToken, headers = [], body = '{}' }: CallFacts, at = door) {
  const all = ['authorization', `Bearer ${token}`, ...json, ...headers];
  return send(at, { path: `/v1/operations/${operation}/call`, headers: all, body });
}
