// The stored versions of credentials, and what the audit says about them: a row that the audit does not know is not believed.
import { parseEntry } from '../audit/parse-entry.ts';
import type { CredentialVersion } from '../domain/credential.ts';
import type { CredentialId } from '../domain/credential-id.ts';
import { isNotOfCall } from '../store/leaf-conditions.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import type { CredentialVersionTable } from '../store/tables/credential-version.ts';
import type { SealedVersion } from './seal.ts';
import { canonicalTarget, isCredentialId, isCredentialKind, parseTarget } from './target-text.ts';

/** A row with what it claims to be. */
export interface StoredVersion extends SealedVersion {
  readonly credential: CredentialId;
  readonly version: number;
  readonly kekEpoch: number;
  readonly blindIndex: string;
  /** Undefined when the row cannot be what was written. */
  readonly facts: CredentialVersion | undefined;
}

/** What the audit recorded last about a credential. */
export interface RecordedVersions {
  /** The highest version that was ever added. */
  readonly highest: number;
  /** Null after a removal. */
  readonly current: number | null;
}

/** Every row, by credential and version. */
export async function readVersions(
  store: Store,
  recorded: ReadonlyMap<string, RecordedVersions>,
): Promise<readonly StoredVersion[]> {
  const all = query.selectFrom('credential_version').selectAll().orderBy('credential').orderBy('version').compile();
  return (await store.read(all)).flatMap((row) => fromRow(row, recorded.get(row.credential)));
}

/** What the audit says about each credential; compared at start, it shows a row that was put back (rollback). */
export async function readRecordedVersions(store: Store): Promise<ReadonlyMap<string, RecordedVersions>> {
  const compiled = query
    .selectFrom('audit_leaf')
    .select(['seq', 'kind', 'subject', 'leaf'])
    .where(isNotOfCall)
    .where('kind', 'in', ['credential.added', 'credential.removed'])
    .orderBy('seq')
    .compile();
  const recorded = new Map<string, RecordedVersions>();
  for (const { seq, kind, subject, leaf } of await store.read(compiled)) {
    if (subject === null) continue;
    const version = leafVersion(seq, leaf);
    // What a damaged record said is not known: no row of its credential is believed, and its number is not used again.
    const highest = version ?? (recorded.get(subject)?.highest ?? 0) + 1;
    recorded.set(subject, { highest, current: kind === 'credential.added' ? (version ?? null) : null });
  }
  return recorded;
}

/** Whether a credential has a row that cannot be what was written. */
export function hasAlteredRow(rows: readonly StoredVersion[], credential: CredentialId): boolean {
  return rows.some((row) => row.credential === credential && row.facts === undefined);
}

/** The statement that adds a version as the current one. */
export function insertVersion(stored: StoredVersion, facts: CredentialVersion): Statement {
  const values: CredentialVersionTable = {
    credential: stored.credential,
    version: stored.version,
    kind: facts.kind,
    target: canonicalTarget(facts.target),
    created_at: facts.createdAtMs,
    is_weak: facts.isWeak ? 1 : 0,
    state: facts.state,
    kek_epoch: stored.kekEpoch,
    wrapped_key: stored.wrappedKey,
    commitment: stored.commitment,
    sealed: stored.sealed,
    blind_index: stored.blindIndex,
  };
  return statement(query.insertInto('credential_version').values(values).compile(), { expectRows: 1 });
}

/** The statement that retires a version. */
export function retireVersion({ credential, version }: StoredVersion): Statement {
  const compiled = query
    .updateTable('credential_version')
    .set({ state: 'retired' })
    .where('credential', '=', credential)
    .where('version', '=', version)
    .where('state', '=', 'current')
    .compile();
  return statement(compiled, { expectRows: 1 });
}

/** The statement that removes versions of one credential, all of them or none, and their wrapped keys with them. */
export function deleteVersions(credential: CredentialId, versions: readonly number[]): Statement {
  const compiled = query
    .deleteFrom('credential_version')
    .where('credential', '=', credential)
    .where('version', 'in', versions)
    .compile();
  return statement(compiled, { expectRows: versions.length });
}

function fromRow(row: CredentialVersionTable, recorded: RecordedVersions | undefined): readonly StoredVersion[] {
  const { credential, version } = row;
  if (!isCredentialId(credential)) return [];
  const stored = {
    credential,
    version,
    kekEpoch: row.kek_epoch,
    blindIndex: row.blind_index,
    wrappedKey: row.wrapped_key,
    sealed: row.sealed,
    commitment: row.commitment,
  };
  return [{ ...stored, facts: isAsRecorded(row, recorded) ? factsOf(row, credential) : undefined }];
}

// An older version that was made current again, and one that was removed and came back, are valid rows: only the audit tells.
function isAsRecorded({ version, state }: CredentialVersionTable, recorded: RecordedVersions | undefined): boolean {
  if (recorded === undefined || recorded.current === null) return false;
  return state === 'current' ? version === recorded.current : version < recorded.current;
}

function factsOf(row: CredentialVersionTable, credential: CredentialId): CredentialVersion | undefined {
  const { version, kind, state, created_at: createdAtMs } = row;
  const target = parseTarget(row.target);
  if (target === undefined || !isCredentialKind(kind)) return undefined;
  if (target.kind !== kind || target.credential !== credential) return undefined;
  return { credential, version, kind, target, createdAtMs, isWeak: row.is_weak === 1, state };
}

function leafVersion(seq: number, leaf: Uint8Array): number | undefined {
  const entry = parseEntry(seq, leaf)?.entry;
  const version = entry !== undefined && 'facts' in entry ? entry.facts['version'] : undefined;
  return typeof version === 'number' ? version : undefined;
}
