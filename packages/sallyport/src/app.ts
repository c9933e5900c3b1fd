// The composition root: the only file that knows all parts. It puts them together for a command, and for the server.
import { existsSync } from 'node:fs';
import type { AdminClient } from './admin/admin-client.ts';
import type { ServerFacts } from './admin/reading-context.ts';
import { statusNotices } from './admin/views/status-notices.ts';
import { adminContext } from './app/admin-context-of.ts';
import { keptConfig } from './app/config-cache.ts';
import { configNotices } from './app/config-notices.ts';
import type { Finding } from './app/doctor/finding.ts';
import { configEntry, createLiveSnapshot } from './app/live-snapshot.ts';
import { CountingJournal } from './app/metrics/call-counters.ts';
import { openAgentDoors, openOperatorDoors } from './app/open-doors.ts';
import {
  type AppOptions,
  type GivenConfig,
  newRootKey,
  newVaultSource,
  openState,
  openStore,
  sourceOfEmptyState,
} from './app/open-state.ts';
import { withOwnState } from './app/state-in-use.ts';
import { clock, random } from './app/system.ts';
import { type ConfigOptions, loadValid, located } from './app/valid-config.ts';
import { createDoorCounter } from './audit/door-counter.ts';
import { compileCatalogue } from './catalogue/compile-catalogue.ts';
import type { Config } from './domain/config.ts';
import type { Level } from './domain/level.ts';
import type { Notice } from './domain/notice.ts';
import type { LocatedProblem } from './domain/problem.ts';
import { ownFiles } from './launch/own-files.ts';
import { version } from './launch/version.ts';
import type { LineSink } from './log/logger.ts';
import { createNetwork } from './net/create-network.ts';
import { createPipeline } from './pipeline/create-pipeline.ts';

export { type ChangedUnlock, changeUnlock } from './app/change-unlock.ts';
export type { Finding } from './app/doctor/finding.ts';
export type { AppOptions, Person } from './app/open-state.ts';
export { verifyCopy } from './audit/verify-copy.ts';
export { requireCopyFolder, writeCopy } from './audit/write-copy.ts';

/** A server that runs. */
export interface RunningServer {
  readonly facts: {
    readonly url: string;
    readonly processId: number;
    readonly level: Level;
    readonly notices: readonly Notice[];
  };
  /** Loads the config anew, or keeps the one in force; the log says which. */
  reload(): Promise<void>;
  /** How many calls are in flight, and how long a stop lets them go on. */
  inFlight(): { readonly calls: number; readonly graceMs: number };
  /** Lets calls in flight end, records the end, closes everything. */
  stop(): Promise<void>;
  /** Cuts the calls that a stop waits for, and records them as cut. */
  cut(): Promise<void>;
}

const drainMs = 10_000;
// Checkpoints at most 60 s apart; the doors' windows are as long.
const minuteMs = 60_000;

/** Everything that is wrong in a config, and what is worth knowing, in the order of the file. */
export async function checkConfig({ configFile, paths }: ConfigOptions): Promise<readonly LocatedProblem[]> {
  const { loadConfig } = await import('./config/load-config.ts');
  const loaded = loadConfig(configFile, ownFiles(paths));
  if (!loaded.ok) return loaded.problems;
  const compiled = await compileCatalogue(loaded.config, { network: createNetwork() });
  if (compiled.ok) await compiled.catalogue.close();
  const problems = [...loaded.warnings, ...located(loaded.config, compiled.problems)];
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Looks at everything that a working, protected Sallyport depends on; sends no credential and no request. */
export async function runDoctor(options: AppOptions): Promise<readonly Finding[]> {
  const { paths, configFile } = options;
  const [{ loadConfig }, { thisMachine }, { diagnose }] = await Promise.all([
    import('./config/load-config.ts'),
    import('./app/doctor/check-machine.ts'),
    import('./app/doctor/diagnose.ts'),
  ]);
  const loaded = loadConfig(configFile, ownFiles(paths));
  const config = loaded.ok ? loaded.config : undefined;
  const problems = await checkConfig(options);
  return await diagnose({ paths, configFile, config, problems, openAdmin: () => openAdmin(options) }, thisMachine);
}

/** Creates the vault of a state folder; gives the kind of its unlock source. @throws SallyportError STORE_CONFLICT */
export async function createVaultState(options: AppOptions): Promise<string> {
  // Before anything is made.
  newVaultSource(options);
  const newSource = await sourceOfEmptyState(options);
  return await withOwnState(options, async () => {
    await using parts = new AsyncDisposableStack();
    const store = await openStore(options.paths, parts);
    return (await newRootKey({ ...options, newSource }, store, parts)).source;
  });
}

// Loaded by the commands that need them: a server that only serves agents never does.

/** The management API: through the socket when a server holds the state, in process under the lock otherwise. */
export async function openAdmin(options: AppOptions): Promise<AdminClient> {
  return await (await import('./app/open-admin.ts')).openAdmin(options);
}

/** The management API of the server that runs. @throws SallyportError SERVER_NOT_RUNNING, STATE_UNSAFE, ADMIN_INPUT, when it is asked */
export async function openServerAdmin(options: AppOptions): Promise<AdminClient> {
  return (await import('./app/open-admin.ts')).openServerAdmin(options);
}

/** Starts the server. @throws SallyportError CONFIG_INVALID, STATE_LOCKED, UNLOCK_FAILED, STATE_UNSAFE */
export async function startServer(options: AppOptions & { readonly log: LineSink }): Promise<RunningServer> {
  const parts = new AsyncDisposableStack();
  try {
    return await withOwnState(options, () => assemble(options, parts));
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function assemble(
  options: AppOptions & { readonly log: LineSink },
  parts: AsyncDisposableStack,
): Promise<RunningServer> {
  const state = await openState(options, await startConfig(options), parts);
  const network = createNetwork();
  const live = await createLiveSnapshot({ state, network, log: options.log, paths: options.paths });
  parts.defer(() => live.close());
  const { logger } = live;
  const doorCounter = createDoorCounter({ audit: state.audit, clock });
  const cutCalls = await state.journal.closeOpenCalls();
  const counters = state.config.metrics === null ? null : new CountingJournal(state.journal);
  const pipeline = createPipeline({
    ...state,
    journal: counters ?? state.journal,
    doorCounter: counters?.doorCounter(doorCounter) ?? doorCounter,
    clock,
    random,
    report: logger,
    snapshot: () => live.current(),
  });
  const doors = await openAgentDoors(pipeline, { address: state.config.listen, paths: options.paths }, parts);
  network.refuseOwnListener(doors.host, doors.port);
  const facts: ServerFacts = { processId: process.pid, startedAtMs: clock.nowMs(), url: doors.url };
  const reload = () => live.reload((graceMs) => pipeline.untilEnded(graceMs));
  const context = adminContext(options, state, {
    catalogue: () => live.current().catalogue,
    server: () => facts,
    scrubber: () => Promise.resolve(live.current().scrubber),
    reload,
    notices: () => configNotices(live, options.paths),
    credentialsChanged: () => live.credentialsChanged(),
  });
  const metricsOptions = { address: state.config.metrics, context, counters, network };
  const operatorDoors = await openOperatorDoors(options.paths, metricsOptions, parts);
  const minutely = everyMinute(() => {
    doorCounter.flush().catch(() => logger.warning('door.flush-failed'));
    state.evidence.checkpoint().catch(() => logger.warning('audit.checkpoint-failed'));
  }, parts);
  await state.audit.record(serverEntry('server.started', { url: doors.url, version, cutCalls }));
  await state.audit.record(configEntry(state.config));
  logger.event('server.started', { url: doors.url, version, config: state.config.digest, cutCalls });
  setImmediate(() => live.keepConfig());
  return {
    facts: { url: doors.url, processId: process.pid, level: context.level, notices: await statusNotices(context) },
    // The log says how it ended.
    reload: () => reload().then(nothing, nothing),
    inFlight: () => ({ calls: pipeline.inFlight(), graceMs: drainMs }),
    cut: () => pipeline.drain(0),
    async stop() {
      minutely.end();
      await operatorDoors.close();
      await Promise.all([doors.close(drainMs), pipeline.drain(drainMs)]);
      await doorCounter.flush();
      await state.audit.record(serverEntry('server.stopped', {}));
      await state.evidence.checkpoint();
      logger.event('server.stopped');
      await parts.disposeAsync();
    },
  };
}

function nothing(): void {}

function everyMinute(work: () => void, parts: AsyncDisposableStack): { end(): void } {
  const timer = setInterval(work, minuteMs);
  const end = () => clearInterval(timer);
  parts.defer(end);
  return { end };
}

// Only an unlocked vault can vouch for a kept config; without one, what is wrong in the file is said before anything is opened.
async function startConfig({ configFile, paths }: AppOptions): Promise<GivenConfig> {
  const load = (): Promise<Config> => loadValid({ configFile, paths });
  if (!existsSync(paths.configCache)) return await load();
  return async (cache) => keptConfig(cache, configFile, ownFiles(paths)) ?? (await load());
}

function serverEntry(kind: 'server.started' | 'server.stopped', facts: Readonly<Record<string, string | number>>) {
  return { kind, at: clock.nowMs(), subject: 'server', facts };
}
