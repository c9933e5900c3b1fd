// Opens the listener of the metrics, and reads everything at the moment of a scrape.
import type { AdminContext } from '../../admin/admin-context.ts';
import { agentViews } from '../../admin/views/agent-views.ts';
import { credentialViews } from '../../admin/views/credential-views.ts';
import { auditHead } from '../../audit/audit-head.ts';
import type { ListenAddress } from '../../domain/config.ts';
import { version } from '../../launch/version.ts';
import { startListener } from '../../net/listen.ts';
import type { Listener } from '../../net/listener.ts';
import type { Network } from '../../net/network.ts';
import type { CallCounters } from './call-counters.ts';
import type { Family } from './exposition.ts';
import { families } from './families.ts';
import { createMetricsDoor } from './metrics-door.ts';

/** What the listener of the metrics is made of. */
export interface MetricsOptions {
  readonly address: ListenAddress | null;
  readonly context: AdminContext;
  readonly counters: CallCounters | null;
  readonly network: Network;
}

/** Starts to answer scrapes; null when the config has no metrics. @throws SallyportError CONFIG_INVALID */
export async function openMetrics(options: MetricsOptions): Promise<Listener | null> {
  const { address, context, counters, network } = options;
  if (address === null || counters === null) return null;
  const handler = createMetricsDoor({ token: context.metricsToken, read: () => read(context, counters) });
  // Who may not ask gets a refusal; whoever knocks here is no agent, and no door of theirs counts it.
  const listener = await startListener({ address, section: 'metrics', handler, refused: () => {} });
  network.refuseOwnListener(listener.host, listener.port);
  return listener;
}

async function read(context: AdminContext, counters: CallCounters): Promise<readonly Family[]> {
  const { size } = await auditHead(context.store);
  const { user, system } = process.cpuUsage();
  return families({
    counters,
    credentials: credentialViews(context),
    agents: agentViews(context),
    auditRecords: size,
    configDigest: context.config.digest,
    version,
    startedAtMs: context.server()?.startedAtMs ?? 0,
    nowMs: context.clock.nowMs(),
    process: { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 },
  });
}
