// What `npm start` runs: the shop's service and database, Sallyport in front of them, and an agent that gets its work done.
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { runAgent, type Step } from './agent.ts';
import { readOptions } from './options.ts';
import { CannotStart, portOf, requireDifferentPorts, requireFreePort } from './ports.ts';
import { type RunningProgram, sallyport, startSallyport, startService } from './programs.ts';
import { type Setup, setUp, tokenOf } from './setup.ts';
import { type ShopVariant, sqliteShop } from './variant.ts';

const values = readOptions();

const say = (line: string) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);

if (import.meta.main) process.exitCode = await startShop(sqliteShop);

/** Runs the example to its end; its exit status. */
export async function startShop(variant: ShopVariant): Promise<number> {
  return await runShop(variant).catch(failed);
}

async function runShop(variant: ShopVariant): Promise<number> {
  const ports = {
    sallyport: portOf('port', values.port),
    service: portOf('service-port', values['service-port']),
    database: portOf('database-port', values['database-port']),
  };
  requireDifferentPorts(ports);
  await requireFreePort('port', ports.sallyport);
  await requireFreePort('service-port', ports.service);
  if (variant.hasServer) await requireFreePort('database-port', ports.database);
  const dataFolder = resolve(values.data ?? join(variant.folder, 'data'));
  const setup = await setUp(variant, { dataFolder, ports }, say);
  sayWhereThingsAre(setup, variant);
  const endDatabase = await variant.startDatabase({ proofs: setup.proofs, dataFolder, ports });
  try {
    return await withDatabase(setup);
  } finally {
    await endDatabase();
  }
}

async function withDatabase(setup: Setup): Promise<number> {
  const received: string[] = [];
  const serviceLog = values['service-log'] === undefined ? [] : ['--log', values['service-log']];
  const serviceArgs = ['--port', values['service-port'], '--key-sha256', setup.proofs['shop-api'] ?? '', ...serviceLog];
  const service = await startService(serviceArgs, (line) => received.push(line));
  try {
    return await withService(setup, received);
  } finally {
    await service.end();
  }
}

async function withService(setup: Setup, received: readonly string[]): Promise<number> {
  const server = await startSallyport([...setup.options, '--json']);
  try {
    const url = urlOf(server.firstLine);
    const seen: string[] = [];
    const steps = await runAgent(
      { url, token: await tokenOf('support-bot', setup) },
      {
        onAnswer: (text) => seen.push(text),
        allow: (approvalId) => allowAsOperator(approvalId, setup),
      },
    );
    await writeAgentLog(seen);
    report(steps, received);
    const isFine = steps.every((step) => step.ok);
    if (!values.once) await serve(url, setup, server);
    if (values.json) process.stdout.write(`${JSON.stringify({ steps })}\n`);
    return isFine ? 0 : 1;
  } finally {
    await server.end();
  }
}

// What a person would do after `sallyport approval list` and `sallyport approval show`.
async function allowAsOperator(approvalId: string, setup: Setup): Promise<void> {
  const shown = await sallyport(['approval', 'show', approvalId, ...setup.options]);
  say(styleText('bold', 'What the operator sees, before saying yes'));
  for (const line of shown.output.trimEnd().split('\n')) say(`    ${line}`);
  say('');
  await sallyport(['approval', 'allow', approvalId, ...setup.options]);
}

function sayWhereThingsAre(setup: Setup, { stateName }: ShopVariant): void {
  const home = homedir();
  const short = (path: string) => (path.startsWith(home) ? `~${path.slice(home.length)}` : path);
  say(`Config  ${short(setup.configFile)}`);
  say(`Vault   ${setup.isFresh ? 'new' : 'found'}: state folder of "${stateName}", unlocked by a key file of its own`);
  say('        (a key file of its own is fine for an example; a person would use a passphrase)');
  say('');
}

function report(steps: readonly Step[], received: readonly string[]): void {
  say(styleText('bold', 'What the agent did, and what it saw'));
  for (const step of steps) {
    say(`${step.ok ? styleText('green', 'ok ') : styleText('red', 'BAD')} ${step.name}: ${step.expected}`);
    say(`    saw: ${step.got.length > 400 ? `${step.got.slice(0, 400)}…` : step.got}`);
  }
  say('');
  say(styleText('bold', 'What the service received'));
  for (const line of received) say(`    ${describeReceived(line)}`);
  say('');
}

function describeReceived(line: string): string {
  const request: unknown = JSON.parse(line);
  if (typeof request !== 'object' || request === null || !('method' in request) || !('path' in request)) return line;
  const body = 'body' in request && typeof request.body === 'string' ? request.body : '';
  const key = 'isAuthorised' in request && request.isAuthorised === true ? 'with its key' : 'WITHOUT its key';
  return `${String(request.method)} ${String(request.path)} ${key} ${body}`.trimEnd();
}

async function serve(url: string, setup: Setup, server: RunningProgram): Promise<void> {
  const token = await tokenOf('visitor', setup);
  // Before anybody is told: who reads it may stop at once, and Sallyport would be left running.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  say(styleText('bold', 'Sallyport is running. Connect a client of your own'));
  say(`    MCP (2026-07-28, streamable HTTP): ${url}/mcp`);
  say(`    curl -H 'Authorization: Bearer ${token}' ${url}/v1/operations`);
  say(`    (the token of the agent "visitor"; it may read orders and customers, for one day)`);
  say(`    ${commandName()} status ${setup.options.join(' ')}`);
  say('Stop with Ctrl-C.');
  await stopped;
  say(server.errors().includes('"level":"error"') ? 'stopped, with errors in the log' : 'stopped');
}

// By its path: `npx` elsewhere would ask the registry for a package of that name, and run what it got.
function commandName(): string {
  const path = fileURLToPath(new URL('../../node_modules/.bin/sallyport', import.meta.url));
  const fromHere = relative(process.env['INIT_CWD'] ?? process.cwd(), path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}

function failed(error: unknown): number {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof CannotStart ? `${text}\n` : `the example failed: ${text}\n`);
  return 1;
}

function urlOf(firstLine: string): string {
  const ready: unknown = JSON.parse(firstLine);
  if (typeof ready === 'object' && ready !== null && 'error' in ready) {
    const { code, message } = { code: '', message: '', ...(typeof ready.error === 'object' ? ready.error : {}) };
    throw new CannotStart(`Sallyport did not start (is another \`npm start\` running?): ${code}: ${message}`);
  }
  if (typeof ready === 'object' && ready !== null && 'url' in ready && typeof ready.url === 'string') return ready.url;
  throw new Error(`unexpected first line: ${firstLine}`);
}

async function writeAgentLog(seen: readonly string[]): Promise<void> {
  if (values['agent-log'] === undefined) return;
  const { writeFile } = await import('node:fs/promises');
  await writeFile(values['agent-log'], seen.join('\n'));
}
