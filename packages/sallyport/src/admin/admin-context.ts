// What the management API works on: the same parts whether a server holds them or a command opened them under the lock.

import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { MetricsToken } from '../agents/metrics-token.ts';
import type { ApprovalDesk } from '../approvals/approval-desk.ts';
import type { Evidence } from '../audit/evidence.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../domain/clock.ts';
import type { Config } from '../domain/config.ts';
import type { Level } from '../domain/level.ts';
import type { Notice } from '../domain/notice.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** The running server, as `status` shows it; null when a command opened the state by itself. */
export interface ServerFacts {
  readonly processId: number;
  readonly startedAtMs: number;
  /** Where agents connect: `http://127.0.0.1:7420`. */
  readonly url: string;
}

/** What a reload did. */
export interface Reloaded {
  readonly digest: string;
  /** False when the file says what is in force already. */
  readonly isChanged: boolean;
  /** What of the file takes effect only after a restart. */
  readonly notices: readonly Notice[];
}

/** The parts behind the management API. */
export interface AdminContext {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly vault: Vault;
  readonly agents: AgentRegistry;
  readonly store: Store;
  readonly clock: Clock;
  readonly level: Level;
  /** Kind of the source that unlocked the vault. */
  readonly unlockSource: string;
  readonly stateDirectory: string;
  /** Key under which the details of audit records are sealed. */
  readonly auditDetailsKey: Buffer;
  readonly approvals: ApprovalDesk;
  /** Signs and publishes checkpoints of the audit. */
  readonly evidence: Evidence;
  server(): ServerFacts | null;
  readonly metricsToken: MetricsToken;
  /** Loads the config anew, or keeps the one in force and throws CONFIG_INVALID; null when no server runs. */
  readonly reload: (() => Promise<Reloaded>) | null;
  /** On the difference between the config file and what is in force. */
  configNotices(): readonly Notice[];
  /** Rebuilds the match tables after the vault changed; resolves when calls use the new ones. */
  credentialsChanged(): Promise<void>;
}
