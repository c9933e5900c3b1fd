// Before anything is said to a socket file: whose it is. A file of its own, because the bridge of local clients loads little else.
import { lstatSync } from 'node:fs';
import { SallyportError } from '../domain/errors.ts';

/**
 * Requires a socket that this user (or root) owns: what somebody else put there would be told everything.
 * @throws SallyportError SERVER_NOT_RUNNING, STATE_UNSAFE
 */
export function requireOwnSocket(path: string): void {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !facts.isSocket()) {
    throw new SallyportError('SERVER_NOT_RUNNING', 'no server is running for this state folder; run `sallyport up`');
  }
  const userId = process.getuid?.();
  if (userId !== undefined && facts.uid !== userId && facts.uid !== 0) {
    throw new SallyportError('STATE_UNSAFE', `the socket ${path} belongs to another user; nothing was sent to it`);
  }
}
