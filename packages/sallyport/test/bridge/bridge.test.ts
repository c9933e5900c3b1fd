// The bridge as a client's lines and a server's answers meet it: scripted dialogues over a socket that is only a function.
import { describe, expect, it } from 'vitest';
import { type Bridge, createBridge } from '../../src/bridge/bridge.ts';
import { createLineReader } from '../../src/bridge/line-reader.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import type { SocketAnswer, SocketCall } from '../../src/net/socket-call.ts';

const modern = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const down: SocketAnswer = { kind: 'not-sent', why: new SallyportError('SERVER_NOT_RUNNING', 'run `sallyport up`') };
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

describe('what a client sends', () => {
  it('reaches the server as the same bytes, under the name of the agent', async () => {
    const line =
      '{ "jsonrpc":"2.0", "id":1, "method":"tools/call", "params":{"name":"a","name":"b","n":9007199254740993} }';
    const { calls } = await dialogue([line]);
    expect(Buffer.from(calls[0]?.body ?? []).toString()).toBe(line);
    expect(calls[0]).toMatchObject({ method: 'POST', path: '/mcp', headers: { 'sallyport-agent': 'bot' } });
  });

  it('gets the headers that stdio has not, in the modern era', async () => {
    const params = { name: 'shop_refund', arguments: {}, _meta: modern };
    const { calls } = await dialogue([{ ...ping, method: 'tools/call', params }]);
    expect(calls[0]?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'shop_refund',
    });
  });

  it.each(['ü', ' a', 'a\r\nx: y', '=?base64?YQ==?=', ''])('encodes the name %j for a header', async (name) => {
    const { calls } = await dialogue([{ ...ping, method: 'tools/call', params: { name, _meta: modern } }]);
    expect(calls[0]?.headers['mcp-name']).toBe(`=?base64?${Buffer.from(name).toString('base64')}?=`);
  });

  it('carries the version of its handshake, and none before', async () => {
    const { calls } = await dialogue(
      [ping, { ...ping, id: 2, method: 'initialize', params: { protocolVersion: '2025-06-18' } }, { ...ping, id: 3 }],
      (call) => answered(call, { protocolVersion: '2025-06-18' }),
    );
    expect(calls.map(({ headers }) => headers['mcp-protocol-version'])).toEqual([undefined, undefined, '2025-06-18']);
  });

  // MCP 2025-11-25, basic/lifecycle: a client should wait for the answer; one that does not gets the version that it is waiting for.
  it('waits for the answer to the handshake before it, and carries its version', async () => {
    const handshake = Promise.withResolvers<void>();
    const { bridge, calls, lines } = open(async (call) => {
      const { method }: { method: string } = JSON.parse(Buffer.from(call.body).toString());
      if (method === 'initialize') await handshake.promise;
      return answered(call, { protocolVersion: '2025-06-18' });
    });
    give(bridge, { ...ping, method: 'initialize', params: { protocolVersion: '2025-06-18' } });
    give(bridge, { jsonrpc: '2.0', method: 'notifications/initialized' });
    give(bridge, { ...ping, id: 2, method: 'tools/list' });
    give(bridge, { ...ping, id: 3, method: 'tools/list', params: { _meta: modern } });
    await settled();
    expect(calls.map(({ headers }) => headers['mcp-protocol-version'])).toEqual([undefined, '2026-07-28']);
    handshake.resolve();
    await bridge.end();
    expect(calls[2]?.headers['mcp-protocol-version']).toBe('2025-06-18');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([3, 1, 2]);
  });

  it('is not sent at all when it is cancelled while it waits for the handshake', async () => {
    const handshake = Promise.withResolvers<void>();
    const { bridge, calls, lines } = open(async (call) => {
      await handshake.promise;
      return call.signal.aborted ? { kind: 'aborted' } : answered(call, { protocolVersion: '2025-06-18' });
    });
    give(bridge, { ...ping, method: 'initialize', params: { protocolVersion: '2025-06-18' } });
    give(bridge, { ...ping, id: 2, method: 'tools/call', params: { name: 'a' } });
    give(bridge, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
    handshake.resolve();
    await bridge.end();
    expect([calls.length, lines.map((line) => JSON.parse(line).id)]).toEqual([1, [1]]);
  });

  it('F4: keeps no slot when it is cancelled while it waits for the handshake', async () => {
    const handshake = Promise.withResolvers<void>();
    const { bridge, calls, lines } = open(async (call) => {
      await handshake.promise;
      return answered(call, { protocolVersion: '2025-06-18' });
    });
    give(bridge, { ...ping, id: 'first', method: 'initialize', params: { protocolVersion: '2025-06-18' } });
    for (let id = 0; id < 127; id += 1) give(bridge, { ...ping, id });
    for (let id = 0; id < 127; id += 1)
      give(bridge, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    await settled();
    give(bridge, { ...ping, id: 0 });
    handshake.resolve();
    await bridge.end();
    expect([calls.length, lines.map((line) => JSON.parse(line))]).toMatchObject([
      2,
      [
        { id: 'first', result: {} },
        { id: 0, result: {} },
      ],
    ]);
  });

  it.each(['２０２５-１１-２５', '2025-11-25\r\nsallyport-agent: other', '2026-07-28', 7])(
    'C5: carries no version that is not spoken here, whatever the handshake was answered with: not %j',
    async (protocolVersion) => {
      const { calls } = await dialogue(
        [
          { ...ping, method: 'initialize', params: {} },
          { ...ping, id: 2 },
        ],
        (call) => answered(call, { protocolVersion }),
      );
      expect(calls.map(({ headers }) => headers['mcp-protocol-version'])).toEqual([undefined, undefined]);
    },
  );

  it('is not passed on where it wants no answer', async () => {
    const { calls, lines } = await dialogue([
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', method: 'notifications/progress', params: {} },
      { jsonrpc: '2.0', id: 7, result: {} },
      '',
      '  \r',
    ]);
    expect([calls, lines]).toEqual([[], []]);
  });

  it('takes back a request that is cancelled, which gets no answer', async () => {
    const seen = Promise.withResolvers<AbortSignal>();
    const { bridge, lines } = open(
      (call) =>
        new Promise((resolve) => {
          call.signal.addEventListener('abort', () => resolve({ kind: 'aborted' }));
          seen.resolve(call.signal);
        }),
    );
    give(bridge, { ...ping, id: 'x' });
    give(bridge, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'y' } });
    expect((await seen.promise).aborted).toBe(false);
    give(bridge, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'x' } });
    await bridge.end();
    expect([(await seen.promise).aborted, lines]).toEqual([true, []]);
  });

  it('waits its turn: an id under way is not used twice, and requests are bounded', async () => {
    const end = Promise.withResolvers<void>();
    const { bridge, lines, calls } = open(async (call) => {
      await end.promise;
      return answered(call, {});
    });
    for (let id = 0; id < 130; id += 1) give(bridge, { ...ping, id });
    give(bridge, { ...ping, id: 0 });
    expect(calls).toHaveLength(128);
    expect(lines.map((line) => JSON.parse(line).error.code)).toEqual([-31_503, -31_503, -32_600]);
    end.resolve();
    await bridge.end();
    expect(lines).toHaveLength(131);
  });
});

describe('F3: lines', () => {
  it.each<[string, string | Buffer, number]>([
    ['no JSON', '{', -32700],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), -32700],
    ['a byte order mark', `\uFEFF${JSON.stringify(ping)}`, -32700],
    ['two messages', `${JSON.stringify(ping)}${JSON.stringify(ping)}`, -32700],
    ['a carriage return between two messages', `${JSON.stringify(ping)}\r${JSON.stringify(ping)}`, -32700],
    ['a batch', `[${JSON.stringify(ping)}]`, -32600],
    ['a number', '7', -32600],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
    ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32600],
  ])('answers a line with %s itself', async (_, line, code) => {
    const { lines, calls } = await dialogue([line]);
    expect([lines.map((each) => JSON.parse(each).error.code), calls]).toEqual([[code], []]);
  });

  it.each(['\n', '\r\n', '\u2028', '\u2029', '\u0085'])(
    'holds one message, also where the answer has %j in it',
    async (end) => {
      const inside = /[\n\r]/.test(end) ? '' : end;
      const body = `{"jsonrpc":"2.0",${end === inside ? '' : end}"id":1,"result":{"text":"a${inside}b"}}`;
      const { lines } = await dialogue([ping], () => ({ kind: 'answered', status: 200, body }));
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
      expect(JSON.parse(lines[0] ?? '').result).toEqual({ text: `a${inside}b` });
    },
  );

  it('are cut whatever the chunks are, and dropped when they are endless', () => {
    const seen: string[] = [];
    const text = ['a', 'bb', 'x'.repeat(11), 'ccc', '', 'd'.repeat(10)].join('\n');
    for (let size = 1; size <= text.length; size += 1) {
      seen.length = 0;
      const reader = createLineReader(10, {
        line: (bytes) => seen.push(bytes.toString()),
        tooLong: () => seen.push('too long'),
      });
      for (let at = 0; at < text.length; at += size) reader.push(Buffer.from(text.slice(at, at + size)));
      reader.end();
      expect(seen).toEqual(['a', 'bb', 'too long', 'ccc', '', 'd'.repeat(10)]);
    }
  });

  it('that were too long are answered', () => {
    const { bridge, lines } = open(() => Promise.resolve(down));
    bridge.refuseLongLine();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { code: -32700 } });
  });
});

describe('what the server answers', () => {
  it('goes through as the same text', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"result":{"n":9007199254740993,  "e":1e400}}';
    const { lines } = await dialogue([ping], () => ({ kind: 'answered', status: 200, body }));
    expect(lines).toEqual([body]);
  });

  it.each<[string, SocketAnswer, object]>([
    ['an error without id', answer(400, '{"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}}'), { code: -32700 }],
    ['a problem', answer(421, '{"code":"REQUEST_HOST","detail":"d"}'), { code: -31_421, message: 'd' }],
    ['no JSON', answer(502, '<html>'), { code: -31_502 }],
    ['nothing', answer(202, ''), { code: -31_502 }],
    ['an answer for somebody else', answer(200, '{"jsonrpc":"2.0","id":2,"result":{}}'), { code: -31_200 }],
    ['a broken connection', { kind: 'lost' }, { code: -31_502, message: expect.stringContaining('not known') }],
  ])('is an error under the id of the request for %s', async (_, given, error) => {
    const { lines } = await dialogue([ping], () => given);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ id: 1, error }]);
  });
});

describe('without a server', () => {
  const initialize = { ...ping, method: 'initialize', params: { protocolVersion: '2025-11-25' } };

  it('answers the handshake and pings, lists nothing, and says at each call what to do', async () => {
    const call = { ...ping, id: 3, method: 'tools/call', params: { name: 'a' } };
    const { lines, notes } = await dialogue(
      [initialize, { ...ping, id: 2 }, call, { ...ping, id: 4, method: 'tools/list' }],
      () => down,
    );
    const answers = lines.map((line) => JSON.parse(line));
    expect(answers).toMatchObject([
      {
        id: 1,
        result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'sallyport' } },
      },
      { id: 2, result: {} },
      { id: 3, result: { isError: true, content: [{ type: 'text', text: 'run `sallyport up`' }] } },
      { id: 4, error: { code: -31_503, message: 'run `sallyport up`' } },
    ]);
    expect(notes).toEqual(['run `sallyport up`']);
  });

  it('does the same in the modern era', async () => {
    const discover = { ...ping, method: 'server/discover', params: { _meta: modern } };
    const call = { ...ping, id: 2, method: 'tools/call', params: { name: 'a', _meta: modern } };
    const { lines } = await dialogue([discover, call], () => down);
    expect(lines.map((line) => JSON.parse(line).result)).toMatchObject([
      { resultType: 'complete', supportedVersions: ['2026-07-28'], cacheScope: 'private' },
      { resultType: 'complete', isError: true },
    ]);
  });

  it('refuses a client that is too old', async () => {
    const { lines } = await dialogue([{ ...initialize, params: { protocolVersion: '2024-11-05' } }], () => down);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { code: -31_503 } });
  });

  it('looks for one, and tells a client of the legacy era that there are tools now', async () => {
    let answerNow: SocketAnswer = down;
    const { bridge, lines, notes, look } = open((call) => Promise.resolve(call.path === '/healthz' ? answerNow : down));
    give(bridge, initialize);
    await settled();
    look();
    await settled();
    expect(lines).toHaveLength(1);
    answerNow = answer(200, '{"status":"ok"}');
    look();
    await settled();
    expect(JSON.parse(lines[1] ?? '')).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    expect(notes).toEqual(['run `sallyport up`', 'connected to Sallyport']);
  });
});

function answered(call: SocketCall, result: object): SocketAnswer {
  const { id }: { id: unknown } = JSON.parse(Buffer.from(call.body).toString());
  return answer(200, JSON.stringify({ jsonrpc: '2.0', id, result }));
}

function answer(status: number, body: string): SocketAnswer {
  return { kind: 'answered', status, body };
}

function give(bridge: Bridge, line: object | string): void {
  bridge.take(Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)));
}

/** Lines one after another, each answered before the next one comes. */
async function dialogue(
  sent: readonly (object | string)[],
  respond: (call: SocketCall) => SocketAnswer = (call) => answered(call, {}),
) {
  const opened = open((call) => Promise.resolve(respond(call)));
  for (const line of sent) {
    give(opened.bridge, line);
    await settled();
  }
  await opened.bridge.end();
  return opened;
}

function open(send: (call: SocketCall) => Promise<SocketAnswer>) {
  const calls: SocketCall[] = [];
  const lines: string[] = [];
  const notes: string[] = [];
  const looks: (() => void)[] = [];
  const bridge = createBridge({
    agent: 'bot',
    info: { name: 'sallyport', version: '0.0.0' },
    send: (call) => {
      calls.push(call);
      return send(call);
    },
    write: (line) => lines.push(line),
    note: (text) => notes.push(text),
    every: (look) => {
      looks.push(look);
      return () => looks.splice(0);
    },
  });
  return { bridge, calls, lines, notes, look: () => looks.forEach((each) => each()) };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
