// The management API for a command: asked of the server where one runs, else of the state itself, which is unlocked only for what needs it.
import { createLockedApi, inProcessTransport } from '../admin/admin-api.ts';
import { type AdminClient, type AdminTransport, createAdminClient } from '../admin/admin-client.ts';
import { SallyportError } from '../domain/errors.ts';
import type { StatePaths } from '../launch/state-paths.ts';
import { createNetwork } from '../net/create-network.ts';
import { requestOverUnixSocket } from '../net/unix-socket.ts';
import { emptyStore } from '../store/empty-store.ts';
import { lockHolder } from '../store/lock.ts';
import { adminContext, readingContext } from './admin-context-of.ts';
import { snapshotOf } from './live-snapshot.ts';
import { type AppOptions, isEmptyState, noVault, openStore, requireState, unlockState } from './open-state.ts';
import { forConfig } from './same-config.ts';
import { compiled, loadValid } from './valid-config.ts';

const adminTimeoutMs = 60_000;

/**
 * The management API: through the socket when a server holds the state, in process under the lock otherwise.
 * Where no state was ever made, questions are answered as of an empty one, and nothing is made.
 */
export async function openAdmin(options: AppOptions): Promise<AdminClient> {
  const parts = new AsyncDisposableStack();
  try {
    const config = await loadValid(options);
    const isMade = !isEmptyState(options.paths);
    const store = isMade ? await openStore(options.paths, parts) : emptyStore();
    const { catalogue } = await compiled(config, { network: createNetwork(), paths: options.paths }, parts);
    const api = createLockedApi(await readingContext(options, store, catalogue), async () => {
      requireState(options.paths);
      const state = await unlockState({ ...options, newVault: 'refuse' }, { given: config, store }, parts);
      const scrubber = async () => (await snapshotOf(state, catalogue)).snapshot.scrubber;
      return adminContext(options, state, { catalogue: () => catalogue, server: () => null, scrubber });
    });
    if (!isMade) options.note(`! ${noVault(options.paths).message}`);
    return createAdminClient(inProcessTransport(api), () => parts.disposeAsync());
  } catch (error) {
    await parts.disposeAsync();
    if (isServed(error, options.paths)) return openServerAdmin(options);
    throw error;
  }
}

/** The management API of the server that runs. @throws SallyportError SERVER_NOT_RUNNING, STATE_UNSAFE, ADMIN_INPUT, when it is asked */
export function openServerAdmin(options: AppOptions): AdminClient {
  const { operatorSocket } = options.paths;
  const transport: AdminTransport = (request) =>
    requestOverUnixSocket(operatorSocket, { ...request, timeoutMs: adminTimeoutMs });
  return createAdminClient(forConfig(transport, options), () => Promise.resolve());
}

// A server runs on the config that it loaded, whatever the file says by now.
function isServed(error: unknown, paths: StatePaths): boolean {
  if (!(error instanceof SallyportError)) return false;
  return (
    error.code === 'STATE_LOCKED' || (error.code === 'CONFIG_INVALID' && lockHolder(paths.stateFolder) !== undefined)
  );
}
