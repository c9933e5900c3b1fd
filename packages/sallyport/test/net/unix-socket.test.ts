// The operators' client when its server goes away: one code, whatever the moment.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requestOverUnixSocket } from '../../src/net/unix-socket.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-socket-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, RequestListener]>([
  ['before it answers', (request) => request.socket.destroy()],
  [
    'in the middle of its answer',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half', () => request.socket.destroy());
    },
  ],
])('says that the server is not running when it ends %s', async (_, handler) => {
  const path = join(folder, 'operator.sock');
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const request = { method: 'GET', path: '/', body: undefined, timeoutMs: 5000 };
  await expect(requestOverUnixSocket(path, request)).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
  await new Promise((resolve) => server.close(resolve));
});
