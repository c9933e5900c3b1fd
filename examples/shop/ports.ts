// Looks at the ports before anything is made: a port in use is the one thing that a first start commonly meets.
import { createServer } from 'node:net';

/** A reason to stop that is told in one line, without a stack. */
export class CannotStart extends Error {}

/** A port as an option gives it. @throws CannotStart */
export function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) {
    throw new CannotStart(`--${option} takes a port from 1 to 65535`);
  }
  return port;
}

/** @throws CannotStart when two of them are the same */
export function requireDifferentPorts(ports: Readonly<Record<string, number>>): void {
  const numbers = Object.values(ports);
  if (new Set(numbers).size < numbers.length) {
    throw new CannotStart('--port, --service-port and --database-port take different ports');
  }
}

/** @throws CannotStart when the port cannot be listened on; names it, and the option that changes it */
export async function requireFreePort(option: string, port: number): Promise<void> {
  const server = createServer();
  const code = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(undefined));
  });
  await new Promise((resolve) => server.close(resolve));
  if (code === undefined) return;
  const why = code === 'EADDRINUSE' ? 'is in use (by another `npm start`?)' : `cannot be listened on (${code})`;
  throw new CannotStart(`127.0.0.1:${port} ${why}: end what listens there, or run npm start -- --${option} N`);
}
