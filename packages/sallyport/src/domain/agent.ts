// An agent is a non-human caller with an identity of its own; sessions, rates and labels belong to it.
import type { Brand } from './brand.ts';
import type { Effect } from './effect.ts';
import type { Denial, Grant, RuleReference } from './grant.ts';

/** Key of an agent in the config. */
export type AgentId = Brand<string, 'AgentId'>;

/** Id of one run of an agent (UUIDv7). */
export type SessionId = Brand<string, 'SessionId'>;

/** An agent as the config declares it; its tokens are attached by command. */
export interface AgentDefinition {
  readonly id: AgentId;
  readonly rule: RuleReference;
  readonly tokenMaxLifetimeMs: number;
  readonly sessionMaxLifetimeMs: number;
  readonly effectCeiling: Effect;
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
