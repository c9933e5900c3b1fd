// The ports that the pipeline stands on, kept in memory: each tells what was asked of it, in order, and can be made to fail.
import type { AgentRates, AgentRegistry } from '../../src/agents/agent-registry.ts';
import type { Begun, CallJournal, EarlierOutcome } from '../../src/audit/call-journal.ts';
import { markRecorded } from '../../src/audit/recorded.ts';
import type { AgentId, Session, SessionId } from '../../src/domain/agent.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import type { CredentialVersion, DeclaredCredential } from '../../src/domain/credential.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { type CallPermit, isOpen } from '../../src/vault/permit.ts';
import type { Vault } from '../../src/vault/vault.ts';

/** What happened, in order. */
export type Events = string[];

/** Records in memory, durable as soon as the microtask queue has turned. */
export interface MemoryJournal extends CallJournal {
  readonly entries: AuditEntry[];
  readonly details: unknown[];
  failing: 'begin' | 'end' | 'refuse' | null;
}

export function memoryJournal(events: Events): MemoryJournal {
  const claims = new Map<string, { call: string; inputText: string; earlier: EarlierOutcome | null }>();
  const write = async (method: 'begin' | 'end' | 'refuse', entry: AuditEntry): Promise<number> => {
    await Promise.resolve();
    if (journal.failing === method) throw new SallyportError('AUDIT_UNAVAILABLE', 'the audit cannot be written');
    events.push(method);
    return journal.entries.push(entry) - 1;
  };
  const journal: MemoryJournal = {
    entries: [],
    details: [],
    failing: null,
    begin: async (intent, details, claim): Promise<Begun> => {
      const key = claim === null ? null : `${claim.agent} ${claim.operation} ${claim.key}`;
      const known = key === null ? undefined : claims.get(key);
      if (known !== undefined && claim !== null) {
        if (known.inputText !== claim.inputText) throw new SallyportError('IDEMPOTENCY_KEY_REUSED', 'another input');
        if (known.earlier === null) throw new SallyportError('IDEMPOTENCY_IN_PROGRESS', 'under way');
        return { kind: 'repeated', earlier: known.earlier };
      }
      const leaf = await write('begin', intent);
      journal.details.push(JSON.parse(details));
      if (key !== null && claim !== null)
        claims.set(key, { call: intent.call, inputText: claim.inputText, earlier: null });
      return { kind: 'begun', recorded: markRecorded(intent, leaf) };
    },
    beginApproved: (intent, details, { claim }) => journal.begin(intent, details, claim),
    earlier: () => Promise.resolve(undefined),
    end: async (outcome, earlier) => {
      await write('end', outcome);
      for (const [key, claim] of claims) {
        if (claim.call !== outcome.call) continue;
        if (earlier === null) claims.delete(key);
        else claim.earlier = earlier;
      }
    },
    refuse: async (entry, details) => {
      await write('refuse', entry);
      journal.details.push(JSON.parse(details));
    },
    closeOpenCalls: async () => 0,
  };
  return journal;
}

/** One credential value for every declared credential. */
export interface MemoryVault extends Vault {
  readonly permits: CallPermit[];
  version: CredentialVersion | undefined;
  openError: SallyportError | null;
}

export function memoryVault(events: Events, value: string): MemoryVault {
  const vault: MemoryVault = {
    permits: [],
    openError: null,
    version: {
      credential: 'api' as CredentialVersion['credential'],
      version: 3,
      kind: 'token',
      target: {} as CredentialVersion['target'],
      createdAtMs: 0,
      isWeak: false,
      state: 'current',
    },
    current: () => vault.version,
    list: () => [],
    isUnreadable: () => false,
    open: (permit: CallPermit, declared: DeclaredCredential) => {
      events.push('open');
      vault.permits.push(permit);
      if (!isOpen(permit)) throw new SallyportError('PERMIT_INVALID', 'closed');
      if (vault.openError !== null) throw vault.openError;
      const fields = { token: { secret: true, value: new Secret(value) } } as const;
      return { credential: declared.definition.id, version: permit.version, isWeak: false, fields };
    },
    openForMatching: () => ({ secrets: [], failures: [] }),
    add: () => Promise.reject(new Error('not here')),
    remove: () => Promise.reject(new Error('not here')),
    rebind: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  };
  return vault;
}

/** Agents by token `token-of-ID`; one session for each. */
export interface MemoryAgents extends AgentRegistry {
  readonly revoked: Set<string>;
}

export function memoryAgents(events: Events): MemoryAgents {
  const uses: { agent: string; rule: string; atMs: number }[] = [];
  const revoked = new Set<string>();
  const sessionOf = (agent: AgentId): Session => ({
    id: `session-of-${agent}` as SessionId,
    agent,
    openedAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    openedBy: 'first-call',
    labels: { hasReadPrivate: false, hasReadUntrusted: false },
  });
  const rates = (agent: AgentId): AgentRates => {
    const within = (rule: string, windowMs: number, nowMs: number): readonly { readonly atMs: number }[] =>
      uses.filter((use) => use.agent === agent && use.rule === rule && use.atMs > nowMs - windowMs);
    return {
      count: (rule, windowMs, nowMs) => within(rule, windowMs, nowMs).length,
      untilNextMs: (rule, windowMs, nowMs) => (within(rule, windowMs, nowMs)[0]?.atMs ?? nowMs) + windowMs - nowMs,
      take: (rule, nowMs) => {
        events.push('take');
        uses.push({ agent, rule, atMs: nowMs });
      },
    };
  };
  const notHere = (): never => {
    throw new Error('not here');
  };
  return {
    revoked,
    authenticate: (token, definitionOf) => {
      events.push('authenticate');
      if (typeof token !== 'string') throw new SallyportError('TOKEN_MISSING', 'no token');
      const agent = definitionOf(token.replace('token-of-', '') as AgentId);
      if (agent === undefined) throw new SallyportError('TOKEN_UNKNOWN', 'this token opens nothing');
      return agent;
    },
    session: (agent) => {
      if (revoked.has(agent.id)) throw new SallyportError('SESSION_REVOKED', 'an operator ended this session');
      return agent.id === 'slow-bot' ? Promise.resolve(sessionOf(agent.id)) : sessionOf(agent.id);
    },
    rates,
    sessions: () => [...revoked].map((agent) => ({ ...sessionOf(agent as AgentId), state: 'revoked' as const })),
    tokens: () => [],
    addToken: notHere,
    renewToken: notHere,
    revoke: notHere,
    revokeSession: notHere,
    openSession: notHere,
    adopt: () => Promise.resolve(),
  };
}
