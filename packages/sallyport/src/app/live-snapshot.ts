// The snapshot in force: built at start, and replaced whole when the config is loaded anew or the vault changes.
import type { Reloaded } from '../admin/admin-context.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../domain/config.ts';
import type { CredentialVersion } from '../domain/credential.ts';
import { type Notice, todo } from '../domain/notice.ts';
import type { StatePaths } from '../launch/state-paths.ts';
import { createLogger, type LineSink, type Logger } from '../log/logger.ts';
import type { Network } from '../net/network.ts';
import { createScrubber } from '../pipeline/create-scrubber.ts';
import type { Snapshot } from '../pipeline/snapshot.ts';
import { matchTablePermit } from '../vault/permit.ts';
import { type ConfigCache, keepConfig } from './config-cache.ts';
import type { OpenState } from './open-state.ts';
import { releaseMemorySoon } from './release-memory.ts';
import { clock } from './system.ts';
import { compiled, loadValid } from './valid-config.ts';

/** The snapshot in force. Changes of it run one after another. */
export interface LiveSnapshot {
  /** Its lines are scrubbed by the snapshot in force. */
  readonly logger: Logger;
  current(): Snapshot;
  /** Rebuilds the match tables; resolves when calls use the new ones. */
  credentialsChanged(): Promise<void>;
  /**
   * Loads and compiles the config and swaps the snapshot whole; on an error the one in force stays.
   * @param untilEnded resolves when every call in flight now has ended, or after so many milliseconds
   * @throws SallyportError CONFIG_INVALID with every error of the file; AUDIT_UNAVAILABLE and STORE_FAILED
   */
  reload(untilEnded: (graceMs: number) => Promise<void>): Promise<Reloaded>;
  /** Keeps the config that the server started with for the next start, unless it comes from there. */
  keepConfig(): void;
  /** Why the last reload was refused; null when it was not. */
  lastRefusal(): string | null;
  /** Closes the connections of every catalogue that is still open. */
  close(): Promise<void>;
}

interface Around {
  readonly network: Network;
  readonly paths: StatePaths;
}

interface LiveOptions extends Around {
  readonly state: OpenState;
  readonly log: LineSink;
}

// The longest timeout of an operation is 5 minutes, and then it has to be recorded.
const longestCallMs = 6 * 60_000;

interface Loaded {
  readonly catalogue: Catalogue;
  readonly connections: AsyncDisposableStack;
}

/** Compiles the config of the state, and builds the first snapshot. @throws SallyportError CONFIG_INVALID */
export async function createLiveSnapshot({ state, log, ...around }: LiveOptions): Promise<LiveSnapshot> {
  const first = await load(state.config, around);
  const open = new Set<AsyncDisposableStack>([first.connections]);
  const built = await snapshotOf(state, first.catalogue);
  let { snapshot } = built;
  let { connections } = first;
  let refusal: string | null = null;
  const logger = createLogger(log, (line) => snapshot.scrubber.scrub(line).text);
  warnOfUnreadable(logger, built);
  const inTurn = oneAtATime();

  const swap = async (next: Loaded): Promise<AsyncDisposableStack> => {
    open.add(next.connections);
    await state.agents.adopt(next.catalogue.config.agents.values());
    await state.audit.record(configEntry(next.catalogue.config));
    const replaced = connections;
    snapshot = Object.freeze({ ...snapshot, catalogue: next.catalogue });
    ({ connections } = next);
    return replaced;
  };

  const reload: LiveSnapshot['reload'] = async (untilEnded) => {
    const inForce = snapshot.catalogue.config;
    const config = await loadValid({ configFile: inForce.file, paths: around.paths });
    const notices = listenNotices(inForce, config);
    if (config.digest === inForce.digest) return { digest: config.digest, isChanged: false, notices };
    const replaced = await swap(await load(underOldDoors(config, inForce, notices), around));
    keep(logger, state.configCache, config);
    // H4: calls in flight finish under the snapshot that decided them, with its connections.
    void untilEnded(longestCallMs).then(() => closeReplaced(open, replaced));
    return { digest: config.digest, isChanged: true, notices };
  };

  return {
    logger,
    current: () => snapshot,
    credentialsChanged: () =>
      inTurn(async () => {
        const made = await snapshotOf(state, snapshot.catalogue);
        ({ snapshot } = made);
        warnOfUnreadable(logger, made);
      }),
    reload: (untilEnded) =>
      inTurn(async () => {
        try {
          const reloaded = await reload(untilEnded);
          refusal = null;
          logger.event('config.loaded', { digest: reloaded.digest, changed: reloaded.isChanged });
          return reloaded;
        } catch (error) {
          refusal = error instanceof Error ? error.message : 'unexpected error';
          logger.warning('config.refused', { why: refusal.slice(0, 2000) });
          throw error;
        }
      }),
    keepConfig: () => (state.config.isProven ? undefined : keep(logger, state.configCache, state.config)),
    lastRefusal: () => refusal,
    close: async () => {
      await Promise.all([...open].map((each) => each.disposeAsync()));
    },
  };
}

async function closeReplaced(open: Set<AsyncDisposableStack>, replaced: AsyncDisposableStack): Promise<void> {
  open.delete(replaced);
  await replaced.disposeAsync();
}

function keep(logger: Logger, cache: ConfigCache, config: Config): void {
  try {
    keepConfig(cache, config);
  } catch {
    logger.warning('config.not-kept');
  }
  // A config that is kept was loaded just now.
  releaseMemorySoon();
}

// What keeps its old value is not as the file says: the sources stay those of the value.
function underOldDoors(config: Config, inForce: Config, notices: readonly Notice[]): Config {
  const { listen, metrics } = inForce;
  return { ...config, listen, metrics, sources: notices.length === 0 ? config.sources : inForce.sources };
}

/** The record that a config came into force. */
export function configEntry({ digest, operations, agents }: Config) {
  const facts = { digest, operations: operations.size, agents: agents.size };
  return { kind: 'config.loaded', at: clock.nowMs(), subject: 'config', facts } as const;
}

/** What of a config cannot come into force while the server runs. */
export function listenNotices(inForce: Config, inFile: Config): readonly Notice[] {
  return (['listen', 'metrics'] as const)
    .filter((key) => JSON.stringify(inForce[key]) !== JSON.stringify(inFile[key]))
    .map((key) =>
      todo(`\`${key}\` cannot change while the server runs, and keeps its old value`, 'restart it to change it'),
    );
}

async function load(config: Config, around: Around): Promise<Loaded> {
  const connections = new AsyncDisposableStack();
  return { ...(await compiled(config, around, connections)), connections };
}

interface Made {
  readonly snapshot: Snapshot;
  /** Versions whose rows do not open: calls do not use them. */
  readonly unreadable: readonly { readonly credential: string; readonly version: number }[];
}

/** A snapshot with match tables of what the vault holds now; that they were built is recorded. @throws SallyportError AUDIT_UNAVAILABLE */
export async function snapshotOf(state: OpenState, catalogue: Catalogue): Promise<Made> {
  const facts = { versions: state.vault.list().length };
  const entry = { kind: 'vault.match-tables', at: clock.nowMs(), subject: 'vault', facts } as const;
  const permit = matchTablePermit(await state.audit.record(entry));
  // In one turn: a version that is current here is one that the match tables hold.
  const { secrets, failures } = state.vault.openForMatching(permit);
  const isUnreadable = (each: CredentialVersion): boolean =>
    failures.some(({ credential, version: number }) => credential === each.credential && number === each.version);
  const usable = state.vault.list().filter((each) => each.state === 'current' && !isUnreadable(each));
  const credentials = new Map(usable.map((each) => [each.credential, each]));
  const snapshot = Object.freeze({ catalogue, scrubber: createScrubber(secrets), credentials });
  return { snapshot, unreadable: failures };
}

function warnOfUnreadable(logger: Logger, { unreadable }: Made): void {
  for (const each of unreadable) logger.warning('credential.unreadable', { ...each });
}

// Two changes at once would each build on the snapshot that the other one replaces.
function oneAtATime(): <Result>(change: () => Promise<Result>) => Promise<Result> {
  let before: Promise<unknown> = Promise.resolve();
  return (change) => {
    const after = before.then(change, change);
    before = after.catch(() => undefined);
    return after;
  };
}
