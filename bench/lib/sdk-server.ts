// The baseline for MCP: the official SDK's high-level server, whose one tool makes the same HTTP request with undici.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { request } from 'undici';
import { z } from 'zod';

const [port, serviceUrl] = process.argv.slice(2);

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'baseline', version: '1.0.0' });
  server.registerTool(
    'echo_post',
    { description: 'Posts.', inputSchema: z.object({ payload: z.string().max(2000) }) },
    async ({ payload }) => {
      const { body } = await request(`${serviceUrl ?? ''}/echo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
        body: JSON.stringify({ payload }),
      });
      return { content: [{ type: 'text', text: await body.text() }] };
    },
  );
  return server;
});
const serve = toNodeHandler(handler);
// The SDK's own type of a request is exact about optional fields; node's is not.
type Incoming = Parameters<typeof serve>[0];
createServer((incoming, response) => void serve(incoming as unknown as Incoming, response)).listen(
  Number(port),
  '127.0.0.1',
);
