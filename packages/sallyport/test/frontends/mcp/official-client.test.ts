// The official client, unchanged, gets real work done through the door.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Door, openDoor, version } from '../door.ts';
import { goodToken, refuse, reply } from '../scripted-pipeline.ts';

let door: Door;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  door = await openDoor();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
  await door.close();
});

describe.each([{ mode: 'auto' as const }, { mode: { pin: version } }])(
  'the official client in mode $mode',
  (negotiation) => {
    it('discovers the version and lists the tools', async () => {
      const client = await connected(goodToken);
      expect(client.getServerVersion()).toMatchObject({ name: 'sallyport' });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['orders_by-customer', 'shop_refund']);
    });

    it('calls a tool and reads its reply as text and as structure', async () => {
      door.pipeline.answer = async () => reply('{"orders":[{"id":1}]}');
      const client = await connected(goodToken);
      const result = await client.callTool({ name: 'orders_by-customer', arguments: { customer_id: 7 } });
      expect(result.structuredContent).toEqual({ orders: [{ id: 1 }] });
      expect(result.content).toEqual([{ type: 'text', text: '{"orders":[{"id":1}]}' }]);
      expect(door.pipeline.calls.at(-1)).toMatchObject({ input: { customer_id: 7 }, token: goodToken });
    });

    it('sees a refusal as a tool error with its code', async () => {
      door.pipeline.answer = async () => refuse({ code: 'CALL_DENIED' });
      const client = await connected(goodToken);
      const result = await client.callTool({ name: 'shop_refund', arguments: {} });
      expect(result.isError).toBe(true);
      expect(JSON.stringify(result.content)).toContain('CALL_DENIED');
    });

    it('A6: gets the same protocol error for unknown and denied tools', async () => {
      const client = await connected(goodToken);
      const errors = await Promise.all(
        ['no-such', 'secret_tool', 'unübliches'].map((name) =>
          client.callTool({ name }).catch((error: unknown) => error),
        ),
      );
      expect(errors.map((error) => (error as { code: number }).code)).toEqual([-32602, -32602, -32602]);
      expect(new Set(errors.map((error) => (error as Error).message)).size).toBe(1);
    });

    it('carries an idempotency key in the metadata of a call', async () => {
      const client = await connected(goodToken);
      await client.callTool({ name: 'shop_refund', _meta: { 'io.sallyport/idempotency-key': 'k-1' } });
      expect(door.pipeline.calls.at(-1)?.idempotencyKey).toBe('k-1');
    });

    it('is told by the call when it gives up', async () => {
      const seen = Promise.withResolvers<AbortSignal>();
      const end = Promise.withResolvers<ReturnType<typeof reply>>();
      door.pipeline.answer = ({ signal }) => {
        seen.resolve(signal);
        signal.addEventListener('abort', () => end.resolve(reply('{}')));
        return end.promise;
      };
      const client = await connected(goodToken);
      const controller = new AbortController();
      const result = client.callTool({ name: 'shop_refund' }, { signal: controller.signal }).catch(() => 'given up');
      const signal = await seen.promise;
      controller.abort();
      expect(await result).toBe('given up');
      await end.promise;
      expect(signal.aborted).toBe(true);
    });

    it('is refused with a text that says what to do when its token is wrong', async () => {
      const error: unknown = await connected('spt_wrong').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(/401|unauthorized/i);
    });

    async function connected(token: string): Promise<Client> {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: negotiation });
      open.push(client);
      const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${door.port}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      });
      await client.connect(transport);
      return client;
    }
  },
);

describe.each(['v1', 'v2'])('the official client %s of an older revision', (generation) => {
  it('shakes hands, lists the tools and calls one', async () => {
    door.pipeline.answer = async () => reply('{"orders":[{"id":1}]}');
    const client = await connected();
    expect(client.getServerVersion()).toMatchObject({ name: 'sallyport' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['orders_by-customer', 'shop_refund']);
    const result = await client.callTool({ name: 'orders_by-customer', arguments: { customer_id: 7 } });
    expect(result).toMatchObject({ isError: false, structuredContent: { orders: [{ id: 1 }] } });
    expect(door.pipeline.calls.at(-1)).toMatchObject({ door: 'mcp', input: { customer_id: 7 }, token: goodToken });
    expect(await client.ping()).toBeDefined();
  });

  it('A6: gets the same protocol error for unknown and denied tools', async () => {
    const client = await connected();
    const errors = await Promise.all(
      ['no-such', 'secret_tool'].map((name) => client.callTool({ name }).catch((error: unknown) => error)),
    );
    expect(errors.map((error) => (error as { code: number }).code)).toEqual([-32602, -32602]);
    expect(new Set(errors.map((error) => (error as Error).message)).size).toBe(1);
  });

  async function connected() {
    const url = new URL(`http://127.0.0.1:${door.port}/mcp`);
    const options = { requestInit: { headers: { authorization: `Bearer ${goodToken}` } } };
    if (generation === 'v1') {
      const client = new ClientV1({ name: 'old', version: '1' });
      open.push(client);
      await client.connect(new TransportV1(url, options));
      return client;
    }
    const client = new Client({ name: 'old', version: '1' });
    open.push(client);
    await client.connect(new StreamableHTTPClientTransport(url, options));
    return client;
  }
});
