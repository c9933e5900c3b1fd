// The installation at a glance, with everything that an operator should do something about.
import { Hono } from 'hono';
import { auditHead } from '../../audit/audit-head.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { AdminContext } from '../admin-context.ts';
import type { AgentView, CredentialView, Status } from '../client-shapes.ts';
import { agentViews } from './agent-routes.ts';
import { credentialViews } from './credential-routes.ts';

/** A credential or token whose end is nearer than a tenth of its lifetime is worth a notice. */
const noticeShare = 0.1;

/** `GET /`. */
export function statusRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/', async (c) => c.json(await status(context)));
  return routes;
}

async function status(context: AdminContext): Promise<Status> {
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
    audit: await auditHead(context.store),
    notices: [...statusNotices(context)],
  };
}

/** What an operator should know or do, in plain words. */
export function statusNotices(context: AdminContext): readonly string[] {
  const nowMs = context.clock.nowMs();
  return [
    ...context.configNotices(),
    ...credentialViews(context).flatMap((credential) => credentialNotices(credential, nowMs)),
    ...agentViews(context).flatMap((agent) => [...agentNotices(agent), ...localNotice(agent)]),
    ...serviceNotices(context),
    ...metricsNotices(context),
  ];
}

function credentialNotices(credential: CredentialView, nowMs: number): readonly string[] {
  const again = addAgain(credential);
  const name = `credential ${credential.id}`;
  switch (credential.state) {
    case 'missing':
      return [`${name} has no value: ${again}`];
    case 'expired':
      return [`${name} is past its maximum lifetime and is refused: ${again}`];
    case 'target-changed':
      return [
        `${name} was sealed for another target (${credential.target ?? ''}) and is refused: if that is right, run \`sallyport credential rebind ${credential.id}\`, else ${again}`,
      ];
    case 'undeclared':
      return [`${name} is not in the config any more: run \`sallyport credential remove ${credential.id}\``];
    case 'ready':
      return [...dueNotice(credential, nowMs), ...(credential.isWeak ? [`${name} is weak (under 48 bits)`] : [])];
  }
}

function addAgain(credential: CredentialView): string {
  return `run \`sallyport credential add ${credential.id}\``;
}

function dueNotice(credential: CredentialView, nowMs: number): readonly string[] {
  if (credential.dueAtMs === null || credential.maxLifetimeMs === null) return [];
  const leftMs = credential.dueAtMs - nowMs;
  if (leftMs > credential.maxLifetimeMs * noticeShare) return [];
  const left = formatDuration(Math.max(1000, Math.trunc(leftMs / 1000) * 1000));
  return [`credential ${credential.id} ends in ${left}: ${addAgain(credential)}`];
}

function agentNotices(agent: AgentView): readonly string[] {
  switch (agent.state) {
    case 'no-token':
      return [`agent ${agent.id} has no token: run \`sallyport agent add ${agent.id}\``];
    case 'token-expired':
      return [`agent ${agent.id} has a token past its lifetime: run \`sallyport agent renew ${agent.id}\``];
    case 'undeclared':
      return [`agent ${agent.id} has a token but is not in the config: run \`sallyport agent revoke ${agent.id}\``];
    case 'revoked':
    case 'ready':
      return [];
  }
}

function localNotice({ id, isLocal }: AgentView): readonly string[] {
  return isLocal ? [`agent ${id} needs no token on this machine (local: true)`] : [];
}

function metricsNotices({ config, metricsToken }: AdminContext): readonly string[] {
  if (config.metrics === null || metricsToken.exists) return [];
  return ['the metrics have no token, and nobody can read them: run `sallyport metrics token`'];
}

function serviceNotices(context: AdminContext): readonly string[] {
  return [...context.config.services.values()]
    .filter((service) => service.type === 'http' && service.trust.kind === 'loopback')
    .map((service) => `service ${service.id} is reached without TLS (trust: loopback)`);
}
