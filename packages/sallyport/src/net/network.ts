// The port through which everything dials out: addresses are checked and pinned, identities proven before a secret byte is written.
import type { Socket } from 'node:net';
import type { HttpService, PostgresService } from '../domain/service.ts';
import type { Exchange, ExchangeRequest } from './http-exchange.ts';

/** The connections to one HTTP service. */
export interface HttpPool {
  /** Sends the request once and never again. Never throws or rejects: every end is an Exchange. */
  send(request: ExchangeRequest): Promise<Exchange>;
  /** Ends all connections and exchanges; resolves when the last connection has closed. */
  destroy(): Promise<void>;
}

/** Dials services. */
export interface Network {
  /**
   * A connection pool to one HTTP service, for one connector instance. Each connection: resolved once, every answer checked against
   * the service's ranges, connected to the checked address, TLS verified (SNI and name are the service's host) before it is handed over.
   * No redirects, no upstream proxies, no environment. Connection errors surface as SallyportError ADDRESS_REFUSED,
   * UPSTREAM_UNREACHABLE or UPSTREAM_IDENTITY (as the error of the exchange).
   */
  httpPool(service: HttpService): HttpPool;
  /**
   * One connection to a PostgreSQL server: checked like those of a pool, with TLS by its SSLRequest (on loopback without TLS
   * where the service trusts that). No byte of the protocol but that request was written.
   * @throws SallyportError ADDRESS_REFUSED, UPSTREAM_UNREACHABLE, UPSTREAM_IDENTITY
   */
  dialPostgres(service: PostgresService): Promise<Socket>;
  /** Registers an address of our own listeners, which is never dialled. */
  refuseOwnListener(host: string, port: number): void;
}
