// A pool of connections to a raw server, for tests: both are closed after each test.
import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import { dialTarget } from '../../src/net/create-network.ts';
import { dial, systemResolve } from '../../src/net/dial.ts';
import type { Exchange, ExchangeRequest } from '../../src/net/http-exchange.ts';
import type { PoolOptions } from '../../src/net/http-pool.ts';
import { createHttpPool } from '../../src/net/http-pool.ts';
import type { HttpPool } from '../../src/net/network.ts';
import { httpService } from './http-service.ts';
import type { Answer, RawServer } from './raw-server.ts';
import { startRawServer } from './raw-server.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A server and a pool of connections to it. */
export interface Site {
  readonly raw: RawServer;
  readonly pool: HttpPool;
  /** Dials so far. */
  readonly dials: () => number;
}

/** Starts a server, and makes a pool of two connections to it. */
export async function site(answer: Answer, options: Partial<PoolOptions> = {}): Promise<Site> {
  const raw = await startRawServer(answer);
  cleanups.push(() => raw.close());
  let dials = 0;
  const pool = poolBy(() => {
    dials += 1;
    return connected(raw.port);
  }, options);
  return { raw, pool, dials: () => dials };
}

/** A pool whose connections are made so. */
export function poolBy(dialOne: PoolOptions['dial'], options: Partial<PoolOptions> = {}): HttpPool {
  const pool = createHttpPool({
    dial: dialOne,
    authority: 'service.test',
    maxConnections: 2,
    maxWaiting: 10,
    idleMs: 30_000,
    ...options,
  });
  cleanups.push(() => pool.destroy());
  return pool;
}

/** A connection to a server on loopback. */
export function connected(port: number): Promise<Socket> {
  const service = httpService({ scheme: 'http', host: '127.0.0.1', port, trust: { kind: 'loopback' } });
  return dial(dialTarget(service), { resolve: systemResolve, ownListeners: [], connectTimeoutMs: 5_000 });
}

/** Sends a small POST. */
export function send(pool: HttpPool, fields: Partial<ExchangeRequest> = {}): Promise<Exchange> {
  return pool.send({
    method: 'POST',
    path: '/',
    headers: [],
    body: null,
    maxReplyBytes: 1_000,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...fields,
  });
}
