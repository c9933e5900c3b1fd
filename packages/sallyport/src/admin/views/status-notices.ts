// What an operator should know or do: everything that is due, refused, waiting or weaker than it could be.
import { localTime } from '../../domain/local-time.ts';
import { type Notice, remark, todo } from '../../domain/notice.ts';
import type { AgentView, ApprovalView, CredentialView } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';
import { agentViews } from './agent-views.ts';
import { approvalViews } from './approval-views.ts';
import { credentialViews } from './credential-views.ts';

/** A credential or token whose end is nearer than a tenth of its lifetime is worth a notice. */
const noticeShare = 0.1;

/** All notices: what is to be done first, then what is meant so. */
export async function statusNotices(context: ReadingContext): Promise<readonly Notice[]> {
  const nowMs = context.clock.nowMs();
  const notices = [
    ...(await context.configNotices()),
    ...approvalNotices(await approvalViews(context, 'pending')),
    ...credentialViews(context).flatMap((credential) => credentialNotices(credential, nowMs)),
    ...agentViews(context).flatMap((agent) => agentNotices(agent, nowMs)),
    ...metricsNotices(context),
    ...serviceNotices(context),
  ];
  return [...notices.filter(({ remedy }) => remedy !== null), ...notices.filter(({ remedy }) => remedy === null)];
}

function approvalNotices(waiting: readonly ApprovalView[]): readonly Notice[] {
  return waiting.map(({ id, agent, operation, expiresAtMs }) =>
    todo(
      `${operation} of ${agent} waits for a decision, until ${localTime(expiresAtMs)}`,
      `run \`sallyport approval show ${id}\``,
    ),
  );
}

/** What is due, or refused, of a credential. */
export function credentialNotices(credential: CredentialView, nowMs: number): readonly Notice[] {
  const again = `run \`sallyport credential add ${credential.id}\``;
  const name = `credential ${credential.id}`;
  switch (credential.state) {
    case 'missing':
      return [todo(`${name} has no value`, again)];
    case 'unreadable':
      return [
        todo(
          `${name} was changed in the state, does not open and is refused`,
          `keep a copy of the state, then ${again}`,
        ),
      ];
    case 'expired':
      return [todo(`${name} is past its maximum lifetime and is refused`, again)];
    case 'target-changed':
      return [
        todo(
          `${name} was sealed for another target (${credential.target ?? ''}) and is refused`,
          `undo the change of the config, or, if it is right, run \`sallyport credential rebind ${credential.id}\``,
        ),
      ];
    case 'undeclared':
      return [todo(`${name} is not in the config any more`, `run \`sallyport credential remove ${credential.id}\``)];
    case 'ready':
      return [
        ...(isDueSoon(credential.addedAtMs, credential.dueAtMs, nowMs)
          ? [todo(`${name} ends at ${localTime(credential.dueAtMs ?? nowMs)}`, again)]
          : []),
        ...(credential.isWeak ? [remark(`${name} is weak (under 48 bits)`)] : []),
      ];
  }
}

/** What is due, or refused, of an agent, its token and its session. */
export function agentNotices(agent: AgentView, nowMs: number): readonly Notice[] {
  return [...tokenNotices(agent, nowMs), ...sessionNotices(agent), ...localNotices(agent)];
}

/** What is due, or refused, of an agent's token. */
export function tokenNotices(
  { id, state, tokenCreatedAtMs, tokenDueAtMs }: AgentView,
  nowMs: number,
): readonly Notice[] {
  const renew = `run \`sallyport agent renew ${id}\``;
  switch (state) {
    case 'no-token':
      return [todo(`agent ${id} has no token`, `run \`sallyport agent add ${id}\``)];
    case 'token-expired':
      return [todo(`agent ${id} has a token past its lifetime, and its calls are refused`, renew)];
    case 'undeclared':
      return [todo(`agent ${id} has a token but is not in the config`, `run \`sallyport agent revoke ${id}\``)];
    case 'revoked':
      return [
        todo(
          `agent ${id} was revoked, and its calls are refused`,
          `take it out of the config, or, to let it in again, ${renew}`,
        ),
      ];
    case 'ready': {
      if (!isDueSoon(tokenCreatedAtMs, tokenDueAtMs, nowMs)) return [];
      return [todo(`the token of agent ${id} ends at ${localTime(tokenDueAtMs ?? nowMs)}`, renew)];
    }
  }
}

/** A session that holds its agent back. */
export function sessionNotices({ id, sessionState }: AgentView): readonly Notice[] {
  if (sessionState !== 'revoked') return [];
  const open = `to let it go on, run \`sallyport session open ${id}\``;
  return [todo(`the session of agent ${id} was revoked, and its calls are refused`, open)];
}

function localNotices({ id, isLocal, state }: AgentView): readonly Notice[] {
  return isLocal && state === 'ready' ? [remark(`agent ${id} needs no token on this machine (local: true)`)] : [];
}

function metricsNotices({ config, metricsToken }: ReadingContext): readonly Notice[] {
  if (config.metrics === null || metricsToken.exists) return [];
  return [todo('the metrics have no token, and nobody can read them', 'run `sallyport metrics token`')];
}

function serviceNotices(context: ReadingContext): readonly Notice[] {
  return [...context.config.services.values()]
    .filter((service) => service.type !== 'sqlite' && service.trust.kind === 'loopback')
    .map((service) => remark(`service ${service.id} is reached without TLS (trust: loopback)`));
}

function isDueSoon(fromMs: number | null, dueAtMs: number | null, nowMs: number): boolean {
  return fromMs !== null && dueAtMs !== null && dueAtMs - nowMs <= (dueAtMs - fromMs) * noticeShare;
}
