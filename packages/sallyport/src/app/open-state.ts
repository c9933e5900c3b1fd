// Opens the state of one Sallyport under its lock: store, root key, audit, vault and agents.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import { createAgentRegistry } from '../agents/create-agent-registry.ts';
import { type MetricsToken, openMetricsToken } from '../agents/metrics-token.ts';
import type { ApprovalDesk } from '../approvals/approval-desk.ts';
import { createApprovalDesk } from '../approvals/create-approval-desk.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { CallJournal } from '../audit/call-journal.ts';
import { type Evidence, openEvidence } from '../audit/evidence.ts';
import { createCallJournal } from '../audit/journal.ts';
import { createAuditLog } from '../audit/record.ts';
import { auditWriterUrl } from '../audit/writer-url.ts';
import type { Config } from '../domain/config.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { projectFolderOf } from '../launch/key-place.ts';
import { makeStateFolder } from '../launch/state-folder.ts';
import type { StatePaths } from '../launch/state-paths.ts';
import { openEmbeddedStore } from '../store/embedded-store.ts';
import { acquireLock } from '../store/lock.ts';
import type { Store } from '../store/store.ts';
import { createVault } from '../vault/create-vault.ts';
import { createRootKey, hasRootKey, openRootKey, requireNoRootKey, unlockKinds } from '../vault/open-root-key.ts';
import type { RootKey } from '../vault/root-key.ts';
import { readStoreId } from '../vault/store-id.ts';
import { newUnlockSource, type UnlockMeans, unlockSource } from '../vault/unlock/choose-source.ts';
import { requireStrength } from '../vault/unlock/passphrase.ts';
import type { UnlockSource, UnlockSourceKind } from '../vault/unlock/unlock-source.ts';
import type { Vault } from '../vault/vault.ts';
import type { ConfigCache } from './config-cache.ts';
import { clock, random } from './system.ts';

/** A person at a terminal. */
export interface Person {
  readonly askPassphrase: () => Promise<Secret>;
  /** `check` throws for one that will not do. */
  readonly askNewPassphrase: (check: (passphrase: Secret) => void) => Promise<Secret>;
}

/** What every command works on. */
export interface AppOptions {
  readonly configFile: string;
  /** False where the config is only looked for in the current folder; true when left out. */
  readonly isConfigNamed?: boolean;
  readonly paths: StatePaths;
  /** A new vault gets a key file instead of a passphrase. */
  readonly wantsKeyFile: boolean;
  /** Null without a terminal. */
  readonly person: Person | null;
  /** Says something to whoever started the command. */
  readonly note: (text: string) => void;
}

/** What opening the state takes; only a server's first start makes a vault by the way. */
export interface StateOptions extends AppOptions {
  readonly newVault: 'make' | 'refuse';
  /** What the vault to be made is unlocked by, where that was asked for already. */
  readonly newSource?: UnlockSource | undefined;
}

/** The open state, until the stack that it was opened on is disposed of. */
export interface OpenState {
  readonly config: Config;
  readonly configCache: ConfigCache;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly journal: CallJournal;
  readonly vault: Vault;
  readonly agents: AgentRegistry;
  readonly metricsToken: MetricsToken;
  readonly detailsKey: Buffer;
  readonly unlockedBy: string;
  readonly evidence: Evidence;
  readonly approvals: ApprovalDesk;
}

/** A config, or, where only an unlocked vault can vouch for it, how to come by one. */
export type GivenConfig = Config | ((cache: ConfigCache) => Promise<Config>);

/** Opens everything that the state holds. @throws SallyportError STATE_LOCKED, UNLOCK_FAILED, STATE_UNSAFE, STORE_FAILED */
export async function openState(
  options: AppOptions,
  given: GivenConfig,
  parts: AsyncDisposableStack,
): Promise<OpenState> {
  const newSource = await sourceOfEmptyState(options);
  const store = await openStore(options.paths, parts);
  return await unlockState({ ...options, newVault: 'make', newSource }, { given, store }, parts);
}

/** Unlocks the vault of an open store, and opens the rest. @throws SallyportError UNLOCK_FAILED, STATE_UNSAFE, STORE_FAILED */
export async function unlockState(
  options: StateOptions,
  { given, store }: { readonly given: GivenConfig; readonly store: Store },
  parts: AsyncDisposableStack,
): Promise<OpenState> {
  const { root, source } = await rootKey(options, store, parts);
  const configCache = { path: options.paths.configCache, key: root.derive('config-cache') };
  const config = typeof given === 'function' ? await given(configCache) : given;
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
  const metricsToken = await openMetricsToken({ store, journal: audit, tokenKey, clock, random });
  const approvals = createApprovalDesk({ store, audit, detailsKey, random });
  const storeId = (await readStoreId(store)) ?? '';
  const evidence = await openEvidence({ store, audit, seeds: root, clock, random, storeId });
  return {
    config,
    configCache,
    store,
    audit,
    journal,
    vault,
    agents,
    metricsToken,
    detailsKey,
    unlockedBy: source,
    evidence,
    approvals,
  };
}

/** Refuses a state that was never made, and makes nothing. @throws SallyportError UNLOCK_FAILED */
export function requireState(paths: StatePaths): void {
  if (isEmptyState(paths)) throw noVault(paths);
}

/** Asks for what the vault of an empty state is to be unlocked by; whoever answers nothing leaves nothing behind. */
export async function sourceOfEmptyState(options: AppOptions): Promise<UnlockSource | undefined> {
  if (!isEmptyState(options.paths)) return undefined;
  return await newUnlockSource(newVaultSource(options), newUnlockMeans(options));
}

/** Whether nothing was made yet: a start that was cut at its first write leaves an empty file. */
export function isEmptyState({ database }: StatePaths): boolean {
  return (statSync(database, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** Takes the lock and opens the store, locked vault and all. @throws SallyportError STATE_LOCKED, STORE_FAILED */
export async function openStore(paths: StatePaths, parts: AsyncDisposableStack): Promise<Store> {
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

async function rootKey(options: StateOptions, store: Store, parts: AsyncDisposableStack): Promise<UnlockedRoot> {
  if (!(await hasRootKey(store))) {
    if (options.newVault === 'refuse') throw noVault(options.paths);
    const made = await newRootKey(options, store, parts);
    const by = made.source === 'key-file' ? `the key file ${options.paths.keyFile}` : made.source;
    options.note(`created a vault in ${options.paths.stateFolder}, unlocked by ${by}`);
    return made;
  }
  const [kind = 'passphrase'] = await unlockKinds(store);
  const source = await unlockSource(kind, unlockMeans(options, options.person?.askPassphrase));
  const root = await openRootKey({ store, sources: [source], random });
  parts.defer(() => root.close());
  return { root, source: kind };
}

/** Creates the vault of a store. @throws SallyportError STORE_CONFLICT (there is one), UNLOCK_FAILED (nothing to lock it with) */
export async function newRootKey(
  options: Omit<StateOptions, 'newVault'>,
  store: Store,
  parts: AsyncDisposableStack,
): Promise<UnlockedRoot> {
  const kind = newVaultSource(options);
  await requireNoRootKey(store);
  const source = options.newSource ?? (await newUnlockSource(kind, newUnlockMeans(options)));
  const root = await createRootKey({ store, source, random, clock });
  parts.defer(() => root.close());
  const audit = createAuditLog({ store, detailsKey: root.derive('audit-details'), random });
  await audit.record({ kind: 'vault.created', at: clock.nowMs(), subject: 'vault', facts: { source: kind } });
  return { root, source: kind };
}

/** What a new vault is to be unlocked by. @throws SallyportError UNLOCK_FAILED where there is nothing */
export function newVaultSource({ wantsKeyFile, person, paths }: AppOptions): UnlockSourceKind {
  // The server writes its state and nothing else, so no key file.
  if (wantsKeyFile && isConfined() && !existsSync(paths.keyFile)) throw noVault(paths);
  if (wantsKeyFile) return 'key-file';
  if (process.env['CREDENTIALS_DIRECTORY'] !== undefined) return 'handed-file';
  if (person !== null) return 'passphrase';
  if (isConfined()) throw noVault(paths);
  throw new SallyportError(
    'UNLOCK_FAILED',
    'there is no terminal to ask for a new passphrase on: add --key-file, or --key-file PATH, for a vault that a key file unlocks',
  );
}

/** That there is no vault, and what makes one. */
export function noVault({ stateFolder }: StatePaths): SallyportError {
  return new SallyportError(
    'UNLOCK_FAILED',
    `there is no vault in ${stateFolder}: run \`sallyport vault create\`, with --key-file where no person is`,
  );
}

/** What is at hand to lock a vault with from now on. */
export function newUnlockMeans(options: AppOptions): UnlockMeans {
  const { person } = options;
  return unlockMeans(options, person === null ? undefined : () => person.askNewPassphrase(requireStrength));
}

/** What is at hand to unlock with. */
export function unlockMeans(options: AppOptions, askPassphrase: (() => Promise<Secret>) | undefined): UnlockMeans {
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
