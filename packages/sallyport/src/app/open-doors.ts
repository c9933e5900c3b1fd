// The doors of a server: for agents on an address and a socket, for operators on a socket, for metrics where the config has them.
import type { RequestListener } from 'node:http';
import type { AdminContext } from '../admin/admin-context.ts';
import type { ListenAddress } from '../domain/config.ts';
import type { SallyportError } from '../domain/errors.ts';
import { createAgentFrontend } from '../frontends/agent-frontend.ts';
import type { StatePaths } from '../launch/state-paths.ts';
import { version } from '../launch/version.ts';
import { startListener, startSocketListener } from '../net/listen.ts';
import { listenOnUnixSocket } from '../net/unix-socket.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { type MetricsOptions, openMetrics } from './metrics/start-metrics.ts';

/** Where the agents' doors are. */
export interface DoorPlaces {
  readonly address: ListenAddress;
  readonly paths: StatePaths;
}

/** The agents' doors, open until they are closed or the stack is disposed of: a start that fails later leaves none open. */
export async function openAgentDoors(
  pipeline: Pipeline,
  { address, paths }: DoorPlaces,
  parts: AsyncDisposableStack,
): Promise<{
  readonly host: string;
  readonly port: number;
  readonly url: string;
  close(graceMs: number): Promise<void>;
}> {
  const door = { pipeline, serverInfo: { name: 'sallyport', version } };
  const refused = (error: SallyportError) => pipeline.refusedAtDoor(error);
  const listener = await startListener({ address, handler: createAgentFrontend(door), refused });
  parts.defer(() => listener.close(0));
  const local = await startSocketListener({
    path: paths.agentSocket,
    handler: createAgentFrontend({ ...door, via: 'socket' }),
    refused,
  });
  parts.defer(() => local.close(0));
  const { scheme, host, port } = listener;
  return {
    host,
    port,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close(graceMs) {
      await Promise.all([listener.close(graceMs), local.close(graceMs)]);
    },
  };
}

/** The operators' socket and the listener of the metrics, open until they are closed or the stack is disposed of. */
export async function openOperatorDoors(
  { operatorSocket }: StatePaths,
  metricsOptions: MetricsOptions,
  parts: AsyncDisposableStack,
): Promise<{ close(): Promise<void> }> {
  const operators = await listenOnUnixSocket(operatorSocket, adminHandler(metricsOptions.context));
  parts.defer(() => operators.close());
  const metrics = await openMetrics(metricsOptions);
  const close = async () => {
    await operators.close();
    await metrics?.close(0);
  };
  parts.defer(close);
  return { close };
}

// Loaded when the first operator asks: agents never need it.
function adminHandler(context: AdminContext): RequestListener {
  let loading: Promise<RequestListener> | undefined;
  return (request, response) => {
    loading ??= import('../admin/admin-api.ts').then(({ adminRequestHandler, createAdminApi }) =>
      adminRequestHandler(createAdminApi(context)),
    );
    loading.then(
      (handle) => handle(request, response),
      () => response.destroy(),
    );
  };
}
