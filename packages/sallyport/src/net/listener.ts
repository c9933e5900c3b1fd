// The port to our listening sockets: the guard of hosts and origins stands before any routing.
import type { ListenAddress } from '../domain/config.ts';
import type { SallyportError } from '../domain/errors.ts';
import type { DoorHandler } from './door-request.ts';

/** What a listener is made of. */
export interface ListenerOptions {
  readonly address: ListenAddress;
  /** The key of the config that gives the address, for errors; `listen` when left out. */
  readonly section?: 'listen' | 'metrics';
  readonly handler: DoorHandler;
  /** Told of every request that the guard refused, before its answer is sent. */
  readonly refused: (error: SallyportError) => void;
}

/** A listening socket. */
export interface Listener {
  readonly host: string;
  /** The port in fact, also when 0 was asked for. */
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** Stops accepting, lets requests in flight end within `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}
