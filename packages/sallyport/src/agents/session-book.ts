// Sessions of agents: one at a time for each, opened by the first call, ended by time, stopped and reopened by operators.
import type { AgentDefinition, AgentId, Session, SessionId, SessionLabels } from '../domain/agent.ts';
import type { AdministrativeEntry } from '../domain/audit-entry.ts';
import { SallyportError } from '../domain/errors.ts';
import { newId } from '../domain/id.ts';
import type { Random } from '../domain/random.ts';
import type { Statement } from '../store/store.ts';
import { changeSession, insertSession, type SessionRecord, sessionId } from './agent-rows.ts';

/** Where changes of agents are recorded; resolves when the entry and the statements are durable, both or neither. */
export interface AgentJournal {
  record(entry: AdministrativeEntry, options: { readonly statements: readonly Statement[] }): Promise<unknown>;
}

/** What the book works with. */
export interface SessionBookDeps {
  readonly journal: AgentJournal;
  readonly random: Random;
  /** Milliseconds since the epoch that never go backwards. */
  readonly nowMs: () => number;
}

const noLabels: SessionLabels = Object.freeze({ hasReadPrivate: false, hasReadUntrusted: false });

/** The sessions of all agents; reads are from memory, changes are durable when they resolve. */
export class SessionBook {
  readonly #deps: SessionBookDeps;
  readonly #latest: Map<AgentId, SessionRecord>;
  readonly #opening = new Map<AgentId, Promise<Session>>();

  constructor(latest: ReadonlyMap<AgentId, SessionRecord>, deps: SessionBookDeps) {
    this.#latest = new Map(latest);
    this.#deps = deps;
  }

  /** The open session of an agent; null when the next call must open one. @throws SallyportError SESSION_REVOKED */
  current(agent: AgentId): Session | null {
    const latest = this.#latest.get(agent);
    if (latest === undefined || latest.state === 'ended') return null;
    // A revoked session does not end by time: only an operator opens the next one.
    if (latest.state === 'revoked') throw revoked();
    return this.#deps.nowMs() < latest.expiresAtMs ? latest : null;
  }

  /** Opens a session for a call; calls that come meanwhile get the same one. `inTurn` orders the changes of one agent. */
  openForCall(agent: AgentDefinition, inTurn: <T>(change: () => Promise<T>) => Promise<T>): Promise<Session> {
    const opening = this.#opening.get(agent.id);
    if (opening !== undefined) return opening;
    const opened = inTurn(async () => this.current(agent.id) ?? (await this.#open(agent, 'first-call'))).finally(() =>
      this.#opening.delete(agent.id),
    );
    this.#opening.set(agent.id, opened);
    return opened;
  }

  /** Opens a fresh session with cleared labels, whatever the last one was. */
  openByOperator(agent: AgentDefinition): Promise<Session> {
    return this.#open(agent, 'operator');
  }

  /** Sessions that are open or revoked. */
  list(): readonly (Session & { readonly state: 'open' | 'revoked' })[] {
    return inForce([...this.#latest.values()], this.#deps.nowMs());
  }

  /** The agent of an open session. @throws SallyportError ADMIN_INPUT */
  agentOf(session: SessionId): AgentId {
    const record = this.list().find(({ id, state }) => id === session && state === 'open');
    if (record === undefined) throw notOpen();
    return record.agent;
  }

  /** Stops a session. @throws SallyportError ADMIN_INPUT when it is no longer the open one */
  async revoke(session: SessionId, agent: AgentId): Promise<void> {
    const record = this.#latest.get(agent);
    if (record?.id !== session || record.state !== 'open') throw notOpen();
    const { journal, nowMs } = this.#deps;
    const entry = { kind: 'session.revoked', at: nowMs(), subject: session, facts: { agent } } as const;
    await journal.record(entry, { statements: [changeSession(record, 'revoked')] });
    this.#latest.set(agent, { ...record, state: 'revoked' });
  }

  /** What ends the open session of an agent within a batch of others, and what to do once that batch is durable. */
  ending(agent: AgentId): { readonly statements: readonly Statement[]; readonly apply: () => void } {
    const record = this.#latest.get(agent);
    if (record?.state !== 'open') return { statements: [], apply: () => undefined };
    const apply = (): void => {
      this.#latest.set(agent, { ...record, state: 'ended' });
    };
    return { statements: [changeSession(record, 'ended')], apply };
  }

  async #open(agent: AgentDefinition, openedBy: Session['openedBy']): Promise<Session> {
    const { journal, nowMs, random } = this.#deps;
    const at = nowMs();
    const last = this.#latest.get(agent.id);
    const record: SessionRecord = Object.freeze({
      id: sessionId(newId(at, random)),
      agent: agent.id,
      openedAtMs: at,
      expiresAtMs: at + agent.sessionMaxLifetimeMs,
      openedBy,
      labels: openedBy === 'operator' ? noLabels : (last?.labels ?? noLabels),
      state: 'open',
    });
    const ended = last === undefined || last.state === 'ended' ? [] : [changeSession(last, 'ended')];
    const entry = {
      kind: last?.state === 'revoked' ? 'session.reopened' : 'session.opened',
      at,
      subject: record.id,
      facts: { agent: agent.id, openedBy, expiresAtMs: record.expiresAtMs },
    } as const;
    await journal.record(entry, { statements: [...ended, insertSession(record)] });
    this.#latest.set(agent.id, record);
    return record;
  }
}

/** Those sessions that are open or revoked. */
export function inForce(
  records: readonly SessionRecord[],
  nowMs: number,
): readonly (Session & { readonly state: 'open' | 'revoked' })[] {
  return records.flatMap((record) => {
    const { state } = record;
    if (state === 'ended' || (state === 'open' && nowMs >= record.expiresAtMs)) return [];
    return [{ ...record, state }];
  });
}

function revoked(): SallyportError {
  return new SallyportError('SESSION_REVOKED', 'the session was revoked; an operator has to open another');
}

function notOpen(): SallyportError {
  return new SallyportError('ADMIN_INPUT', 'there is no such open session; list the sessions to see those that are');
}
