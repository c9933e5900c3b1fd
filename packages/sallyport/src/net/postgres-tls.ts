// Asks a PostgreSQL server for TLS in its own way, and takes nothing but its yes: every other answer is spoken in clear text.
import type { Socket } from 'node:net';
import { SallyportError } from '../domain/errors.ts';
import { untilEvent } from './until-event.ts';

// Frontend/Backend Protocol, "SSLRequest": length 8, code 80877103.
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const yes = 0x53;

/**
 * Resolves when the server waits for the handshake.
 * @throws SallyportError UPSTREAM_IDENTITY when it offers no TLS
 */
export async function requestPostgresTls(socket: Socket, deadline: AbortSignal): Promise<void> {
  socket.write(sslRequest);
  await untilEvent(socket, 'readable', deadline);
  const answer: unknown = socket.read();
  // CVE-2021-23222: what came before the handshake would be read as if it had come through it.
  if (Buffer.isBuffer(answer) && answer.length === 1 && answer[0] === yes) return;
  socket.on('error', () => {}).destroy();
  throw new SallyportError('UPSTREAM_IDENTITY', 'the service did not prove its identity', {
    cause: new Error('the server offers no TLS'),
  });
}
