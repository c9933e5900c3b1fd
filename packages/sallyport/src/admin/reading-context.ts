// What the management API needs to answer questions: nothing of it is sealed, so a locked vault answers them as well.
import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { MetricsToken } from '../agents/metrics-token.ts';
import type { ApprovalDesk } from '../approvals/approval-desk.ts';
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

/** The parts behind questions. */
export interface ReadingContext {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly vault: Pick<Vault, 'current' | 'list' | 'isUnreadable'>;
  readonly agents: Pick<AgentRegistry, 'tokens' | 'sessions' | 'rates'>;
  readonly approvals: Pick<ApprovalDesk, 'list'>;
  readonly metricsToken: Pick<MetricsToken, 'exists'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly level: Level;
  /** Kind of the source that unlocks the vault; null before there is a vault. */
  readonly unlockSource: string | null;
  readonly stateDirectory: string;
  server(): ServerFacts | null;
  /** On the difference between the config file and what is in force. */
  configNotices(): Promise<readonly Notice[]>;
}
