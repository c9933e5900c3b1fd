// The parts behind the management API: of a server, of a command that unlocked the vault, and of one that only looks.
import type { AdminContext, Redactor, Reloaded } from '../admin/admin-context.ts';
import type { ReadingContext, ServerFacts } from '../admin/reading-context.ts';
import { hasMetricsToken } from '../agents/metrics-token.ts';
import { readAgents } from '../agents/read-agents.ts';
import { listApprovals } from '../approvals/approval-rows.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../domain/config.ts';
import { type Level, protectionLevel } from '../domain/level.ts';
import type { Notice } from '../domain/notice.ts';
import { isLoopbackHost } from '../net/listener-guard.ts';
import { scrubInput } from '../pipeline/scrub-input.ts';
import type { Scrubber } from '../pipeline/scrubber.ts';
import type { Store } from '../store/store.ts';
import { unlockKinds } from '../vault/open-root-key.ts';
import { readVault } from '../vault/read-vault.ts';
import type { AppOptions, OpenState } from './open-state.ts';
import { clock } from './system.ts';

/** What differs between a server and a command. */
export interface LiveParts {
  readonly catalogue: () => Catalogue;
  readonly server: () => ServerFacts | null;
  readonly scrubber: () => Promise<Scrubber>;
  readonly reload?: () => Promise<Reloaded>;
  readonly notices?: () => Promise<readonly Notice[]>;
  readonly credentialsChanged?: () => Promise<void>;
}

/** The parts over an open state. */
export function adminContext(options: AppOptions, state: OpenState, live: LiveParts): AdminContext {
  return {
    // Both follow a reload.
    get config() {
      return live.catalogue().config;
    },
    get catalogue() {
      return live.catalogue();
    },
    vault: state.vault,
    agents: state.agents,
    store: state.store,
    clock,
    level: levelOf(state.config),
    unlockSource: state.unlockedBy,
    stateDirectory: options.paths.stateFolder,
    auditDetailsKey: state.detailsKey,
    metricsToken: state.metricsToken,
    evidence: state.evidence,
    approvals: state.approvals,
    redactor: async () => redactorOf(await live.scrubber()),
    server: live.server,
    credentialsChanged: live.credentialsChanged ?? (() => Promise.resolve()),
    reload: live.reload ?? null,
    configNotices: live.notices ?? (() => Promise.resolve([])),
  };
}

function redactorOf(scrubber: Scrubber): Redactor {
  return { text: (text) => scrubber.scrub(text).text, json: (value) => scrubInput(value, scrubber) };
}

/** The parts over a store whose vault is locked. @throws SallyportError STORE_FAILED, STATE_UNSAFE */
export async function readingContext(options: AppOptions, store: Store, catalogue: Catalogue): Promise<ReadingContext> {
  const { config } = catalogue;
  return {
    config,
    catalogue,
    vault: await readVault(store),
    agents: await readAgents(store, clock, config.agents.values()),
    approvals: { list: (filter, nowMs) => listApprovals(store, filter, nowMs) },
    metricsToken: { exists: await hasMetricsToken(store) },
    store,
    clock,
    level: levelOf(config),
    unlockSource: (await unlockKinds(store))[0] ?? null,
    stateDirectory: options.paths.stateFolder,
    server: () => null,
    configNotices: () => Promise.resolve([]),
  };
}

function levelOf({ listen }: Config): Level {
  return protectionLevel({ userId: process.getuid?.() ?? null, isRemote: !isLoopbackHost(listen.host) });
}
