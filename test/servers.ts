// Lets a test ask for a real server: it is skipped, with the server's name in its title, where that server is not available.
import { describe, expect, it } from 'vitest';

/** What a test gets of a server that runs: its binary, and the loopback port when it was started. */
export interface TestServer {
  readonly binary: string;
  readonly port: number | undefined;
}

/** Declares tests that need the named server of scripts/servers.js. */
export function describeWithServer(name: string, title: string, tests: (server: TestServer) => void): void {
  const server = availableServer(name, process.env['SALLYPORT_TEST_SERVERS']);
  if (server === undefined) {
    const body = () => it(`needs ${name}, which is not available here`, () => expect.fail('server missing'));
    // In CI a missing server is a failure, not a skip.
    if (process.env['CI'] === 'true') describe(title, body);
    else describe.skip(title, body);
    return;
  }
  describe(title, () => tests(server));
}

/** Reads one server out of the JSON that scripts/test.js passes on. */
export function availableServer(name: string, servers: string | undefined): TestServer | undefined {
  if (servers === undefined) return undefined;
  const parsed: unknown = JSON.parse(servers);
  const entry: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
  if (typeof entry !== 'object' || entry === null) return undefined;
  const binary: unknown = Reflect.get(entry, 'binary');
  const port: unknown = Reflect.get(entry, 'port');
  if (typeof binary !== 'string') return undefined;
  return { binary, port: typeof port === 'number' ? port : undefined };
}
