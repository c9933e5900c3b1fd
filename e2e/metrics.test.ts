// Contract: metrics have a listener and a token of their own, and tell counts of ids and codes, never a value.
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type RunningServer, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let server: RunningServer;
let agentToken: string;
let metricsToken: string;
let url: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  sandbox.writeConfig((text) => `${text}metrics: { port: ${port} }\n`);
  await sandbox.prepare();
  agentToken = await sandbox.token('support-bot');
  server = await sandbox.up();
}, 60_000);

afterAll(async () => {
  await server.stop();
  const leaked = sandbox.leaked();
  await sandbox.close();
  expect(leaked).toEqual([]);
});

async function scrape(token?: string, path = '/metrics', init: RequestInit = {}) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url + path, { ...init, headers });
  const text = await response.text();
  sandbox.saw('metrics', text);
  return { status: response.status, text };
}

/** Status of a request as a page behind another name would send it. */
function statusFor(host: string): Promise<number | undefined> {
  const headers = { host, authorization: `Bearer ${metricsToken}` };
  return new Promise((resolve, reject) => {
    get(`${url}/metrics`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
}

describe('metrics', () => {
  it('are closed to everybody until there is a token, and the status says so', async () => {
    expect((await scrape()).status).toBe(401);
    expect((await scrape(agentToken)).status).toBe(401);
    expect(JSON.stringify(await sandbox.json(['status']))).toContain('run `sallyport metrics token`');
    metricsToken = String((await sandbox.json(['metrics', 'token']))['token']);
    expect((await scrape(metricsToken)).status).toBe(200);
  });

  it('L05: count calls by agent, operation, result and code, and label nothing with what an agent chose', async () => {
    await sandbox.call(server, agentToken, 'orders.read', { order_id: 7 });
    await sandbox.call(server, agentToken, 'orders.read', { order_id: 8 });
    await sandbox.call(server, agentToken, 'orders.read', { order_id: 'many' });
    await sandbox.call(server, agentToken, 'no.such-operation', {});
    await sandbox.call(server, 'spt_wrong', 'orders.read', {});
    const { text } = await scrape(metricsToken);
    const read = 'agent="support-bot",operation="orders.read"';
    expect(text).toContain(`sallyport_calls_total{${read},result="ok",code=""} 2\n`);
    expect(text).toContain(`sallyport_calls_total{${read},result="refused",code="INPUT_INVALID"} 1\n`);
    expect(text).toContain('operation="",result="refused",code="OPERATION_NOT_AVAILABLE"} 1\n');
    expect(text).toContain('sallyport_door_refusals_total{code="TOKEN_MALFORMED"} 1\n');
    expect(text).toContain('sallyport_call_duration_seconds_bucket{operation="orders.read",le="+Inf"} 2\n');
    expect(text).toContain('sallyport_call_duration_seconds_count{operation="orders.read"} 2\n');
    expect(text).toContain('sallyport_calls_in_flight 0\n');
    expect(text).toMatch(/sallyport_credential_state\{credential="shop-api",state="ready"\} 1/);
    expect(text).toMatch(/sallyport_credential_left_seconds\{credential="shop-api"\} 2\d{6}/);
    expect(text).not.toMatch(/no\.such-operation|many|order_id|spt_/);
  });

  it('count what was taken out of replies, and hold nothing of it', async () => {
    await sandbox.call(server, agentToken, 'debug.echo', {});
    const { text } = await scrape(metricsToken);
    expect(Number(/^sallyport_redactions_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
  });

  it('follow the format line by line', async () => {
    const { text } = await scrape(metricsToken);
    const sample = /^[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? -?\d+(\.\d+)?(e[+-]\d+)?$/;
    expect(
      text.split('\n').filter((line) => line !== '' && !/^# (HELP|TYPE) /.test(line) && !sample.test(line)),
    ).toEqual([]);
  });

  it('answer GET /metrics for a listed host, and nothing else', async () => {
    expect((await scrape(metricsToken, '/v1/operations')).status).toBe(404);
    expect((await scrape(metricsToken, '/metrics', { method: 'POST' })).status).toBe(405);
    expect(await statusFor('evil.example')).toBe(421);
  });

  it('are not read with a token that was replaced, nor do they open the door of agents', async () => {
    const old = metricsToken;
    metricsToken = String((await sandbox.json(['metrics', 'token']))['token']);
    expect((await scrape(old)).status).toBe(401);
    expect((await scrape(metricsToken)).status).toBe(200);
    expect((await sandbox.call(server, metricsToken, 'orders.read', { order_id: 7 })).status).toBe(401);
  });
});
