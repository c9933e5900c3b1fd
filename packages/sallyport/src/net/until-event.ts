// Waits for one event of a socket that is being opened, within the deadline of the whole dialling.
import type { Socket } from 'node:net';

/** Resolves at the event; destroys the socket and rejects when it fails, closes, or the deadline passes first. */
export function untilEvent(
  socket: Socket,
  event: 'connect' | 'secureConnect' | 'readable',
  deadline: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      settle();
      socket.on('error', () => {}).destroy();
      reject(error instanceof Error ? error : new Error('the connection ended', { cause: error }));
    };
    const expire = () => fail(deadline.reason);
    const end = () => fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    const done = () => {
      settle();
      resolve();
    };
    const settle = () => {
      deadline.removeEventListener('abort', expire);
      socket.removeListener('error', fail).removeListener('close', end).removeListener(event, done);
    };
    if (deadline.aborted) {
      fail(deadline.reason);
      return;
    }
    deadline.addEventListener('abort', expire);
    socket.on('error', fail).on('close', end).on(event, done);
  });
}
