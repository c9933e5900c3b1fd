// `sallyport mcp --agent NAME`: a local client's standard input and output, joined to the agents' socket. A program of its own,
// because clients start it again and again: it loads no config, no vault and no command line.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SallyportError } from '../domain/errors.ts';
import { statePaths } from '../launch/state-paths.ts';
import { version } from '../launch/version.ts';
import { callOverSocket } from '../net/socket-call.ts';
import { type Bridge, createBridge } from './bridge.ts';
import { createLineReader } from './line-reader.ts';

const usage = `usage: sallyport mcp --agent NAME [--name NAME] [--state FOLDER]

Serves the Model Context Protocol over standard input and output, for an agent that the config declares with \`local: true\`.
It needs a running \`sallyport up\`, waits for one where there is none, and holds no token.
`;
const maxLineBytes = 1024 * 1024;
const lookEveryMs = 2_000;

function note(text: string): void {
  process.stderr.write(`sallyport mcp: ${text}\n`);
}

function optionsIn(args: string[]) {
  const options = {
    agent: { type: 'string' },
    name: { type: 'string' },
    state: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch {
    // The parser repeats what it was given: that may be a pasted value, and clients keep what is said here in their logs.
    throw new SallyportError(
      'ADMIN_INPUT',
      'an argument does not fit: each option takes one value, and nothing stands beside them; a credential is never an argument',
    );
  }
}

function start(): void {
  const values = optionsIn(process.argv.slice(3));
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  if (values.agent === undefined || !/^[\x21-\x7e]{1,100}$/.test(values.agent)) {
    throw new SallyportError('ADMIN_INPUT', 'say which agent this is: --agent NAME');
  }
  const { agentSocket } = statePaths({
    environment: process.env,
    homeFolder: homedir(),
    name: values.name,
    state: values.state === undefined ? undefined : resolve(values.state),
  });
  const bridge = createBridge({
    agent: values.agent,
    info: { name: 'sallyport', version },
    send: (call) => callOverSocket(agentSocket, call),
    write: (line) => process.stdout.write(`${line}\n`),
    note,
    every: (look) => {
      const timer = setInterval(look, lookEveryMs);
      return () => clearInterval(timer);
    },
  });
  joinStreams(bridge);
}

function joinStreams(bridge: Bridge): void {
  const reader = createLineReader(maxLineBytes, {
    line: (bytes) => bridge.take(bytes),
    tooLong: () => bridge.refuseLongLine(),
  });
  const end = (): void => {
    reader.end();
    // Nothing is left to wait for then, and what was written gets out before the process ends by itself.
    void bridge.end();
  };
  process.stdin.on('data', (chunk: Buffer) => reader.push(chunk));
  process.stdin.once('end', end);
  process.stdin.once('error', end);
  // Nobody reads the answers any more.
  process.stdout.on('error', () => process.exit(0));
  process.stderr.on('error', () => {});
}

try {
  start();
} catch (error) {
  note(`${error instanceof SallyportError ? error.message : 'cannot start'}\n${usage}`);
  process.exitCode = 2;
}
