// Keeps two projects apart that share a state: a command of one changes nothing at the server of the other.
import { existsSync, realpathSync } from 'node:fs';
import type { AdminTransport } from '../admin/admin-client.ts';
import { SallyportError } from '../domain/errors.ts';
import type { AppOptions } from './open-state.ts';

type Command = Pick<AppOptions, 'configFile' | 'isConfigNamed' | 'paths' | 'note'>;

// They have a body or make something, and change nothing that a call depends on.
const readingPosts = new Set(['/v1/explain', '/v1/audit/verify', '/v1/audit/checkpoint']);

/**
 * The transport to a server, for a command that was given a config or found one. When the server runs on another file, what
 * would change something is refused with ADMIN_INPUT, and anything else is asked with a word on whose answer it is.
 */
export function forConfig(transport: AdminTransport, command: Command): AdminTransport {
  const isMeant = command.isConfigNamed !== false || existsSync(command.configFile);
  if (!isMeant) return transport;
  let other: Promise<string | null> | undefined;
  let isTold = false;
  return async (request) => {
    other ??= otherConfig(transport, command.configFile);
    const theirs = await other;
    if (theirs === null) return await transport(request);
    const isReading = request.method === 'GET' || readingPosts.has(request.path);
    if (!isReading)
      throw new SallyportError('ADMIN_INPUT', `${difference(command, theirs)}: nothing was changed. ${remedy(theirs)}`);
    if (!isTold) command.note(`! ${difference(command, theirs)}: this is about that one. ${remedy(theirs)}`);
    isTold = true;
    return await transport(request);
  };
}

function difference({ configFile, paths }: Command, theirs: string): string {
  return `the server on the state ${paths.stateFolder} runs with ${theirs}, not with ${configFile}`;
}

/** What somebody does who has two projects. */
export const keepApart =
  'Keep projects apart by `--name NAME` (or `--state FOLDER`), the same for `up` and for every command';

function remedy(theirs: string): string {
  return `${keepApart}; if you mean that server, give \`--config ${theirs}\``;
}

async function otherConfig(transport: AdminTransport, configFile: string): Promise<string | null> {
  const { body } = await transport({ method: 'GET', path: '/v1/config', body: undefined });
  const { configShape } = await import('../admin/client-shapes.ts');
  const { file } = configShape.parse(JSON.parse(body));
  return realPath(file) === realPath(configFile) ? null : file;
}

/** The file itself: two ways to one file are one config. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
