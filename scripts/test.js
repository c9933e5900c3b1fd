// npm test: brings the workspace up to date, starts the servers that tests need, runs vitest, and closes with one line of counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady } from './ensure.js';
import { runChild } from './run-child.js';
import { root, runtimePath } from './runtime.js';
import { prepareServers } from './servers.js';
import { closingLine, countResults } from './test-results.js';

const inCi = process.env.CI === 'true';
ensureReady();
const { available, missing, stop } = await prepareServers('tests');
for (const { name, reason } of missing) process.stderr.write(`Server missing: ${name}: ${reason}.\n`);

const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
const resultFile = join(folder, 'results.json');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
const exitCode = await runChild(runtimePath(), [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, SALLYPORT_TEST_SERVERS: JSON.stringify(available) },
});
await stop();

const results = countResults(readResults(), exitCode);
rmSync(folder, { recursive: true, force: true });
const failed = results.failed + (inCi ? missing.length : 0);
for (const name of results.skippedNames) process.stdout.write(`skipped: ${name}\n`);
if (inCi && missing.length > 0) process.stdout.write('In CI a missing server is a failure.\n');
process.stdout.write(`${closingLine({ ...results, failed })}\n`);
process.exitCode = failed > 0 ? 1 : 0;

function readResults() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    return undefined;
  }
}
