// Tests the HTTP connector against hostile services: where the credential goes, and what is made of each answer.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Execution, ExecutionAccess, OperationPlan } from '../../src/connectors/connector.ts';
import { connectService } from '../../src/connectors/index.ts';
import type { OperationDefinition } from '../../src/domain/operation.ts';
import type { ReplyPolicy } from '../../src/domain/reply-policy.ts';
import type { SecretFields } from '../../src/domain/secret.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { HttpService } from '../../src/domain/service.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { httpService } from '../net/http-service.ts';
import type { Answer } from '../net/raw-server.ts';
import { httpResponse, startRawServer } from '../net/raw-server.ts';
import { fixed, input, operation, replyAll, slot, template } from './operation-definition.ts';

const token: SecretFields = { token: { secret: true, value: new Secret('sk-8f2c1a7b9d3e4f50') } };
const user: SecretFields = {
  username: { secret: false, value: 'jörg' },
  password: { secret: true, value: new Secret('pa:ss wörd') },
};
const write: Partial<OperationDefinition> = {
  effect: 'write',
  request: template({ method: 'POST', idempotencyHeader: 'idempotency-key' }),
};
const json = 'content-type: application/json';
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Setting {
  readonly service?: Partial<HttpService>;
  readonly operation?: Partial<OperationDefinition>;
  readonly access?: Partial<ExecutionAccess>;
}

interface Outcome {
  readonly execution: Execution;
  readonly received: readonly string[];
}

/** Runs one call against a server that answers so. */
async function call(answer: Answer, setting: Setting = {}): Promise<Outcome> {
  const raw = await startRawServer(answer);
  cleanups.push(() => raw.close());
  const plan = await planFor(raw.port, setting);
  const execution = await plan.execute(plan.build(input({ id: '7' })), {
    credential: null,
    idempotencyKey: null,
    timeoutMs: 2_000,
    signal: new AbortController().signal,
    ...setting.access,
  });
  return { execution, received: raw.received };
}

async function planFor(port: number, setting: Setting): Promise<OperationPlan> {
  const service = httpService({
    scheme: 'http',
    host: '127.0.0.1',
    port,
    trust: { kind: 'loopback' },
    ...setting.service,
  });
  const connection = connectService(service, { network: createNetwork() });
  cleanups.push(() => connection.close());
  const prepared = await connection.prepare(operation(setting.operation));
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  return prepared.plan;
}

function answering(...parts: Parameters<typeof httpResponse>): Answer {
  return (_text, socket) => void socket.write(httpResponse(...parts));
}

/** Kind, code and status of an execution. */
function summary(execution: Execution): string {
  if (execution.kind === 'replied') return `replied ${execution.status} ${execution.body.kind}`;
  const status = execution.kind === 'failed' ? ` ${execution.upstreamStatus}` : '';
  return `${execution.kind} ${execution.error.code}${status}`;
}

describe('prepare', () => {
  it('describes the operation by its template and never by its values', async () => {
    expect((await planFor(1, {})).describe).toBe('GET /v1/items/{id}');
  });

  it('says what is wrong with an operation', async () => {
    await expect(planFor(1, { operation: { request: template({ method: 'POST' }) } })).rejects.toThrow(
      /a read uses GET/,
    );
    await expect(planFor(1, { operation: { request: { type: 'sqlite', sql: 'select 1' } } })).rejects.toThrow(
      /needs http/,
    );
  });
});

describe('the credential', () => {
  it.each([
    [{ kind: 'bearer' } as const, token, '\r\nauthorization: Bearer sk-8f2c1a7b9d3e4f50\r\n'],
    [
      { kind: 'header', name: 'X-Api-Key', prefix: 'key ' } as const,
      token,
      '\r\nx-api-key: key sk-8f2c1a7b9d3e4f50\r\n',
    ],
    [{ kind: 'query', name: 'api key' } as const, token, '/v1/items/7?api%20key=sk-8f2c1a7b9d3e4f50 HTTP/1.1'],
    [{ kind: 'cookie', name: 'session' } as const, token, '\r\ncookie: session=sk-8f2c1a7b9d3e4f50\r\n'],
    [
      { kind: 'basic' } as const,
      user,
      `\r\nauthorization: Basic ${Buffer.from('jörg:pa:ss wörd').toString('base64')}\r\n`,
    ],
  ])('stands in its place and nowhere else: %j', async (place, credential, expected) => {
    const { received, execution } = await call(answering(200, [json], '{}'), {
      service: { place },
      access: { credential },
    });
    expect(summary(execution)).toBe('replied 200 json');
    expect(received.join('').split(expected)).toHaveLength(2);
    expect(received.join('').split(/sk-8f2c|Basic /)).toHaveLength(2);
  });

  it('E6: sends nothing when it is missing, empty or unfit for its place', async () => {
    const bearer = { place: { kind: 'bearer' } } as const;
    const of = (text: string): SecretFields => ({ token: { secret: true, value: new Secret(text) } });
    const cases: readonly [Partial<HttpService>, SecretFields | null, string][] = [
      [bearer, null, 'CREDENTIAL_MISSING'],
      [bearer, {}, 'CREDENTIAL_MISSING'],
      [bearer, of(''), 'CREDENTIAL_MISSING'],
      [bearer, of('a\r\nx: b'), 'CREDENTIAL_VALUE'],
      [bearer, of('a b'), 'CREDENTIAL_VALUE'],
      [{ place: { kind: 'header', name: 'x-key', prefix: '' } }, of('é'), 'CREDENTIAL_VALUE'],
      [{ place: { kind: 'cookie', name: 's' } }, of('a;b'), 'CREDENTIAL_VALUE'],
      [{ place: { kind: 'query', name: 's' } }, of('\ud800'), 'CREDENTIAL_VALUE'],
      [{ place: { kind: 'basic' } }, { ...user, username: { secret: false, value: 'a:b' } }, 'CREDENTIAL_VALUE'],
    ];
    for (const [service, credential, code] of cases) {
      const { execution, received } = await call(answering(200, [], ''), { service, access: { credential } });
      expect(summary(execution)).toBe(`not-sent ${code}`);
      expect(received).toEqual([]);
    }
  });

  it.each([301, 302, 303, 307, 308])('C8, D07: does not follow a %i anywhere', async (status) => {
    let isVisited = false;
    const elsewhere = await startRawServer(() => {
      isVisited = true;
    });
    cleanups.push(() => elsewhere.close());
    for (const location of [
      `http://127.0.0.1:${elsewhere.port}/`,
      '//evil.test/',
      '/v1/other',
      'http://u@evil.test/',
    ]) {
      const { execution, received } = await call(answering(status, [`location: ${location}`], ''), {
        service: { place: { kind: 'bearer' } },
        access: { credential: token },
      });
      expect(summary(execution)).toBe(`failed UPSTREAM_REDIRECT ${status}`);
      expect(execution).toMatchObject({ error: { message: expect.stringContaining('tell the operator') } });
      expect(received).toHaveLength(1);
    }
    expect(isVisited).toBe(false);
  });
});

describe('the idempotency key', () => {
  it('stands in the header that the operation declares', async () => {
    const access = { idempotencyKey: 'key-1' };
    const { received } = await call(answering(200, [json], '{}'), { operation: write, access });
    expect(received[0]).toContain('\r\nidempotency-key: key-1\r\n');
  });

  it('is refused before sending when it cannot be a header', async () => {
    const { execution, received } = await call(answering(200, [json], '{}'), {
      operation: write,
      access: { idempotencyKey: 'a\nb' },
    });
    expect(summary(execution)).toBe('not-sent IDEMPOTENCY_KEY_MALFORMED');
    expect(received).toEqual([]);
  });
});

describe('an answer', () => {
  it.each([
    [403, 'status 403; it does not allow this: tell the operator'],
    [404, 'status 404; check the input against what exists there'],
    [429, 'status 429; it takes no more for now: try again later'],
    [500, 'status 500; try a read again later; look at the service before repeating a write'],
  ])('of %i says what to do next', async (status, said) => {
    const { execution } = await call(answering(status, [json], '{}'));
    expect(execution).toMatchObject({ error: { message: expect.stringContaining(said) } });
  });

  it.each([
    [401, 'failed UPSTREAM_REFUSED_CREDENTIAL 401', 'failed UPSTREAM_REFUSED_CREDENTIAL 401'],
    [403, 'failed UPSTREAM_REFUSED 403', 'failed UPSTREAM_REFUSED 403'],
    [404, 'failed UPSTREAM_REFUSED 404', 'failed UPSTREAM_REFUSED 404'],
    [500, 'failed UPSTREAM_REFUSED 500', 'failed UPSTREAM_REFUSED 500'],
    [502, 'failed UPSTREAM_REFUSED 502', 'indeterminate UPSTREAM_INDETERMINATE'],
    [504, 'failed UPSTREAM_REFUSED 504', 'indeterminate UPSTREAM_INDETERMINATE'],
  ])('of %i is a refusal that says nothing of its body', async (status, read, written) => {
    const answer = answering(status, [json], '{"key":"sk-8f2c1a7b9d3e4f50"}');
    const outcomes = [await call(answer), await call(answer, { operation: write })];
    expect(outcomes.map(({ execution }) => summary(execution))).toEqual([read, written]);
    expect(
      JSON.stringify(outcomes.map(({ execution }) => ('error' in execution ? execution.error.message : ''))),
    ).not.toContain('sk-');
  });

  it('R02: hands on listed headers only, never cookies, challenges or the reason phrase', async () => {
    const headers = ['x-a: 1', 'X-B: 2', 'set-cookie: s=1', 'www-authenticate: Bearer x', 'location: /x', json];
    const reply: ReplyPolicy = { ...replyAll, headers: ['x-b', 'set-cookie', 'www-authenticate'] };
    const { execution } = await call(answering(200, headers, '{}'), { operation: { reply } });
    expect(execution).toMatchObject({ headers: [['x-b', '2']] });
    expect(JSON.stringify(execution)).not.toContain('Whatever');
  });

  it('B3: keeps numbers that a double would round', async () => {
    const { execution } = await call(answering(200, [json], '{"id":9007199254740993}'));
    expect(JSON.stringify(execution)).toContain('"value":{"id":9007199254740993}');
  });

  it('is text when it is not JSON and everything is passed on', async () => {
    const { execution } = await call(answering(200, ['content-type: text/plain'], 'a: 1'));
    expect(execution).toMatchObject({ body: { kind: 'text', text: 'a: 1' }, bytes: 4 });
  });

  it('is empty when nothing came, and when the policy is none', async () => {
    expect(summary((await call(answering(204, [], ''))).execution)).toBe('replied 204 empty');
    const reply: ReplyPolicy = { ...replyAll, kind: 'none', maxBytes: 5 };
    const { execution } = await call(answering(200, [json], '{"long":"text"}'), { operation: { ...write, reply } });
    expect(summary(execution)).toBe('replied 200 empty');
  });

  it.each([
    ['broken JSON', [json], '{'],
    ['a duplicate key', [json], '{"a":1,"a":2}'],
    ['bytes that are no UTF-8', [json], Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['another charset', ['content-type: application/json; charset=utf-16le'], Buffer.from('{}', 'utf16le')],
    ['gzip without saying so', [json], gzipSync('{}')],
    ['an encoding that it does not have', [json, 'content-encoding: gzip'], '{}'],
    ['an unknown encoding', [json, 'content-encoding: rot13'], '{}'],
    ['three encodings', [json, 'content-encoding: gzip, gzip, gzip'], gzipSync(gzipSync(gzipSync('{}')))],
    ['deep nesting', [json], `${'['.repeat(200)}${']'.repeat(200)}`],
  ])('R06: with %s is unreadable', async (_what, headers, body) => {
    expect(summary((await call(answering(200, headers, body))).execution)).toBe('failed UPSTREAM_REPLY_UNREADABLE 200');
  });

  it('with a field list is unreadable when it is not JSON', async () => {
    const reply: ReplyPolicy = { ...replyAll, kind: 'fields', fields: [['a']] };
    const { execution } = await call(answering(200, ['content-type: text/html'], '<p>'), { operation: { reply } });
    expect(summary(execution)).toBe('failed UPSTREAM_REPLY_UNREADABLE 200');
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
  ])('R06: is decoded from %s', async (encoding, compress) => {
    const { execution } = await call(answering(200, [json, `content-encoding: ${encoding}`], compress('{"a":1}')));
    expect(execution).toMatchObject({ body: { kind: 'json', value: { a: 1 } }, bytes: 7 });
  });

  it('R07: is one whole text, however the service cuts it', async () => {
    const echoed = JSON.stringify({ echo: 'sk-8f2c1a7b9d3e4f50' });
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
    const chunks = echoed
      .split('')
      .map((character) => `1\r\n${character}\r\n`)
      .join('');
    const { execution } = await call((_text, socket) => {
      socket.setNoDelay(true);
      for (const byte of `${head}${chunks}0\r\n\r\n`) socket.write(byte);
    });
    expect(execution).toMatchObject({ body: { kind: 'json', value: { echo: 'sk-8f2c1a7b9d3e4f50' } } });
  });

  it('V01, R08: that is too large is refused whole, compressed or not, for reads and writes', async () => {
    const large = JSON.stringify('x'.repeat(200_000));
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    for (const fields of [{}, write]) {
      const plain = await call(answering(200, [json], large), { operation: fields });
      const packed = await call(answering(200, [json, 'content-encoding: gzip'], bomb), { operation: fields });
      expect(summary(plain.execution)).toBe('failed UPSTREAM_REPLY_TOO_LARGE 200');
      expect(summary(packed.execution)).toBe('failed UPSTREAM_REPLY_TOO_LARGE 200');
    }
  });
});

describe('an exchange that does not end', () => {
  it('is a timeout for a read and indeterminate for a write', async () => {
    const access = { timeoutMs: 50 };
    expect(summary((await call(() => {}, { access })).execution)).toBe('failed UPSTREAM_TIMEOUT null');
    expect(summary((await call(() => {}, { access, operation: write })).execution)).toBe(
      'indeterminate UPSTREAM_INDETERMINATE',
    );
  });

  it('is unreachable for a read and indeterminate for a write when the connection is lost, and never sent again', async () => {
    const drop: Answer = (_text, socket) => void socket.destroy();
    const read = await call(drop);
    const written = await call(drop, { operation: write, access: { idempotencyKey: 'k' } });
    expect([summary(read.execution), read.received.length]).toEqual(['failed UPSTREAM_UNREACHABLE null', 1]);
    expect([summary(written.execution), written.received.length]).toEqual(['indeterminate UPSTREAM_INDETERMINATE', 1]);
  });

  it('follows the same rules when it is stopped, and sends nothing when it was stopped before', async () => {
    const stop = async (fields: Partial<OperationDefinition>): Promise<string> => {
      const controller = new AbortController();
      return summary(
        (await call(() => controller.abort(), { operation: fields, access: { signal: controller.signal } })).execution,
      );
    };
    expect([await stop({}), await stop(write)]).toEqual([
      'failed CALL_CUT null',
      'indeterminate UPSTREAM_INDETERMINATE',
    ]);
    const before = await call(() => {}, { operation: write, access: { signal: AbortSignal.abort() } });
    expect([summary(before.execution), before.received]).toEqual(['not-sent CALL_CUT', []]);
  });

  it('is ended when the service is closed, as failed or indeterminate', async () => {
    const close = async (): Promise<void> => {
      for (const cleanup of cleanups.splice(1)) await cleanup();
    };
    const read = await call(() => void close());
    const written = await call(() => void close(), { operation: write });
    expect(summary(read.execution)).toBe('failed UPSTREAM_UNREACHABLE null');
    expect(summary(written.execution)).toBe('indeterminate UPSTREAM_INDETERMINATE');
  });

  it('D08: is not sent when the address is refused', async () => {
    const { execution, received } = await call(() => {}, {
      service: { trust: { kind: 'system' }, place: { kind: 'bearer' } },
      operation: write,
      access: { credential: token },
    });
    expect(summary(execution)).toBe('not-sent ADDRESS_REFUSED');
    expect(received).toEqual([]);
  });

  it('is not sent when nobody listens', async () => {
    const plan = await planFor(1, { operation: write });
    const access = { credential: null, idempotencyKey: null, timeoutMs: 2_000, signal: new AbortController().signal };
    expect(summary(await plan.execute(plan.build(input({ id: '1' })), access))).toBe('not-sent UPSTREAM_UNREACHABLE');
    expect(summary(await plan.execute({ bytes: 0, preview: () => [] }, access))).toBe('not-sent INTERNAL');
  });
});

describe('a query of its own', () => {
  it('stands before the credential', async () => {
    const request = template({ query: { q: fixed('1'), id: slot('id') }, segments: [fixed('v1')] });
    const { received } = await call(answering(200, [json], '{}'), {
      service: { place: { kind: 'query', name: 'key' } },
      operation: { request },
      access: { credential: token },
    });
    expect(received[0]).toMatch(/^GET \/v1\?q=1&id=7&key=sk-8f2c1a7b9d3e4f50 HTTP/);
  });
});
