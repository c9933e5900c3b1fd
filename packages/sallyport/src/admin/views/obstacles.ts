// What stands in the way of a call beside the policy: its agent's token and session before it, the credential after it.
import type { CompiledOperation } from '../../catalogue/catalogue.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { type Notice, todo } from '../../domain/notice.ts';
import { hasAllowList } from '../../domain/reply-policy.ts';
import type { AgentView, CredentialView } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';
import { agentViews } from './agent-views.ts';
import { credentialViews } from './credential-views.ts';
import { credentialNotices, sessionNotices, tokenNotices } from './status-notices.ts';

/** Something that refuses a call, with the code that the agent gets and what the operator can do about it. */
export interface Obstacle extends Notice {
  readonly code: ErrorCode;
}

const tokenCodes: Readonly<Record<AgentView['state'], ErrorCode | null>> = {
  ready: null,
  'no-token': 'TOKEN_UNKNOWN',
  'token-expired': 'TOKEN_EXPIRED',
  revoked: 'TOKEN_UNKNOWN',
  undeclared: 'TOKEN_UNKNOWN',
};

/** What refuses every call of an agent, in the order in which a call meets it. */
export function agentObstacles(context: ReadingContext, id: string): readonly Obstacle[] {
  const nowMs = context.clock.nowMs();
  const agent = agentViews(context).find((each) => each.id === id);
  if (agent === undefined) return [];
  const code = tokenCodes[agent.state];
  return [
    ...(code === null ? [] : withCode(code, tokenNotices(agent, nowMs))),
    ...withCode('SESSION_REVOKED', sessionNotices(agent)),
  ];
}

const credentialCodes: Readonly<Record<CredentialView['state'], ErrorCode | null>> = {
  ready: null,
  missing: 'CREDENTIAL_MISSING',
  unreadable: 'CREDENTIAL_MISSING',
  expired: 'CREDENTIAL_EXPIRED',
  'target-changed': 'CREDENTIAL_TARGET_CHANGED',
  undeclared: null,
};

/** What refuses an allowed call because of the credential of its operation. */
export function credentialObstacles(context: ReadingContext, operation: CompiledOperation): readonly Obstacle[] {
  const id = operation.credential?.definition.id;
  const credential = credentialViews(context).find((each) => each.id === id);
  if (credential === undefined) return [];
  if (credential.isWeak && !hasAllowList(operation.definition.reply)) return [weak(credential.id)];
  const code = credentialCodes[credential.state];
  return code === null ? [] : withCode(code, credentialNotices(credential, context.clock.nowMs()));
}

function weak(id: string): Obstacle {
  const what = `credential ${id} is weak (under 48 bits), and this operation has no list of reply fields`;
  return { code: 'CREDENTIAL_WEAK', ...todo(what, `list its fields under \`reply\`, or add a stronger value`) };
}

function withCode(code: ErrorCode, notices: readonly Notice[]): readonly Obstacle[] {
  return notices.map((notice) => ({ code, ...notice }));
}
