// The composition root: the only file that knows all parts. It puts them together for a command, and for the server.
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { adminRequestHandler, createAdminApi, inProcessTransport } from './admin/admin-api.ts';
import { type AdminClient, createAdminClient } from './admin/admin-client.ts';
import type { AdminContext, ServerFacts } from './admin/admin-context.ts';
import { statusNotices } from './admin/routes/status-routes.ts';
import type { AgentRegistry } from './agents/agent-registry.ts';
import { createAgentRegistry } from './agents/create-agent-registry.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { createDoorCounter } from './audit/door-counter.ts';
import { createCallJournal } from './audit/journal.ts';
import { createAuditLog } from './audit/record.ts';
import { auditWriterUrl } from './audit/writer-url.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { compileCatalogue } from './catalogue/compile-catalogue.ts';
import { loadConfig } from './config/load-config.ts';
import { systemClock } from './domain/clock.ts';
import type { Config } from './domain/config.ts';
import { SallyportError } from './domain/errors.ts';
import { type Level, protectionLevel } from './domain/level.ts';
import type { LocatedProblem, Problem } from './domain/problem.ts';
import type { Random } from './domain/random.ts';
import type { Secret } from './domain/secret.ts';
import { createAgentFrontend } from './frontends/agent-frontend.ts';
import { projectFolderOf } from './launch/key-place.ts';
import { makeStateFolder } from './launch/state-folder.ts';
import type { StatePaths } from './launch/state-paths.ts';
import { version } from './launch/version.ts';
import { createLogger, type LineSink } from './log/logger.ts';
import { createNetwork } from './net/create-network.ts';
import { startListener } from './net/listen.ts';
import { isLoopbackHost } from './net/listener-guard.ts';
import type { Network } from './net/network.ts';
import { listenOnUnixSocket, requestOverUnixSocket } from './net/unix-socket.ts';
import { createPipeline } from './pipeline/create-pipeline.ts';
import { createScrubber } from './pipeline/create-scrubber.ts';
import type { Snapshot } from './pipeline/snapshot.ts';
import { openEmbeddedStore } from './store/embedded-store.ts';
import { acquireLock } from './store/lock.ts';
import type { Store } from './store/store.ts';
import { changeUnlockSource } from './vault/change-unlock-source.ts';
import { createVault } from './vault/create-vault.ts';
import { createRootKey, hasRootKey, openRootKey, unlockKinds } from './vault/open-root-key.ts';
import { matchTablePermit } from './vault/permit.ts';
import type { RootKey } from './vault/root-key.ts';
import { newUnlockSource, type UnlockMeans, unlockSource } from './vault/unlock/choose-source.ts';
import type { Vault } from './vault/vault.ts';

/** A person at a terminal. */
export interface Person {
  readonly askPassphrase: () => Promise<Secret>;
  readonly askNewPassphrase: () => Promise<Secret>;
}

/** What every command works on. */
export interface AppOptions {
  readonly configFile: string;
  readonly paths: StatePaths;
  /** A new vault gets a key file instead of a passphrase. */
  readonly wantsKeyFile: boolean;
  /** Null without a terminal. */
  readonly person: Person | null;
  /** Says something to whoever started the command. */
  readonly note: (text: string) => void;
}

/** A server that runs. */
export interface RunningServer {
  readonly facts: {
    readonly url: string;
    readonly processId: number;
    readonly level: Level;
    readonly notices: readonly string[];
  };
  /** Lets calls in flight end, records the end, closes everything. */
  stop(): Promise<void>;
}

const drainMs = 10_000;
const doorWindowMs = 60_000;
const adminTimeoutMs = 60_000;
const random: Random = { bytes: (count) => randomBytes(count) };
const clock = systemClock;

/** Everything that is wrong in a config, and what is worth knowing, in the order of the file. */
export async function checkConfig(configFile: string): Promise<readonly LocatedProblem[]> {
  const loaded = loadConfig(configFile);
  if (!loaded.ok) return loaded.problems;
  const compiled = await compileCatalogue(loaded.config, { network: createNetwork() });
  if (compiled.ok) await compiled.catalogue.close();
  const problems = [...loaded.warnings, ...located(loaded.config, compiled.problems)];
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Creates the vault of a state folder; gives the kind of its unlock source. @throws SallyportError STORE_CONFLICT */
export async function createVaultState(options: AppOptions): Promise<string> {
  await using parts = new AsyncDisposableStack();
  const store = await openStore(options.paths, parts);
  return (await newRootKey(options, store, parts)).source;
}

/** Changes what unlocks the vault. @throws SallyportError UNLOCK_FAILED, STATE_UNSAFE, ADMIN_INPUT */
export async function changeUnlock(options: AppOptions, to: 'passphrase' | 'key-file'): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const store = await openStore(options.paths, parts);
  const [kind = 'passphrase'] = await unlockKinds(store);
  const from = await unlockSource(kind, unlockMeans(options, options.person?.askPassphrase));
  const root = await openRootKey({ store, sources: [from], random });
  const audit = createAuditLog({ store, detailsKey: root.derive('audit-details'), random });
  parts.defer(() => root.close());
  const fresh = await newUnlockSource(to, unlockMeans(options, options.person?.askNewPassphrase));
  await changeUnlockSource({ store, audit, clock, random, from, to: fresh });
}

/** The management API: through the socket when a server holds the state, in process under the lock otherwise. */
export async function openAdmin(options: AppOptions): Promise<AdminClient> {
  makeStateFolder(options.paths.stateFolder);
  const parts = new AsyncDisposableStack();
  try {
    const state = await openState(options, loadValid(options.configFile), parts);
    const { catalogue } = await compiled(state.config, createNetwork(), parts);
    const context = adminContext(options, state, { catalogue: () => catalogue, server: () => null });
    return createAdminClient(inProcessTransport(createAdminApi(context)), () => parts.disposeAsync());
  } catch (error) {
    await parts.disposeAsync();
    if (error instanceof SallyportError && error.code === 'STATE_LOCKED') return socketClient(options.paths);
    throw error;
  }
}

/** Starts the server. @throws SallyportError CONFIG_INVALID, STATE_LOCKED, UNLOCK_FAILED, STATE_UNSAFE */
export async function startServer(options: AppOptions & { readonly log: LineSink }): Promise<RunningServer> {
  const parts = new AsyncDisposableStack();
  try {
    return await assemble(options, parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function assemble(
  options: AppOptions & { readonly log: LineSink },
  parts: AsyncDisposableStack,
): Promise<RunningServer> {
  const state = await openState(options, loadValid(options.configFile), parts);
  const network = createNetwork();
  const { catalogue } = await compiled(state.config, network, parts);
  const current = { snapshot: await snapshotOf(state, catalogue) };
  const logger = createLogger(options.log, (line) => current.snapshot.scrubber.scrub(line).text);
  const doorCounter = createDoorCounter({ audit: state.audit, clock });
  const cutCalls = await state.journal.closeOpenCalls();
  const pipeline = createPipeline({
    ...state,
    doorCounter,
    clock,
    random,
    report: logger,
    snapshot: () => current.snapshot,
  });
  const handler = createAgentFrontend({ pipeline, serverInfo: { name: 'sallyport', version } });
  const address = state.config.listen;
  const listener = await startListener({ address, handler, refused: (error) => pipeline.refusedAtDoor(error) });
  network.refuseOwnListener(listener.host, listener.port);
  const url = `${listener.scheme}://${listener.host.includes(':') ? `[${listener.host}]` : listener.host}:${listener.port}`;
  const facts: ServerFacts = { processId: process.pid, startedAtMs: clock.nowMs(), url };
  const context = adminContext(options, state, {
    catalogue: () => current.snapshot.catalogue,
    server: () => facts,
    credentialsChanged: async () => {
      current.snapshot = await snapshotOf(state, current.snapshot.catalogue);
    },
  });
  const operators = await listenOnUnixSocket(
    options.paths.operatorSocket,
    adminRequestHandler(createAdminApi(context)),
  );
  const flush = setInterval(
    () => void doorCounter.flush().catch(() => logger.warning('door.flush-failed')),
    doorWindowMs,
  );
  await state.audit.record(serverEntry('server.started', { url, version, cutCalls }));
  await state.audit.record(configEntry(state.config));
  logger.event('server.started', { url, version, config: state.config.digest, cutCalls });
  return {
    facts: { url, processId: process.pid, level: context.level, notices: statusNotices(context) },
    async stop() {
      clearInterval(flush);
      await operators.close();
      await Promise.all([listener.close(drainMs), pipeline.drain(drainMs)]);
      await doorCounter.flush();
      await state.audit.record(serverEntry('server.stopped', {}));
      logger.event('server.stopped');
      await parts.disposeAsync();
    },
  };
}

interface OpenState {
  readonly config: Config;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly journal: ReturnType<typeof createCallJournal>;
  readonly vault: Vault;
  readonly agents: AgentRegistry;
  readonly detailsKey: Buffer;
  readonly unlockedBy: string;
}

async function openState(options: AppOptions, config: Config, parts: AsyncDisposableStack): Promise<OpenState> {
  const store = await openStore(options.paths, parts);
  const { root, source } = await rootKey(options, store, parts);
  const detailsKey = root.derive('audit-details');
  const audit = createAuditLog({ store, detailsKey, random });
  const journal = createCallJournal({ store, detailsKey, random, clock });
  const vault = await createVault({ rootKey: root, store, audit, clock, random });
  parts.defer(() => vault.close());
  const tokenKey = root.derive('token-hmac');
  const agents = await createAgentRegistry({
    store,
    journal: audit,
    tokenKey,
    clock,
    random,
    agents: config.agents.values(),
  });
  return { config, store, audit, journal, vault, agents, detailsKey, unlockedBy: source };
}

async function openStore(paths: StatePaths, parts: AsyncDisposableStack): Promise<Store> {
  makeStateFolder(paths.stateFolder);
  // The folder is closed to others; its files are too, should they be copied out of it.
  process.umask(0o077);
  const lock = acquireLock(paths.stateFolder);
  parts.defer(() => lock.release());
  const store = await openEmbeddedStore({ file: paths.database, workerUrl: auditWriterUrl });
  parts.defer(() => store.close());
  return store;
}

interface UnlockedRoot {
  readonly root: RootKey;
  readonly source: string;
}

async function rootKey(options: AppOptions, store: Store, parts: AsyncDisposableStack): Promise<UnlockedRoot> {
  if (!(await hasRootKey(store))) return await newRootKey(options, store, parts);
  const [kind = 'passphrase'] = await unlockKinds(store);
  const source = await unlockSource(kind, unlockMeans(options, options.person?.askPassphrase));
  const root = await openRootKey({ store, sources: [source], random });
  parts.defer(() => root.close());
  return { root, source: kind };
}

async function newRootKey(options: AppOptions, store: Store, parts: AsyncDisposableStack): Promise<UnlockedRoot> {
  const means = unlockMeans(options, options.person?.askNewPassphrase);
  const kind = options.wantsKeyFile ? 'key-file' : means.credentialsDirectory === null ? 'passphrase' : 'handed-file';
  if (kind === 'passphrase' && means.askPassphrase === null) {
    throw new SallyportError(
      'UNLOCK_FAILED',
      'there is no vault yet: run `sallyport vault create`, with --key-file where no person is',
    );
  }
  const source = await newUnlockSource(kind, means);
  const root = await createRootKey({ store, source, random, clock });
  parts.defer(() => root.close());
  const audit = createAuditLog({ store, detailsKey: root.derive('audit-details'), random });
  await audit.record({ kind: 'vault.created', at: clock.nowMs(), subject: 'vault', facts: { source: kind } });
  options.note(
    `created a new vault, unlocked by ${kind === 'key-file' ? `the key file ${options.paths.keyFile}` : kind}`,
  );
  return { root, source: kind };
}

function unlockMeans(options: AppOptions, askPassphrase: (() => Promise<Secret>) | undefined): UnlockMeans {
  // Under the permission model the project cannot be looked at; the launcher has checked it before.
  const projectFolder = isConfined() ? undefined : projectFolderOf(options.configFile, homedir());
  const forbiddenFolders = [options.paths.stateFolder, ...(projectFolder === undefined ? [] : [projectFolder])];
  return {
    keyFile: { path: options.paths.keyFile, forbiddenFolders },
    credentialsDirectory: process.env['CREDENTIALS_DIRECTORY'] ?? null,
    askPassphrase: askPassphrase ?? null,
    random,
  };
}

function isConfined(): boolean {
  return process.permission !== undefined;
}

async function snapshotOf(state: OpenState, catalogue: Catalogue): Promise<Snapshot> {
  const facts = { versions: state.vault.list().length };
  const entry = { kind: 'vault.match-tables', at: clock.nowMs(), subject: 'vault', facts } as const;
  const { secrets } = state.vault.openForMatching(matchTablePermit(await state.audit.record(entry)));
  return Object.freeze({ catalogue, scrubber: createScrubber(secrets) });
}

interface LiveParts {
  readonly catalogue: () => Catalogue;
  readonly server: () => ServerFacts | null;
  readonly credentialsChanged?: () => Promise<void>;
}

function adminContext(options: AppOptions, state: OpenState, live: LiveParts): AdminContext {
  const isRemote = !isLoopbackHost(state.config.listen.host);
  return {
    config: state.config,
    catalogue: live.catalogue(),
    vault: state.vault,
    agents: state.agents,
    store: state.store,
    clock,
    level: protectionLevel({ userId: process.getuid?.() ?? null, isRemote }),
    unlockSource: state.unlockedBy,
    stateDirectory: options.paths.stateFolder,
    auditDetailsKey: state.detailsKey,
    server: live.server,
    credentialsChanged: live.credentialsChanged ?? (() => Promise.resolve()),
  };
}

async function compiled(
  config: Config,
  network: Network,
  parts: AsyncDisposableStack,
): Promise<{ catalogue: Catalogue }> {
  const outcome = await compileCatalogue(config, { network });
  if (!outcome.ok) throw configInvalid(located(config, outcome.problems));
  parts.defer(() => outcome.catalogue.close());
  return { catalogue: outcome.catalogue };
}

function loadValid(configFile: string): Config {
  const loaded = loadConfig(configFile);
  if (!loaded.ok) throw configInvalid(loaded.problems);
  return loaded.config;
}

function configInvalid(problems: readonly LocatedProblem[]): SallyportError {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const lines = errors.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  return new SallyportError(
    'CONFIG_INVALID',
    `the config has ${errors.length} errors; see \`sallyport check\`\n${lines.join('\n')}`,
  );
}

function located(config: Config, problems: readonly Problem[]): readonly LocatedProblem[] {
  return problems.map((problem) => ({ ...problem, file: config.file, ...config.locate(problem.path) }));
}

function socketClient({ operatorSocket }: StatePaths): AdminClient {
  return createAdminClient(
    (request) => requestOverUnixSocket(operatorSocket, { ...request, timeoutMs: adminTimeoutMs }),
    () => Promise.resolve(),
  );
}

function configEntry({ digest, operations, agents }: Config) {
  const facts = { digest, operations: operations.size, agents: agents.size };
  return { kind: 'config.loaded', at: clock.nowMs(), subject: 'config', facts } as const;
}

function serverEntry(kind: 'server.started' | 'server.stopped', facts: Readonly<Record<string, string | number>>) {
  return { kind, at: clock.nowMs(), subject: 'server', facts };
}
