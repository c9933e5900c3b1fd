// npm run check [-- --fix]: every check of the code, one line each; all of them run even when one fails.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './ensure.js';
import { root, runtimePath } from './runtime.js';

const fix = process.argv.includes('--fix');
try {
  ensureInstalled();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const runtime = runtimePath();
const bin = (path) => join(root, 'node_modules', path);
const packageFolder = 'packages/sallyport';

// Compiling comes first: the other checks read its output. The rest run two at a time.
const compile = { name: 'types', command: [bin('typescript/bin/tsc'), '-b'] };
const checks = [
  {
    name: 'format',
    command: [bin('@biomejs/biome/bin/biome'), 'check', ...(fix ? ['--write'] : []), '.'],
  },
  {
    name: 'lint',
    command: [bin('oxlint/bin/oxlint'), '-c', '.oxlintrc.json', '--type-aware', ...(fix ? ['--fix'] : []), '.'],
  },
  { name: 'types of tests', command: [bin('typescript/bin/tsc'), '-p', 'test'] },
  {
    name: 'layers, cycles, file length, dependencies',
    command: [bin('vitest/vitest.mjs'), 'run', '--project', 'workspace', 'test/layers', 'test/dependencies'],
  },
  { name: 'the path of a call', run: checkHandleCall },
  { name: 'dead code', command: [bin('knip/bin/knip.js'), ...(fix ? ['--fix'] : [])] },
  { name: 'package contents', command: [bin('publint/src/cli.js'), packageFolder, '--strict'] },
  {
    name: 'package types',
    command: [bin('@arethetypeswrong/cli/dist/index.js'), '--pack', packageFolder, '--profile', 'esm-only'],
  },
];

const outcomes = [await runCheck(compile)];
const waiting = [...checks];
async function worker() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) outcomes.push(await runCheck(check));
}
await Promise.all([worker(), worker()]);

const failures = outcomes.filter((outcome) => !outcome.ok);
for (const { name, output } of failures) process.stdout.write(`\n── ${name}\n${output.trimEnd()}\n`);
const line = failures.length === 0 ? 'All checks passed.' : `${failures.length} of ${outcomes.length} checks failed.`;
process.stdout.write(`\n${line}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function runCheck(check) {
  const startedAt = Date.now();
  const { ok, output } = check.run ? check.run() : await runCommand(check.command);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${check.name} (${seconds} s)\n`);
  return { name: check.name, ok, output };
}

function runCommand(args) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
    const child = spawn(runtime, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

// The file that reads as the path of a call stays short enough to be read at a glance.
function checkHandleCall() {
  const file = join(root, packageFolder, 'src/pipeline/handle-call.ts');
  if (!existsSync(file)) return { ok: true, output: '' };
  const withoutBlocks = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const code = withoutBlocks.split('\n').filter((text) => text.trim() !== '' && !text.trim().startsWith('//'));
  const ok = code.length < 60;
  return { ok, output: `handle-call.ts has ${code.length} lines of code; it must have fewer than 60.` };
}
