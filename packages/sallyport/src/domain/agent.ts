// An agent is a non-human caller with an identity of its own; sessions, rates and labels belong to it.
import type { Brand } from './brand.ts';
import type { Effect } from './effect.ts';
import type { Denial, Grant, RuleReference } from './grant.ts';

/** Key of an agent in the config. */
export type AgentId = Brand<string, 'AgentId'>;

/** Id of one run of an agent (UUIDv7). */
export type SessionId = Brand<string, 'SessionId'>;

/**
 * The name of a local agent, given instead of a token. Only the listener on the agents' own socket makes one of these: who can
 * open that socket is this user, and it stands for no more than this user may do.
 */
export interface LocalName {
  readonly local: string;
}

/** How a caller says who it is: a token, or on the agents' socket the name of a local agent; undefined when it says nothing. */
export type Presented = string | LocalName | undefined;

/** An agent as the config declares it; its tokens are attached by command. */
export interface AgentDefinition {
  readonly id: AgentId;
  readonly rule: RuleReference;
  readonly tokenMaxLifetimeMs: number;
  readonly sessionMaxLifetimeMs: number;
  /** Whether programs of this user may be this agent on the agents' socket, without a token. */
  readonly isLocal: boolean;
  readonly effectCeiling: Effect;
  /** Where the ceiling stands; the agent itself where it says nothing of one. */
  readonly ceilingRule: RuleReference;
  readonly grants: readonly Grant[];
  readonly denials: readonly Denial[];
}

/** What an agent has been in touch with; a new session inherits it. */
export interface SessionLabels {
  readonly hasReadPrivate: boolean;
  readonly hasReadUntrusted: boolean;
}

/** One run of an agent: short and revocable. */
export interface Session {
  readonly id: SessionId;
  readonly agent: AgentId;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  readonly openedBy: 'first-call' | 'operator';
  readonly labels: SessionLabels;
}
