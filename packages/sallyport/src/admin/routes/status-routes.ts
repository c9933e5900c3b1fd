// The installation at a glance, with everything that an operator should do something about.
import { Hono } from 'hono';
import { auditHead } from '../../audit/audit-head.ts';
import type { Status } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';
import { agentViews } from '../views/agent-views.ts';
import { approvalViews } from '../views/approval-views.ts';
import { credentialViews } from '../views/credential-views.ts';
import { statusNotices } from '../views/status-notices.ts';

/** `GET /`. */
export function statusRoutes(context: ReadingContext): Hono {
  const routes = new Hono();
  routes.get('/', async (c) => c.json(await status(context)));
  return routes;
}

async function status(context: ReadingContext): Promise<Status> {
  const credentials = [...credentialViews(context)];
  const agents = [...agentViews(context)];
  return {
    server: context.server(),
    level: context.level,
    config: { file: context.config.file, digest: context.config.digest },
    stateDirectory: context.stateDirectory,
    unlockSource: context.unlockSource,
    operations: context.catalogue.operations.size,
    credentials,
    agents,
    approvals: await approvalViews(context, 'pending'),
    audit: await auditHead(context.store),
    notices: [...(await statusNotices(context))],
  };
}
