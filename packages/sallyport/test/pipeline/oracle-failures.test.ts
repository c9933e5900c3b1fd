// Contract: what is told of a connection that fails holds no piece of the credential, although nothing scrubs it: errors are made
// of our own words. An error that quotes what was sent would be found.
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { leaks } from '../../../../test/oracle.ts';
import type { ServiceConnection } from '../../src/connectors/connector.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { type Answer, startRawServer } from '../net/raw-server.ts';
import {
  everythingSeen,
  onLoopback,
  type Placed,
  planted,
  type ServiceText,
  scrubsNothing,
  unguessable,
} from './oracle-site.ts';

// In the URL, which errors and logs like to quote.
const inQuery: Placed = { kind: 'token', place: '{ query: api_key }' };
const authority = fileURLToPath(new URL('../fixtures/tls/ca.pem', import.meta.url));

async function server(answer: Answer, certificate?: string): Promise<number> {
  const raw = await startRawServer(answer, certificate);
  onTestFinished(() => raw.close());
  return raw.port;
}

async function refused(): Promise<ServiceText> {
  const raw = await startRawServer(() => {});
  await raw.close();
  return onLoopback(raw.port);
}

function overTls(port: number): ServiceText {
  return `url: 'https://service.test:${port}', addresses: [127.0.0.0/8], trust: { ca: ${authority} }`;
}

const failures: readonly (readonly [string, string, () => Promise<ServiceText>])[] = [
  ['is refused', 'UPSTREAM_UNREACHABLE', refused],
  [
    'is cut after the request',
    'UPSTREAM_UNREACHABLE',
    async () => onLoopback(await server((_, socket) => void socket.destroy())),
  ],
  [
    'is cut in a reply that quotes the request',
    'UPSTREAM_UNREACHABLE',
    async () =>
      onLoopback(
        await server((text, socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n${text}`)),
      ),
  ],
  [
    'answers with the request itself, which is no HTTP reply',
    'UPSTREAM_UNREACHABLE',
    async () => onLoopback(await server((text, socket) => void socket.write(text))),
  ],
  [
    'answers with a header that cannot be, around the request',
    'UPSTREAM_UNREACHABLE',
    async () =>
      onLoopback(
        await server(
          (text, socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${text.replaceAll(/\r|\n/g, '\0')}\r\n\r\n`),
        ),
      ),
  ],
  ['shows a certificate of its own', 'UPSTREAM_IDENTITY', async () => overTls(await server(() => {}, 'self-signed'))],
  [
    'shows a certificate of another name',
    'UPSTREAM_IDENTITY',
    async () => overTls(await server(() => {}, 'wrong-name')),
  ],
  [
    'answers TLS in clear text',
    'UPSTREAM_IDENTITY',
    async () => overTls(await server((text, socket) => void socket.write(text))),
  ],
];

/** A connector whose errors quote the credential, in the cause that is for the operator. */
function quotesWhatItSent(connection: ServiceConnection): ServiceConnection {
  return {
    close: () => connection.close(),
    check: () => connection.check(),
    prepare: async (operation) => {
      const prepared = await connection.prepare(operation);
      if (!prepared.ok) return prepared;
      const execute: typeof prepared.plan.execute = async (_, { credential }) => {
        const token = credential?.['token'];
        const key = token?.secret === true ? encodeURIComponent(token.value.reveal()) : '';
        const cause = new Error(`connect ECONNREFUSED for GET /echo?api_key=${key}`);
        return { kind: 'not-sent', error: new SallyportError('UPSTREAM_UNREACHABLE', 'not reached', { cause }) };
      };
      return { ...prepared, plan: { ...prepared.plan, build: (input) => prepared.plan.build(input), execute } };
    },
  };
}

describe('a connection that fails', () => {
  for (const [name, code, service] of failures) {
    it(`L04: tells nothing of the credential when it ${name}`, async () => {
      const seen = await everythingSeen(await service(), inQuery, { scrubber: scrubsNothing });
      expect(seen.toString('latin1').split(`"code":"${code}"`).length).toBeGreaterThan(2);
      expect(leaks(seen, [planted])).toEqual([]);
    });
  }

  it('would be found out by the oracle if its errors quoted what was sent', async () => {
    const broken = { scrubber: scrubsNothing, connection: quotesWhatItSent };
    const [leak] = leaks(await everythingSeen(await refused(), inQuery, broken), [planted]);
    expect(leak?.characters).toBe(unguessable);
  });
});
