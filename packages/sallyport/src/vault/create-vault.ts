// The vault over the store: what is known of each version in memory, values opened only for a permit.
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
import { type CallPermit, isOpen, type MatchTablePermit, type Permit } from './permit.ts';
import type { RootKey } from './root-key.ts';
import { openVersion, sealVersion, type VersionContext } from './seal.ts';
import { readStoreId } from './store-id.ts';
import { canonicalTarget, readableTarget } from './target-text.ts';
import type { AddOptions, OpenedCredential, RegisteredSecret, Vault } from './vault.ts';
import { deleteAll, insertVersion, readVersions, retireBefore, type StoredVersion } from './version-rows.ts';

/** What the vault is made of. */
export interface VaultDependencies {
  readonly rootKey: RootKey;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: Random;
}

// A version from the future means a clock that was set back, or a row that was edited: neither may prolong a lifetime.
const clockToleranceMs = 5 * 60_000;

/**
 * Opens the vault of a store with its unlocked root key.
 * @throws SallyportError UNLOCK_FAILED (no vault in this store), STORE_FAILED
 */
export async function createVault(dependencies: VaultDependencies): Promise<Vault> {
  const { store, rootKey, random } = dependencies;
  const storeId = await readStoreId(store);
  if (storeId === undefined) throw new SallyportError('UNLOCK_FAILED', 'this state has no vault yet; create one first');
  const keys = await openKeyHierarchy({ rootKey, store, storeId, random });
  const indexKey = rootKey.derive('index-hmac');
  return new StoredVault({ ...dependencies, storeId, keys, indexKey }, await readVersions(store));
}

interface VaultParts extends VaultDependencies {
  readonly storeId: string;
  readonly keys: KeyHierarchy;
  readonly indexKey: Buffer;
}

class StoredVault implements Vault {
  readonly #parts: VaultParts;
  #versions: readonly StoredVersion[];
  /** Changes run one after the other: each one's statements stand on what the one before it left. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: VaultParts, versions: readonly StoredVersion[]) {
    this.#parts = parts;
    this.#versions = versions;
  }

  current(credential: CredentialId): CredentialVersion | undefined {
    return this.#versions.find((each) => each.credential === credential && each.state === 'current');
  }

  list(): readonly CredentialVersion[] {
    return this.#versions;
  }

  open(permit: CallPermit, declared: DeclaredCredential): OpenedCredential {
    requireOpen(permit, 'call');
    if (permit.credential !== declared.definition.id) {
      throw new SallyportError('PERMIT_INVALID', 'the permit names another credential');
    }
    const stored = this.#versions.find(
      (each) => each.credential === permit.credential && each.version === permit.version,
    );
    if (stored === undefined) {
      throw new SallyportError('CREDENTIAL_MISSING', 'this credential has no value; an operator must add one');
    }
    requireSameTarget(stored, declared);
    requireAlive(stored, declared.definition.maxLifetimeMs, this.#parts.clock.nowMs());
    const { credential, version } = stored;
    return { credential, version, isWeak: stored.isWeak, fields: this.#open(stored) };
  }

  openForMatching(permit: MatchTablePermit): ReturnType<Vault['openForMatching']> {
    requireOpen(permit, 'match-tables');
    const secrets: RegisteredSecret[] = [];
    const failures: { readonly credential: CredentialId; readonly version: number }[] = [];
    for (const stored of this.#versions) {
      // I11: nothing may depend on a match of a value under 48 bits.
      if (stored.isWeak) continue;
      try {
        secrets.push(...registered(stored, this.#open(stored)));
      } catch {
        failures.push({ credential: stored.credential, version: stored.version });
      }
    }
    return { secrets, failures };
  }

  add(declared: DeclaredCredential, fields: SecretFields, options: AddOptions): Promise<CredentialVersion> {
    return this.#inTurn(() => this.#add(declared, fields, options));
  }

  remove(credential: CredentialId): Promise<void> {
    return this.#inTurn(() => this.#remove(credential));
  }

  close(): void {
    this.#parts.keys.close();
    this.#parts.indexKey.fill(0);
  }

  async #add(
    { definition, target }: DeclaredCredential,
    fields: SecretFields,
    { acceptWeak }: AddOptions,
  ): Promise<CredentialVersion> {
    checkFields(definition.kind, fields);
    const weak = isWeak(fields);
    if (weak && !acceptWeak) throw tooWeak();
    const { keys, random, clock, storeId, indexKey, audit } = this.#parts;
    const own = this.#versions.filter((each) => each.credential === definition.id);
    const version = Math.max(0, ...own.map((each) => each.version)) + 1;
    const nowMs = clock.nowMs();
    const epoch = keys.forNewVersion(nowMs);
    const index = blindIndex(indexKey, fields);
    const facts = { version, createdAtMs: nowMs, isWeak: weak, kekEpoch: epoch.epoch, blindIndex: index, target };
    const sealed = sealVersion(epoch.key, fields, { context: { ...facts, storeId }, random });
    const stored: StoredVersion = {
      ...facts,
      ...sealed,
      credential: definition.id,
      kind: definition.kind,
      state: 'current',
    };
    const statements = [...epoch.statements, ...retireBefore(own), insertVersion(stored)];
    const recorded = { version, kind: definition.kind, target: readableTarget(target), weak };
    const entry = { kind: 'credential.added', at: nowMs, subject: definition.id, facts: recorded } as const;
    try {
      await audit.record(entry, { statements, erases: true });
    } catch (error) {
      epoch.discarded();
      throw error;
    }
    epoch.committed();
    this.#versions = await readVersions(this.#parts.store);
    return stored;
  }

  async #remove(credential: CredentialId): Promise<void> {
    const own = this.#versions.filter((each) => each.credential === credential);
    if (own.length === 0) {
      throw new SallyportError('CREDENTIAL_UNKNOWN', 'this credential has no value in the vault');
    }
    const facts = { versions: own.length };
    const entry = { kind: 'credential.removed', at: this.#parts.clock.nowMs(), subject: credential, facts } as const;
    await this.#parts.audit.record(entry, { statements: [deleteAll(credential, own.length)], erases: true });
    this.#versions = this.#versions.filter((each) => each.credential !== credential);
  }

  #open(stored: StoredVersion): SecretFields {
    const { storeId, keys, random } = this.#parts;
    const key = keys.key(stored.kekEpoch);
    const context: VersionContext = { ...stored, storeId };
    const fields = key === undefined ? null : openVersion(key, stored, { context, random });
    if (fields === null) {
      throw new SallyportError('VAULT_TAMPERED', 'a sealed credential was altered; an operator must add it again');
    }
    return fields;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function requireOpen(permit: Permit, purpose: Permit['purpose']): void {
  if (isOpen(permit) && permit.purpose === purpose) return;
  throw new SallyportError('PERMIT_INVALID', 'this permit was not issued, is closed, or is for something else');
}

function requireSameTarget(stored: StoredVersion, { target }: DeclaredCredential): void {
  if (canonicalTarget(stored.target) === canonicalTarget(target)) return;
  throw new SallyportError(
    'CREDENTIAL_TARGET_CHANGED',
    'the config sends this credential elsewhere than it was sealed for; an operator must add its value again',
  );
}

function requireAlive({ createdAtMs }: StoredVersion, maxLifetimeMs: number, nowMs: number): void {
  if (createdAtMs > nowMs + clockToleranceMs) {
    throw new SallyportError(
      'CREDENTIAL_EXPIRED',
      'this credential was made in the future; an operator must check the clock',
    );
  }
  if (createdAtMs + maxLifetimeMs <= nowMs) {
    throw new SallyportError(
      'CREDENTIAL_EXPIRED',
      'this credential is past its maximum lifetime; an operator must renew it',
    );
  }
}

function registered(stored: StoredVersion, fields: SecretFields): readonly RegisteredSecret[] {
  const { credential, version } = stored;
  return Object.entries(fields).flatMap(([field, content]) =>
    content.secret ? [{ credential, version, field, value: content.value }] : [],
  );
}

function tooWeak(): SallyportError {
  return new SallyportError(
    'CREDENTIAL_WEAK',
    'the value has under 48 bits of estimated entropy: it could be guessed, and it could not be told from other text in replies; use a longer random one, or --accept-weak',
  );
}
