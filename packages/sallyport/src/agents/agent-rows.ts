// How tokens and sessions lie in the store, and the statements that change them.
import type { AgentId, Session, SessionId } from '../domain/agent.ts';
import { SallyportError } from '../domain/errors.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import type { AgentTokenInfo } from './agent-registry.ts';

/** A token as it is kept in memory. */
export interface AgentToken extends AgentTokenInfo {
  readonly hmac: string;
}

/** The latest session of an agent; an ended one is kept for its labels. */
export type SessionRecord = Session & { readonly state: 'open' | 'ended' | 'revoked' };

/** Every token, oldest first. */
export async function readTokens(store: Store): Promise<readonly AgentToken[]> {
  const rows = await store.read(
    query.selectFrom('agent_token').selectAll().orderBy('created_at').orderBy('id').compile(),
  );
  return rows.map((row) => ({
    id: row.id,
    agent: agentId(row.agent),
    hmac: row.hmac,
    createdAtMs: row.created_at,
    state: row.state,
  }));
}

/** The latest session of each agent. */
export async function readSessions(store: Store): Promise<ReadonlyMap<AgentId, SessionRecord>> {
  const latest = query
    .selectFrom('session as other')
    .select(({ fn }) => fn.max('other.id').as('id'))
    .groupBy('other.agent');
  const rows = await store.read(
    query
      .selectFrom('session')
      .selectAll()
      .where((where) => where.or([where('state', 'in', ['open', 'revoked']), where('id', 'in', latest)]))
      .compile(),
  );
  const sessions = new Map<AgentId, SessionRecord>();
  for (const row of rows) {
    const agent = agentId(row.agent);
    // After a clock that went backwards, the session in force need not be the one with the highest id.
    if (row.state === 'ended' && sessions.has(agent)) continue;
    sessions.set(agent, {
      id: sessionId(row.id),
      agent,
      openedAtMs: row.opened_at,
      expiresAtMs: row.expires_at,
      openedBy: row.opened_by,
      state: row.state,
      labels: { hasReadPrivate: row.has_read_private === 1, hasReadUntrusted: row.has_read_untrusted === 1 },
    });
  }
  return sessions;
}

/** Adds a token. */
export function insertToken(token: AgentToken): Statement {
  const { id, agent, hmac, createdAtMs, state } = token;
  const row = { id, agent, hmac, created_at: createdAtMs, state, revoked_at: null };
  return statement(query.insertInto('agent_token').values(row).compile(), { expectRows: 1 });
}

/** Ends a token. */
export function revokeToken({ id }: AgentToken, nowMs: number): Statement {
  const change = { state: 'revoked', revoked_at: nowMs } as const;
  const update = query.updateTable('agent_token').set(change).where('id', '=', id).where('state', '=', 'active');
  return statement(update.compile(), { expectRows: 1 });
}

/** Adds a session. */
export function insertSession(session: SessionRecord): Statement {
  const row = {
    id: session.id,
    agent: session.agent,
    opened_at: session.openedAtMs,
    expires_at: session.expiresAtMs,
    opened_by: session.openedBy,
    state: session.state,
    has_read_private: session.labels.hasReadPrivate ? 1 : 0,
    has_read_untrusted: session.labels.hasReadUntrusted ? 1 : 0,
  } as const;
  return statement(query.insertInto('session').values(row).compile(), { expectRows: 1 });
}

/** Moves a session to another state; undone when it is not in the state that is known here. */
export function changeSession(session: SessionRecord, state: 'ended' | 'revoked'): Statement {
  const update = query
    .updateTable('session')
    .set({ state })
    .where('id', '=', session.id)
    .where('state', '=', session.state);
  return statement(update.compile(), { expectRows: 1 });
}

/** An agent's name from the store. @throws SallyportError STATE_UNSAFE */
function agentId(text: string): AgentId {
  if (!isAgentId(text)) throw new SallyportError('STATE_UNSAFE', 'the store holds an agent without a name');
  return text;
}

/** A session's id, from the store or new. @throws SallyportError STATE_UNSAFE */
export function sessionId(text: string): SessionId {
  if (!isSessionId(text)) throw new SallyportError('STATE_UNSAFE', 'the store holds a session without an id');
  return text;
}

function isAgentId(text: string): text is AgentId {
  return text !== '';
}

function isSessionId(text: string): text is SessionId {
  return /^[0-9a-f-]{36}$/.test(text);
}
