// Stands between a listening server and its connections: plain requests are served from here, all others by node:http.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { keepAliveSeconds } from './answer-text.ts';
import type { DoorRequest } from './door-request.ts';
import { NarrowConnection, type NarrowParts } from './narrow-connection.ts';

/** What a narrow door is made of. */
export interface NarrowDoorOptions {
  /** Is given each request. */
  readonly serve: (request: DoorRequest) => void;
  /** Answers a connection on which nothing came in time. */
  readonly silent: (socket: Socket) => void;
  readonly headersTimeoutMs: number;
  readonly checkEveryMs: number;
}

/** The connections of a server that node:http has nothing to do with. */
export interface NarrowDoor {
  /** Ends them, those that owe an answer after it, and all that come from now on. */
  readonly close: () => void;
}

/** Takes over the connections of a server, which goes on to bind, to count them and to serve those that are given back. */
export function openNarrowDoor(server: Server, options: NarrowDoorOptions): NarrowDoor {
  const connections = new Set<NarrowConnection>();
  let isClosed = false;
  const parts: NarrowParts = {
    serve: options.serve,
    handOver: takeConnections(server, (socket) => {
      // A handshake may end after the door was closed.
      if (isClosed) socket.destroy();
      else connections.add(new NarrowConnection(socket, parts));
    }),
    gone: (connection) => connections.delete(connection),
  };
  const sweeps = setInterval(() => {
    for (const connection of connections) sweep(connection, options);
  }, options.checkEveryMs).unref();
  return {
    close: () => {
      isClosed = true;
      clearInterval(sweeps);
      for (const connection of connections) connection.endSoon();
    },
  };
}

// The server is its own listener for connections; what it did with them is what gives them back.
function takeConnections(server: Server, take: (socket: Socket) => void): (socket: Socket) => void {
  const event = server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection';
  const [serveByHttp] = server.listeners(event);
  if (serveByHttp === undefined) throw new Error('a server that listens to no connections');
  server.removeAllListeners(event);
  server.on(event, take);
  return (socket) => Reflect.apply(serveByHttp, server, [socket]);
}

function sweep(connection: NarrowConnection, { silent, headersTimeoutMs, checkEveryMs }: NarrowDoorOptions): void {
  if (connection.isBusy) return;
  connection.idleSweeps += 1;
  const idleMs = connection.idleSweeps * checkEveryMs;
  if (connection.isFresh && idleMs > headersTimeoutMs) {
    connection.isFresh = false;
    silent(connection.socket);
  } else if (idleMs > keepAliveSeconds * 1000) connection.socket.destroy();
}
