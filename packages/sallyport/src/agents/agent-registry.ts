// The port to agents: who presents a token, which session a call belongs to, and how often each rule was used.
import type { AgentDefinition, AgentId, Presented, Session, SessionId } from '../domain/agent.ts';
import type { RateUsage } from '../domain/rate-usage.ts';
import type { Secret } from '../domain/secret.ts';
import type { Statement } from '../store/store.ts';

/** A token as it is listed; holds no value. */
export interface AgentTokenInfo {
  readonly id: string;
  readonly agent: AgentId;
  readonly createdAtMs: number;
  readonly state: 'active' | 'revoked';
}

/** Uses of rules by one agent; a use is taken at the decision, in the same turn. */
export interface AgentRates extends RateUsage {
  take(rulePath: string, nowMs: number): void;
}

/** What of an agent ends with its tokens: the ids that its record names, and the statements of the same batch. */
export interface EndsWithAgent {
  readonly approvals: readonly string[];
  readonly statements: readonly Statement[];
}

/** Agents, their tokens, sessions and rates. Reads are from memory; every change is durable, with its audit record, when it resolves. */
export interface AgentRegistry {
  /**
   * The agent that holds this token, or the local agent of this name: one that the config declares as `local` and that has an
   * active token, so that `agent add` lets it in and `agent revoke` ends it. `definitionOf` looks an agent up in the snapshot of the call.
   * @throws SallyportError TOKEN_MISSING, TOKEN_MALFORMED, TOKEN_UNKNOWN (also revoked, or an agent that is not declared), TOKEN_EXPIRED
   */
  authenticate(token: Presented, definitionOf: (agent: AgentId) => AgentDefinition | undefined): AgentDefinition;
  /**
   * The agent's open session; opens one when there is none or its lifetime is over, with labels inherited.
   * Returns without a promise when the session is open already.
   * @throws SallyportError SESSION_REVOKED until an operator opens one
   */
  session(agent: AgentDefinition): Session | Promise<Session>;
  /** The rates of an agent, across sessions and restarts. */
  rates(agent: AgentId): AgentRates;

  /** Restores the rates of the agents of a config that comes into force. @throws SallyportError STORE_FAILED */
  adopt(agents: Iterable<AgentDefinition>): Promise<void>;

  /** Makes the first token of an agent. @throws SallyportError ADMIN_INPUT when it already has one (use renew) */
  addToken(agent: AgentDefinition): Promise<Secret>;
  /** Makes a new token; the old ones end at once. @throws SallyportError AGENT_UNKNOWN when it never had one */
  renewToken(agent: AgentDefinition): Promise<Secret>;
  /**
   * Ends every token and the session of an agent, and what else ends with them, in one batch; the next call is refused.
   * @throws SallyportError AGENT_UNKNOWN
   */
  revoke(agent: AgentId, also?: EndsWithAgent): Promise<void>;
  /** Every token that was ever made and not erased. */
  tokens(): readonly AgentTokenInfo[];
  /** Sessions that are open or revoked. */
  sessions(): readonly (Session & { readonly state: 'open' | 'revoked' })[];
  /** Ends a session; calls are refused until `openSession`. @throws SallyportError ADMIN_INPUT when there is no such open session */
  revokeSession(session: SessionId): Promise<void>;
  /** Opens a fresh session for an agent, labels cleared. @throws SallyportError ADMIN_INPUT when it was revoked */
  openSession(agent: AgentDefinition): Promise<Session>;
}
