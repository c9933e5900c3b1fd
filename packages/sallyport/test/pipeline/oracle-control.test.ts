// Contract: an oracle of its own finds no piece of a brokered value in anything that leaves the pipeline, wherever the value is
// placed; and it does find it when scrubbing or placing is broken on purpose, so that its silence means something.
import { describe, expect, it } from 'vitest';
import { leaks } from '../../../../test/oracle.ts';
import type { ServiceConnection } from '../../src/connectors/connector.ts';
import { everythingSeen, type Placed, planted, scrubsNothing, startEcho, unguessable } from './oracle-site.ts';

const places: Readonly<Record<string, Placed>> = {
  bearer: { kind: 'token', place: 'bearer' },
  basic: { kind: 'username-password', place: 'basic' },
  header: { kind: 'token', place: '{ header: X-Api-Key, prefix: "key " }' },
  query: { kind: 'token', place: '{ query: api_key }' },
  cookie: { kind: 'token', place: '{ cookie: session }' },
};

/** A connector that hands the credential to the agent in a form that no scrubber is asked to know. */
function placesItInTheReply(connection: ServiceConnection): ServiceConnection {
  return {
    close: () => connection.close(),
    check: () => connection.check(),
    prepare: async (operation) => {
      const prepared = await connection.prepare(operation);
      if (!prepared.ok) return prepared;
      const execute: typeof prepared.plan.execute = async (_, { credential }) => {
        const secrets = Object.values(credential ?? {}).flatMap((field) =>
          field.secret ? [field.value.reveal()] : [],
        );
        const codes = [...Buffer.from(secrets.join(''))];
        const reply = { status: 200, headers: [], bytes: 0, isTruncated: false } as const;
        return { kind: 'replied', ...reply, body: { kind: 'json', value: { codes } } };
      };
      return { ...prepared, plan: { ...prepared.plan, build: (input) => prepared.plan.build(input), execute } };
    },
  };
}

describe.each(Object.keys(places))('the oracle, for a credential placed as %s', (name) => {
  const placed = places[name] ?? { kind: 'token', place: name };

  it('E8, L01: finds no window of 48 bits in replies, lists, errors, logs, audit or the files of the state', async () => {
    const seen = await everythingSeen(await startEcho(), placed);
    expect(seen.toString('latin1')).toContain('[redacted]');
    expect(leaks(seen, [planted])).toEqual([]);
  });

  it('fires when nothing is scrubbed', async () => {
    const [leak] = leaks(await everythingSeen(await startEcho(), placed, { scrubber: scrubsNothing }), [planted]);
    expect(leak?.characters).toBe(unguessable);
  });

  it('fires when the credential is placed where it comes back in another form', async () => {
    const broken = { connection: placesItInTheReply };
    const [leak] = leaks(await everythingSeen(await startEcho(), placed, broken), [planted]);
    expect(leak?.characters).toBe(unguessable);
  });
});
