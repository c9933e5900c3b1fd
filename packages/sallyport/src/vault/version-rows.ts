// Rows of credential versions: read with everything checked, written in the batches of the vault.
import type { CredentialVersion } from '../domain/credential.ts';
import type { CredentialId } from '../domain/credential-id.ts';
import { SallyportError } from '../domain/errors.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import type { SealedVersion } from './seal.ts';
import { canonicalTarget, isCredentialId, isCredentialKind, parseTarget } from './target-text.ts';

/** A version with what is sealed of it. */
export interface StoredVersion extends CredentialVersion, SealedVersion {
  readonly kekEpoch: number;
  readonly blindIndex: string;
}

/** Every version in the store. @throws SallyportError VAULT_TAMPERED (a row that was not written here), STORE_FAILED */
export async function readVersions(store: Store): Promise<readonly StoredVersion[]> {
  const compiled = query
    .selectFrom('credential_version')
    .selectAll()
    .orderBy('credential')
    .orderBy('version')
    .compile();
  return (await store.read(compiled)).map((row) => {
    const target = parseTarget(row.target);
    if (target === undefined || !isCredentialId(row.credential) || !isCredentialKind(row.kind)) {
      throw new SallyportError('VAULT_TAMPERED', 'a row of the vault was altered; restore the state');
    }
    return {
      credential: row.credential,
      version: row.version,
      kind: row.kind,
      target,
      createdAtMs: row.created_at,
      isWeak: row.is_weak === 1,
      state: row.state,
      kekEpoch: row.kek_epoch,
      blindIndex: row.blind_index,
      wrappedKey: row.wrapped_key,
      sealed: row.sealed,
      commitment: row.commitment,
    };
  });
}

/** The statement that adds a version as the current one. */
export function insertVersion(version: StoredVersion): Statement {
  const values = {
    credential: version.credential,
    version: version.version,
    kind: version.kind,
    target: canonicalTarget(version.target),
    created_at: version.createdAtMs,
    is_weak: version.isWeak ? (1 as const) : (0 as const),
    state: version.state,
    kek_epoch: version.kekEpoch,
    wrapped_key: version.wrappedKey,
    commitment: version.commitment,
    sealed: version.sealed,
    blind_index: version.blindIndex,
  };
  return statement(query.insertInto('credential_version').values(values).compile(), { expectRows: 1 });
}

/** Retires the current version, and deletes all but that one. */
export function retireBefore(own: readonly StoredVersion[]): readonly Statement[] {
  const current = own.find((each) => each.state === 'current');
  const old = own.filter((each) => each.state === 'retired');
  return [...old.map((each) => deleteOne(each)), ...(current === undefined ? [] : [retire(current)])];
}

/** Deletes every version of a credential, and with them the only copies of their keys. */
export function deleteAll(credential: CredentialId, count: number): Statement {
  const compiled = query.deleteFrom('credential_version').where('credential', '=', credential).compile();
  return statement(compiled, { expectRows: count });
}

function retire({ credential, version }: StoredVersion): Statement {
  const compiled = query
    .updateTable('credential_version')
    .set({ state: 'retired' })
    .where('credential', '=', credential)
    .where('version', '=', version)
    .where('state', '=', 'current')
    .compile();
  return statement(compiled, { expectRows: 1 });
}

function deleteOne({ credential, version }: StoredVersion): Statement {
  const compiled = query
    .deleteFrom('credential_version')
    .where('credential', '=', credential)
    .where('version', '=', version)
    .compile();
  return statement(compiled, { expectRows: 1 });
}
