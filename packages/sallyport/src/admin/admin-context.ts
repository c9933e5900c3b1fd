// What the management API works on: the same parts whether a server holds them or a command opened them under the lock.

import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { MetricsToken } from '../agents/metrics-token.ts';
import type { ApprovalDesk } from '../approvals/approval-desk.ts';
import type { Evidence } from '../audit/evidence.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { Notice } from '../domain/notice.ts';
import type { Vault } from '../vault/vault.ts';
import type { ReadingContext } from './reading-context.ts';

/** What a reload did. */
export interface Reloaded {
  readonly digest: string;
  /** False when the file says what is in force already. */
  readonly isChanged: boolean;
  /** What of the file takes effect only after a restart. */
  readonly notices: readonly Notice[];
}

/** Takes registered credential values out of what operators are shown (I1). */
export interface Redactor {
  text(text: string): string;
  /** The same object when it holds none. */
  json(value: JsonValue): JsonValue;
}

/** The parts behind the management API. */
export interface AdminContext extends ReadingContext {
  readonly vault: Vault;
  readonly agents: AgentRegistry;
  /** Key under which the details of audit records are sealed. */
  readonly auditDetailsKey: Buffer;
  readonly approvals: ApprovalDesk;
  /** Of the match tables that are in force; a command that opened the state by itself builds them when they are asked for. */
  redactor(): Promise<Redactor>;
  /** Signs and publishes checkpoints of the audit. */
  readonly evidence: Evidence;
  readonly metricsToken: MetricsToken;
  /** Loads the config anew, or keeps the one in force and throws CONFIG_INVALID; null when no server runs. */
  readonly reload: (() => Promise<Reloaded>) | null;
  /** Rebuilds the match tables after the vault changed; resolves when calls use the new ones. */
  credentialsChanged(): Promise<void>;
}
