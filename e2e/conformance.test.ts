// The official conformance suite of the protocol against a whole installation. What it needs and is not served stands in a file
// with reasons; any other failure fails here, and so does an entry of that file that passes by now.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuthorisingProxy, startAuthorisingProxy } from './authorising-proxy.ts';
import { Sandbox } from './sandbox.ts';

const suite = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);
const expected = (revision: string): string =>
  fileURLToPath(new URL(`../test/conformance/expected-failures-${revision}.yml`, import.meta.url));

let sandbox: Sandbox;
let proxy: AuthorisingProxy;
let results: string;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  await sandbox.prepare();
  const token = await sandbox.token('support-bot');
  const server = await sandbox.up();
  // The suite sends no token.
  proxy = await startAuthorisingProxy(new URL(server.url), token);
  results = mkdtempSync(join(tmpdir(), 'sallyport-conformance-'));
});

afterAll(async () => {
  await proxy.close();
  rmSync(results, { recursive: true, force: true });
  expect(sandbox.leaked()).toEqual([]);
  await sandbox.close();
});

describe('the conformance suite', () => {
  it.each([
    ['2026-07-28', 37],
    ['2025-11-25', 30],
  ])(
    'finds nothing in the required set of %s but what is expected',
    { timeout: 180_000 },
    async (revision, scenarios) => {
      const { status, output } = await runSuite(revision);
      sandbox.saw('output of the conformance suite', output);
      // The suite's own last lines say which check it was.
      expect({ status, output: status === 0 ? '' : output.slice(-6000) }).toEqual({ status: 0, output: '' });
      const run = new Set(output.match(/^=== Running scenario: .*$/gm));
      expect(run.size).toBeGreaterThanOrEqual(scenarios);
    },
  );
});

function runSuite(revision: string): Promise<{ readonly status: number | null; readonly output: string }> {
  const args = ['server', '--url', `${proxy.url}/mcp`, '--requirements', revision];
  const files = ['--expected-failures', expected(revision), '--output-dir', join(results, revision)];
  const child = spawn(process.execPath, [suite, ...args, ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
