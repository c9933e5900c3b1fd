// Contract: whatever moment the process dies at, every call that an agent got an answer to has both records, and the log verifies.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecord, type RunningServer, Sandbox } from './sandbox.ts';

const kills = 100;
const clients = 8;
const perTestMs = 600_000;
// A life ends so many answers after its start, none among them, and a moment later: by count, so that a slow machine is tried as hard.
const maxAnswers = 20;
const maxPauseMs = 20;

let sandbox: Sandbox;
let token: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
  token = await sandbox.token('support-bot');
}, 60_000);

afterAll(async () => {
  await sandbox.close();
});

describe('a server that is killed', () => {
  it(
    `H6: keeps both records of every acknowledged call over ${kills} kills at random moments under load`,
    async () => {
      const acknowledged = new Set<string>();
      for (let kill = 0; kill < kills; kill += 1) {
        const server = await sandbox.up();
        const load = Promise.all(
          Array.from({ length: clients }, (_, client) => callUntilDead(server, client, acknowledged)),
        );
        const wanted = acknowledged.size + Math.floor(Math.random() * maxAnswers);
        await Promise.race([load, untilSize(acknowledged, wanted)]);
        await delay(Math.random() * maxPauseMs);
        await server.kill();
        await load;
      }
      expect(acknowledged.size).toBeGreaterThan(kills);
      const ends = await endsOfCalls();
      expect([...acknowledged].filter((call) => ends.get(call)?.join() !== 'call.intent,call.outcome')).toEqual([]);
      expect([...ends.values()].filter((kinds) => kinds.length !== 2)).toEqual([]);
      expect(await sandbox.json(['audit', 'verify'])).toMatchObject({ ok: true, problems: [] });
    },
    perTestMs,
  );
});

async function untilSize(acknowledged: ReadonlySet<string>, wanted: number): Promise<void> {
  while (acknowledged.size < wanted) await delay(1);
}

async function callUntilDead(server: RunningServer, client: number, acknowledged: Set<string>): Promise<void> {
  for (let nth = 0; ; nth += 1) {
    try {
      const isRead = (client + nth) % 2 === 0;
      const { status, body } = isRead
        ? await sandbox.call(server, token, 'orders.by-customer', { customer_id: 1 + client })
        : await sandbox.call(server, token, 'orders.read', { order_id: 1 + nth });
      if (status === 200) acknowledged.add(String(body['call']));
    } catch {
      return;
    }
  }
}

/** Kinds of the records of each call, in the order of the log. */
async function endsOfCalls(): Promise<ReadonlyMap<string, readonly string[]>> {
  const server = await sandbox.up();
  const ends = new Map<string, string[]>();
  for (let after = -1; ; ) {
    const { entries } = await sandbox.json(['audit', 'show', '--limit', '1000', '--after', String(after)]);
    const page = Array.isArray(entries) ? entries.map(asRecord) : [];
    for (const { entry } of page) {
      const { kind, call } = asRecord(entry);
      if (kind !== 'call.intent' && kind !== 'call.outcome') continue;
      ends.set(String(call), [...(ends.get(String(call)) ?? []), kind]);
    }
    if (page.length === 0) break;
    after = Number(page.at(-1)?.['leaf']);
  }
  await server.stop();
  return ends;
}
