// A reverse proxy for clients that cannot send a token: it adds one, and leaves foreign Host and Origin headers as they are.
import { createServer, request } from 'node:http';

/** A proxy that runs. */
export interface AuthorisingProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on loopback, and passes requests on to `target` with the token. */
export async function startAuthorisingProxy(target: URL, token: string): Promise<AuthorisingProxy> {
  let own = '';
  // Only what names this proxy names the server behind it; whatever else is there is for the server to judge.
  const renamed = (text: string): string =>
    text === own || text === `http://${own}` ? text.replace(own, target.host) : text;
  const server = createServer((incoming, outgoing) => {
    const headers = incoming.rawHeaders.map((text, index) => {
      const name = incoming.rawHeaders[index - 1]?.toLowerCase();
      return index % 2 === 1 && (name === 'host' || name === 'origin') ? renamed(text) : text;
    });
    const { method, url: path } = incoming;
    const passed = request({ host: target.hostname, port: target.port, method, path, agent: false });
    const all = [...headers, 'authorization', `Bearer ${token}`];
    for (let index = 0; index < all.length; index += 2) passed.setHeader(all[index] ?? '', all[index + 1] ?? '');
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  own = `127.0.0.1:${address.port}`;
  return {
    url: `http://${own}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
