// Finds out whether a service can be reached and proves its identity: dials as a call would, and hangs up.
import type { NetworkService } from '../domain/service.ts';
import { dialTarget } from './create-network.ts';
import { dial, systemResolve } from './dial.ts';

/**
 * Dials a service and closes the connection; no request and no credential is sent.
 * @throws SallyportError ADDRESS_REFUSED, UPSTREAM_UNREACHABLE, UPSTREAM_IDENTITY
 */
export async function probeService(service: NetworkService, connectTimeoutMs: number): Promise<void> {
  const socket = await dial(dialTarget(service), { resolve: systemResolve, ownListeners: [], connectTimeoutMs });
  socket.on('error', () => {}).destroy();
}
