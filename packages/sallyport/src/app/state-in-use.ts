// Says whose state it is that a command cannot have: most often a server of another project holds it.
import { SallyportError } from '../domain/errors.ts';
import { requestOverUnixSocket } from '../net/unix-socket.ts';
import type { AppOptions } from './open-state.ts';
import { keepApart, realPath } from './same-config.ts';

const askTimeoutMs = 5000;

/** Runs what needs the state to itself. @throws SallyportError STATE_LOCKED, with the config of the server that holds the state */
export async function withOwnState<T>(options: AppOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SallyportError) || error.code !== 'STATE_LOCKED') throw error;
    const theirs = await servedConfig(options);
    if (theirs === undefined) throw error;
    const isSame = realPath(theirs) === realPath(options.configFile);
    const whose = isSame
      ? 'it is the server of this config'
      : `it is the server of ${theirs}, not of ${options.configFile}. ${keepApart}`;
    throw new SallyportError('STATE_LOCKED', `${error.message}: ${whose}`, { cause: error });
  }
}

async function servedConfig({ paths }: AppOptions): Promise<string | undefined> {
  const request = { method: 'GET', path: '/v1/config', body: undefined, timeoutMs: askTimeoutMs };
  try {
    const { body } = await requestOverUnixSocket(paths.operatorSocket, request);
    const { configShape } = await import('../admin/client-shapes.ts');
    return configShape.parse(JSON.parse(body)).file;
  } catch {
    // Another command, or a server that starts or stops: the process is all that is known.
    return undefined;
  }
}
