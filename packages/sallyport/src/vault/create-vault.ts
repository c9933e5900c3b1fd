// The vault over a store: metadata and wrapped keys in memory, and every opening against a permit and the declared target.
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../domain/clock.ts';
import type { CredentialVersion, DeclaredCredential } from '../domain/credential.ts';
import type { CredentialId } from '../domain/credential-id.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import type { SecretFields } from '../domain/secret.ts';
import type { Store } from '../store/store.ts';
import { blindIndex, checkFields, isWeak } from './check-fields.ts';
import { type KeyHierarchy, openKeyHierarchy } from './key-hierarchy.ts';
import {
  type CallPermit,
  closePermit,
  isOpen,
  type MatchTablePermit,
  type RebindPermit,
  rebindPermit,
} from './permit.ts';
import type { RootKey } from './root-key.ts';
import { openVersion, sealVersion } from './seal.ts';
import { readStoreId } from './store-id.ts';
import { isSameTarget, readableTarget } from './target-text.ts';
import type { AddOptions, ConfirmedRebind, OpenedCredential, RegisteredSecret, Vault } from './vault.ts';
import {
  deleteVersions,
  hasAlteredRow,
  insertVersion,
  readRecordedVersions,
  readVersions,
  retireVersion,
  type StoredVersion,
} from './version-rows.ts';

/** What a vault needs; the root key stays the caller's, who closes it after the vault. */
export interface VaultDependencies {
  readonly rootKey: RootKey;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: Random;
}

// A version from the future would outlive its maximum lifetime; clocks of one machine differ by less.
const maxClockSkewMs = 5 * 60 * 1000;

/**
 * Opens the vault of a store. A row that was altered is refused when it is opened, and the others still open.
 * @throws SallyportError UNLOCK_FAILED (no vault in this store), STORE_FAILED
 */
export async function createVault(deps: VaultDependencies): Promise<Vault> {
  const storeId = await readStoreId(deps.store);
  if (storeId === undefined)
    throw new SallyportError('UNLOCK_FAILED', 'this state has no vault yet; run `sallyport vault create`');
  const { rootKey, store, random } = deps;
  const hierarchy = await openKeyHierarchy({ rootKey, store, storeId, random });
  const recorded = await readRecordedVersions(store);
  const highest = new Map([...recorded].map(([credential, versions]) => [credential, versions.highest]));
  return new StoredVault(deps, { storeId, hierarchy, highest, versions: await readVersions(store, recorded) });
}

interface Loaded {
  readonly storeId: string;
  readonly hierarchy: KeyHierarchy;
  readonly highest: Map<string, number>;
  readonly versions: readonly StoredVersion[];
}

class StoredVault implements Vault {
  readonly #deps: VaultDependencies;
  readonly #storeId: string;
  readonly #hierarchy: KeyHierarchy;
  readonly #indexKey: Buffer;
  /** The highest version ever given to a credential: a number is never used twice. */
  readonly #highest: Map<string, number>;
  /** What was opened before; as secret as the match tables, and gone with its version. */
  readonly #opened = new Map<StoredVersion, SecretFields>();
  /** What was tried and did not open. */
  readonly #unreadable = new WeakSet<StoredVersion>();
  #versions: readonly StoredVersion[];
  #byCredential: ReadonlyMap<string, readonly StoredVersion[]>;
  #writing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(deps: VaultDependencies, loaded: Loaded) {
    this.#deps = deps;
    this.#storeId = loaded.storeId;
    this.#hierarchy = loaded.hierarchy;
    this.#highest = loaded.highest;
    this.#versions = loaded.versions;
    this.#byCredential = byCredential(loaded.versions);
    this.#indexKey = deps.rootKey.derive('index-hmac');
  }

  current(credential: CredentialId): CredentialVersion | undefined {
    return this.#current(credential)?.facts;
  }

  isUnreadable(credential: CredentialId): boolean {
    const current = this.#current(credential);
    if (current !== undefined) return this.#unreadable.has(current);
    return hasAlteredRow(this.#versions, credential);
  }

  list(): readonly CredentialVersion[] {
    return this.#versions.flatMap(({ facts }) => (facts === undefined ? [] : [facts]));
  }

  open(permit: CallPermit, declared: DeclaredCredential): OpenedCredential {
    this.#requireOpen();
    requireCallPermit(permit, declared);
    const { credential, version } = permit;
    const stored = this.#rowsOf(credential).find((row) => row.version === version);
    if (stored === undefined)
      throw new SallyportError(
        'CREDENTIAL_MISSING',
        `the credential ${credential} has no value; an operator must add one`,
      );
    if (stored.facts === undefined) throw tampered(credential);
    requireTarget(stored.facts, declared);
    requireLifetime(stored.facts, declared, this.#deps.clock.nowMs());
    const fields = this.#fieldsOf(stored);
    if (fields === undefined) throw tampered(credential);
    return { credential: stored.credential, version, isWeak: stored.facts.isWeak, fields };
  }

  openForMatching(permit: MatchTablePermit): ReturnType<Vault['openForMatching']> {
    this.#requireOpen();
    if (!isOpen(permit) || permit.purpose !== 'match-tables')
      throw new SallyportError('PERMIT_INVALID', 'match tables need an open permit of their own');
    // One permit builds one set of tables.
    closePermit(permit);
    const secrets: RegisteredSecret[] = [];
    const failures: { readonly credential: CredentialId; readonly version: number }[] = [];
    for (const stored of this.#versions) {
      const { credential, version } = stored;
      const fields = this.#fieldsOf(stored);
      if (fields === undefined) failures.push({ credential, version });
      else if (stored.facts?.isWeak === false) secrets.push(...registered(credential, version, fields));
    }
    return { secrets, failures };
  }

  add(declared: DeclaredCredential, fields: SecretFields, options: AddOptions): Promise<CredentialVersion> {
    return this.#oneAtATime(async () => {
      const isWeakValue = checkValue(declared, fields, options);
      const { credential } = declared.target;
      const createdAtMs = this.#deps.clock.nowMs();
      const version = (this.#highest.get(credential) ?? 0) + 1;
      const { kind } = declared.definition;
      const { target } = declared;
      const facts = { credential, version, kind, target, createdAtMs, isWeak: isWeakValue, state: 'current' } as const;
      await this.#store(facts, fields, createdAtMs);
      return facts;
    });
  }

  rebind(declared: DeclaredCredential, confirmed: ConfirmedRebind): Promise<CredentialVersion> {
    return this.#oneAtATime(async () => {
      const { audit, clock } = this.#deps;
      const { credential } = declared.target;
      const current = this.#current(credential);
      const before = current?.facts;
      if (current === undefined || before === undefined)
        throw new SallyportError('CREDENTIAL_MISSING', `the credential ${credential} has no value; add one instead`);
      requireConfirmed(before, declared, confirmed);
      requireLifetime(before, declared, clock.nowMs());
      // I4: what is about to be opened, and for where, is durable first.
      const from = readableTarget(before.target);
      const to = readableTarget(declared.target);
      const at = clock.nowMs();
      const facts = { version: before.version, from, to };
      const record = await audit.record({ kind: 'credential.rebound', at, subject: credential, facts });
      const fields = this.#openForRebind(rebindPermit(record), current);
      const version = (this.#highest.get(credential) ?? 0) + 1;
      // I5: the value is as old as it was.
      const after = { ...before, version, target: declared.target, state: 'current' } as const;
      await this.#store(after, fields, at);
      return after;
    });
  }

  remove(credential: CredentialId): Promise<void> {
    return this.#oneAtATime(async () => {
      const versions = this.#versions.filter((row) => row.credential === credential).map((row) => row.version);
      if (versions.length === 0)
        throw new SallyportError('CREDENTIAL_UNKNOWN', 'the vault holds no value for this credential; see the list');
      // The version stays in the record, so that its number is not given again.
      const facts = { version: this.#highest.get(credential) ?? Math.max(...versions), removed: versions.length };
      const entry = { kind: 'credential.removed', at: this.#deps.clock.nowMs(), subject: credential, facts } as const;
      await this.#deps.audit.record(entry, { statements: [deleteVersions(credential, versions)], erases: true });
      this.#replaceRows(credential, []);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#hierarchy.close();
    this.#indexKey.fill(0);
    this.#opened.clear();
  }

  #current(credential: CredentialId): StoredVersion | undefined {
    return this.#rowsOf(credential).find((row) => row.facts?.state === 'current');
  }

  #rowsOf(credential: string): readonly StoredVersion[] {
    return this.#byCredential.get(credential) ?? [];
  }

  #openForRebind(permit: RebindPermit, stored: StoredVersion): SecretFields {
    if (!isOpen(permit) || permit.credential !== stored.credential || permit.version !== stored.version)
      throw new SallyportError('PERMIT_INVALID', 'the permit names another version');
    closePermit(permit);
    const fields = this.#fieldsOf(stored);
    if (fields === undefined) throw tampered(stored.credential);
    return fields;
  }

  // Makes a version the current one; durable, with its record, when it resolves.
  async #store(facts: CredentialVersion, fields: SecretFields, at: number): Promise<void> {
    const { credential, version, kind, target, createdAtMs, isWeak: weak } = facts;
    const { stored, epoch } = this.#seal(facts, fields);
    const changes = this.#replacement(credential);
    try {
      const statements = [...epoch.statements, ...changes.statements, insertVersion(stored, facts)];
      const since = createdAtMs === at ? {} : { valueSince: createdAtMs };
      const public_ = { version, kind, target: readableTarget(target), weak, ...since };
      const entry = { kind: 'credential.added', at, subject: credential, facts: public_ } as const;
      await this.#deps.audit.record(entry, { statements, ...(changes.erases && { erases: true }) });
    } catch (cause) {
      epoch.discarded();
      throw cause;
    }
    epoch.committed();
    this.#highest.set(credential, version);
    this.#replaceRows(credential, [...changes.kept, stored]);
  }

  #seal(facts: CredentialVersion, fields: SecretFields) {
    const epoch = this.#hierarchy.forNewVersion(facts.createdAtMs);
    const index = blindIndex(this.#indexKey, fields);
    const names = { credential: facts.credential, version: facts.version, kekEpoch: epoch.epoch, blindIndex: index };
    const context = { ...facts, ...names, storeId: this.#storeId };
    const sealed = sealVersion(epoch.key, fields, { context, random: this.#deps.random });
    return { epoch, stored: { ...names, ...sealed, facts } satisfies StoredVersion };
  }

  // The current version is kept as the previous one; older ones, and rows that were altered, go.
  #replacement(credential: CredentialId) {
    const current = this.#current(credential);
    const leaving = this.#versions.filter((row) => row.credential === credential && row !== current);
    const versions = leaving.map((row) => row.version);
    const statements = versions.length === 0 ? [] : [deleteVersions(credential, versions)];
    if (current?.facts === undefined) return { statements, kept: [], erases: versions.length > 0 };
    const retired: StoredVersion = { ...current, facts: { ...current.facts, state: 'retired' } };
    return {
      statements: [...statements, retireVersion(current)],
      kept: [retired],
      erases: versions.length > 0,
    };
  }

  #replaceRows(credential: CredentialId, rows: readonly StoredVersion[]): void {
    for (const row of this.#versions) if (row.credential === credential) this.#opened.delete(row);
    const others = this.#versions.filter((row) => row.credential !== credential);
    this.#versions = [...others, ...rows].toSorted((a, b) =>
      a.credential === b.credential ? a.version - b.version : a.credential < b.credential ? -1 : 1,
    );
    this.#byCredential = byCredential(this.#versions);
  }

  #fieldsOf(stored: StoredVersion): SecretFields | undefined {
    const before = this.#opened.get(stored);
    if (before !== undefined) return before;
    const key = this.#hierarchy.key(stored.kekEpoch);
    const context = stored.facts === undefined ? undefined : { ...stored.facts, ...stored, storeId: this.#storeId };
    const fields =
      key === undefined || context === undefined
        ? null
        : openVersion(key, stored, { context, random: this.#deps.random });
    if (fields === null) {
      this.#unreadable.add(stored);
      return undefined;
    }
    this.#opened.set(stored, fields);
    return fields;
  }

  // Two writes at once would count on the same rows; the second one waits for the first.
  #oneAtATime<Result>(write: () => Promise<Result>): Promise<Result> {
    const result = this.#writing.then(() => {
      this.#requireOpen();
      return write();
    });
    this.#writing = result.catch(() => undefined);
    return result;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new SallyportError('SHUTTING_DOWN', 'the vault is closed');
  }
}

function requireCallPermit(permit: CallPermit, declared: DeclaredCredential): void {
  if (!isOpen(permit) || permit.purpose !== 'call')
    throw new SallyportError('PERMIT_INVALID', 'a credential opens with the permit of a recorded call only');
  if (permit.credential !== declared.definition.id || permit.credential !== declared.target.credential)
    throw new SallyportError('PERMIT_INVALID', 'the permit names another credential');
}

function byCredential(versions: readonly StoredVersion[]): ReadonlyMap<string, readonly StoredVersion[]> {
  return Map.groupBy(versions, ({ credential }) => credential);
}

function requireTarget(facts: CredentialVersion, declared: DeclaredCredential): void {
  if (isSameTarget(facts.target, declared.target)) return;
  throw new SallyportError(
    'CREDENTIAL_TARGET_CHANGED',
    `the config sends the credential ${facts.credential} elsewhere than it was added for, so nothing was sent; tell the operator, who undoes the change or runs \`sallyport credential rebind ${facts.credential}\``,
  );
}

function requireConfirmed(facts: CredentialVersion, declared: DeclaredCredential, confirmed: ConfirmedRebind): void {
  if (declared.definition.kind !== facts.kind)
    throw new SallyportError('CREDENTIAL_VALUE', 'the kind of the credential changed as well; add its value again');
  if (isSameTarget(facts.target, declared.target))
    throw new SallyportError(
      'ADMIN_INPUT',
      'the credential is sealed for the target of the config already; after a change of the file, run `sallyport reload` first',
    );
  const isSame = confirmed.version === facts.version && isSameTarget(facts.target, confirmed.from);
  if (!isSame || !isSameTarget(declared.target, confirmed.to))
    throw new SallyportError('ADMIN_INPUT', 'the credential or its target changed since it was shown; look again');
}

function requireLifetime(facts: CredentialVersion, { definition }: DeclaredCredential, nowMs: number): void {
  const isFromFuture = facts.createdAtMs - nowMs > maxClockSkewMs;
  // Written so that a lifetime which is no number refuses as well.
  if (!isFromFuture && nowMs < facts.createdAtMs + definition.maxLifetimeMs) return;
  throw new SallyportError(
    'CREDENTIAL_EXPIRED',
    isFromFuture
      ? `the credential ${facts.credential} was added in the future; check the clock, or add its value again`
      : `the credential ${facts.credential} is past its maximum lifetime; an operator must add a new value`,
  );
}

function checkValue({ definition, target }: DeclaredCredential, fields: SecretFields, options: AddOptions): boolean {
  if (definition.id !== target.credential || definition.kind !== target.kind)
    throw new SallyportError('INTERNAL', 'the target is that of another credential');
  checkFields(definition.kind, fields);
  const weak = isWeak(fields);
  if (weak && !options.acceptWeak)
    throw new SallyportError(
      'CREDENTIAL_WEAK',
      'the value holds under 48 bits of estimated entropy, so it cannot be told from ordinary text in replies; use a random one, ' +
        'or add it with --accept-weak: it is then used only for operations whose reply is a list of fields',
    );
  return weak;
}

function registered(credential: CredentialId, version: number, fields: SecretFields): readonly RegisteredSecret[] {
  return Object.entries(fields).flatMap(([field, content]) =>
    content.secret ? [{ credential, version, field, value: content.value }] : [],
  );
}

function tampered(credential: string): SallyportError {
  return new SallyportError(
    'VAULT_TAMPERED',
    `the stored credential ${credential} is not what was sealed; an operator must check the state and add its value again`,
  );
}
