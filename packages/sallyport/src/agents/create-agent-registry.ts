// The registry of agents: tokens by HMAC, sessions and rates in memory, every change durable with its audit record.
import { hash } from 'node:crypto';
import type { AgentDefinition, AgentId, LocalName, Presented, Session, SessionId } from '../domain/agent.ts';
import type { AdministrativeEntry } from '../domain/audit-entry.ts';
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import { newId } from '../domain/id.ts';
import type { Random } from '../domain/random.ts';
import { Secret } from '../domain/secret.ts';
import type { Statement, Store } from '../store/store.ts';
import { readUses, readUsesOf, UseLogs } from './agent-rates.ts';
import type { AgentRates, AgentRegistry, AgentTokenInfo, EndsWithAgent } from './agent-registry.ts';
import { type AgentToken, insertToken, readSessions, readTokens, revokeToken } from './agent-rows.ts';
import { isWellFormedToken, newTokenText, tokenHmac } from './agent-token.ts';
import { type AgentJournal, SessionBook } from './session-book.ts';
import { steadyClock } from './steady-clock.ts';

/** What the registry works with. */
export interface AgentRegistryDeps {
  readonly store: Store;
  readonly journal: AgentJournal;
  /** Key of the HMAC under which tokens are stored, 32 bytes. */
  readonly tokenKey: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  /** The agents whose rates are restored from the audit; none when left out. */
  readonly agents?: Iterable<AgentDefinition>;
}

/**
 * Reads tokens, sessions and rates from the store.
 * @throws SallyportError STORE_FAILED, STATE_UNSAFE
 */
export async function createAgentRegistry(deps: AgentRegistryDeps): Promise<AgentRegistry> {
  const { store, journal, clock, random } = deps;
  const nowMs = steadyClock(clock);
  const tokens = await readTokens(store);
  const sessions = new SessionBook(await readSessions(store), { journal, random, nowMs });
  const startedAtMs = clock.nowMs();
  const uses = await readUses(store, deps.agents ?? [], startedAtMs);
  return new Registry({ tokens, sessions, uses, nowMs, deps, startedAtMs });
}

interface RegistryState {
  readonly tokens: readonly AgentToken[];
  readonly sessions: SessionBook;
  readonly uses: ReadonlyMap<AgentId, UseLogs>;
  readonly nowMs: () => number;
  readonly startedAtMs: number;
  readonly deps: AgentRegistryDeps;
}

class Registry implements AgentRegistry {
  readonly #deps: AgentRegistryDeps;
  readonly #nowMs: () => number;
  readonly #tokens: Map<string, AgentToken>;
  /** HMACs of tokens that were shown before, by the digest of the token. */
  readonly #hmacs = new Map<string, string>();
  readonly #sessions: SessionBook;
  readonly #uses: Map<AgentId, UseLogs>;
  /** Uses of before are known from the audit only. */
  readonly #startedAtMs: number;
  readonly #turns = new Map<AgentId, Promise<unknown>>();

  constructor({ tokens, sessions, uses, nowMs, startedAtMs, deps }: RegistryState) {
    this.#startedAtMs = startedAtMs;
    this.#deps = deps;
    this.#nowMs = nowMs;
    this.#tokens = new Map(tokens.map((token) => [token.hmac, token]));
    this.#sessions = sessions;
    this.#uses = new Map(uses);
  }

  authenticate(text: Presented, definitionOf: (agent: AgentId) => AgentDefinition | undefined): AgentDefinition {
    if (typeof text === 'object') return this.#localAgent(text, definitionOf);
    if (text === undefined || text === '') {
      throw new SallyportError('TOKEN_MISSING', 'send the agent token as a bearer token in the authorization header');
    }
    // Before any look-up: what cannot be a token costs no HMAC.
    if (!isWellFormedToken(text)) {
      throw new SallyportError(
        'TOKEN_MALFORMED',
        'this is not a complete agent token; check that all of it was copied',
      );
    }
    const token = this.#tokens.get(this.#hmacOf(text));
    if (token === undefined) throw unknownToken('no token has this value');
    if (token.state === 'revoked') throw unknownToken(`a token of ${token.agent} that was revoked`);
    const definition = definitionOf(token.agent);
    if (definition === undefined) throw unknownToken(`a token of ${token.agent}, which the config does not declare`);
    this.#requireLifetime(token, definition);
    return definition;
  }

  // A digest of a token's 256 random bits is no way back to it, and costs a tenth of the HMAC.
  #hmacOf(text: string): string {
    const digest = hash('sha256', text);
    const known = this.#hmacs.get(digest);
    if (known !== undefined) return known;
    const hmac = tokenHmac(this.#deps.tokenKey, text);
    // Only those of tokens that there are, or strangers could fill the memory.
    if (this.#tokens.has(hmac)) this.#hmacs.set(digest, hmac);
    return hmac;
  }

  #requireLifetime({ agent, createdAtMs }: AgentToken, { tokenMaxLifetimeMs }: AgentDefinition): void {
    if (this.#nowMs() < createdAtMs + tokenMaxLifetimeMs) return;
    const cause = new Error(`a token of ${agent}`);
    throw new SallyportError(
      'TOKEN_EXPIRED',
      'the agent token reached its maximum lifetime; an operator has to renew it',
      {
        cause,
      },
    );
  }

  #localAgent({ local }: LocalName, definitionOf: (agent: AgentId) => AgentDefinition | undefined): AgentDefinition {
    for (const token of this.#tokens.values()) {
      if (token.agent !== local || token.state !== 'active') continue;
      const definition = definitionOf(token.agent);
      if (definition?.isLocal !== true) continue;
      this.#requireLifetime(token, definition);
      return definition;
    }
    // One answer for all of it, like that to tokens: names are not to be found out here.
    throw new SallyportError(
      'TOKEN_UNKNOWN',
      'there is no local agent of this name, or it was revoked; an operator sees which in `sallyport agent list`: a new one is ' +
        'declared with `local: true` and let in by `sallyport agent add`, a revoked one by `sallyport agent renew`',
    );
  }

  session(agent: AgentDefinition): Session | Promise<Session> {
    const open = this.#sessions.current(agent.id);
    return open ?? this.#sessions.openForCall(agent, (change) => this.#inTurn(agent.id, change));
  }

  async adopt(agents: Iterable<AgentDefinition>): Promise<void> {
    const question = { agents, nowMs: this.#nowMs(), untilMs: this.#startedAtMs };
    const rules = await readUsesOf(this.#deps.store, question);
    for (const uses of rules) this.#usesOf(uses.agent).replaceBefore(this.#startedAtMs, uses);
  }

  rates(agent: AgentId): AgentRates {
    return this.#usesOf(agent);
  }

  #usesOf(agent: AgentId): UseLogs {
    const known = this.#uses.get(agent);
    if (known !== undefined) return known;
    const uses = new UseLogs();
    this.#uses.set(agent, uses);
    return uses;
  }

  addToken(agent: AgentDefinition): Promise<Secret> {
    return this.#inTurn(agent.id, async () => {
      if (this.#isRevoked(agent.id)) throw wasRevoked(agent.id);
      if (this.#tokensOf(agent.id).length > 0) {
        throw new SallyportError(
          'ADMIN_INPUT',
          `this agent has a token already; \`sallyport agent renew ${agent.id}\` makes another, and ends that one`,
        );
      }
      return this.#makeToken(agent, 'agent.added');
    });
  }

  renewToken(agent: AgentDefinition): Promise<Secret> {
    return this.#inTurn(agent.id, async () => {
      if (this.#tokensOf(agent.id).length === 0) throw neverHadToken();
      return this.#makeToken(agent, 'agent.renewed');
    });
  }

  revoke(agent: AgentId, also: EndsWithAgent = { approvals: [], statements: [] }): Promise<void> {
    return this.#inTurn(agent, async () => {
      if (this.#tokensOf(agent).length === 0) throw neverHadToken();
      const at = this.#nowMs();
      const active = this.#activeOf(agent);
      const session = this.#sessions.ending(agent);
      const entry = {
        kind: 'agent.revoked',
        at,
        subject: agent,
        facts: { tokens: active.map(({ id }) => id), approvals: also.approvals },
      } as const;
      const ended = active.map((token) => revokeToken(token, at));
      await this.#record(entry, [...ended, ...session.statements, ...also.statements]);
      this.#forget(active);
      session.apply();
    });
  }

  tokens(): readonly AgentTokenInfo[] {
    return [...this.#tokens.values()].map(({ id, agent, createdAtMs, state }) => ({ id, agent, createdAtMs, state }));
  }

  sessions(): ReturnType<SessionBook['list']> {
    return this.#sessions.list();
  }

  async revokeSession(session: SessionId): Promise<void> {
    const agent = this.#sessions.agentOf(session);
    await this.#inTurn(agent, () => this.#sessions.revoke(session, agent));
  }

  openSession(agent: AgentDefinition): Promise<Session> {
    return this.#inTurn(agent.id, () => {
      if (this.#isRevoked(agent.id)) throw wasRevoked(agent.id);
      return this.#sessions.openByOperator(agent);
    });
  }

  async #makeToken(agent: AgentDefinition, kind: 'agent.added' | 'agent.renewed'): Promise<Secret> {
    const { tokenKey, random } = this.#deps;
    const at = this.#nowMs();
    const text = newTokenText(random);
    const id = newId(at, random);
    const token: AgentToken = {
      id,
      agent: agent.id,
      hmac: tokenHmac(tokenKey, text),
      createdAtMs: at,
      state: 'active',
    };
    const active = this.#activeOf(agent.id);
    const facts = { token: id, maxLifetimeMs: agent.tokenMaxLifetimeMs, ended: active.map((old) => old.id) };
    const statements = [...active.map((old) => revokeToken(old, at)), insertToken(token)];
    await this.#record({ kind, at, subject: agent.id, facts }, statements);
    this.#forget(active);
    this.#tokens.set(token.hmac, token);
    return new Secret(text);
  }

  #record(entry: AdministrativeEntry, statements: readonly Statement[]): Promise<unknown> {
    return this.#deps.journal.record(entry, { statements });
  }

  #tokensOf(agent: AgentId): readonly AgentToken[] {
    return [...this.#tokens.values()].filter((token) => token.agent === agent);
  }

  #activeOf(agent: AgentId): readonly AgentToken[] {
    return this.#tokensOf(agent).filter(({ state }) => state === 'active');
  }

  #isRevoked(agent: AgentId): boolean {
    return this.#tokensOf(agent).length > 0 && this.#activeOf(agent).length === 0;
  }

  #forget(tokens: readonly AgentToken[]): void {
    for (const token of tokens) this.#tokens.set(token.hmac, { ...token, state: 'revoked' });
  }

  // Changes of one agent run one after another: each sees the durable end of the one before.
  #inTurn<T>(agent: AgentId, change: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(agent) ?? Promise.resolve();
    const after = before.then(change, change);
    const settled = after.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(agent, settled);
    void settled.then(() => {
      if (this.#turns.get(agent) === settled) this.#turns.delete(agent);
    });
    return after;
  }
}

// Agents get one answer for all three; the operator sees which it was.
function unknownToken(cause: string): SallyportError {
  return new SallyportError('TOKEN_UNKNOWN', 'this agent token is not valid; ask an operator for one', {
    cause: new Error(cause),
  });
}

function wasRevoked(agent: AgentId): SallyportError {
  return new SallyportError(
    'ADMIN_INPUT',
    `this agent was revoked; \`sallyport agent renew ${agent}\` makes a new token, and lets it in again`,
  );
}

function neverHadToken(): SallyportError {
  return new SallyportError('AGENT_UNKNOWN', 'this agent never had a token; make one with `sallyport agent add`');
}
