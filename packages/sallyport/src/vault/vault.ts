// The key side behind one port: nothing comes out of it without a permit.
import type { CredentialId, CredentialTarget, CredentialVersion, DeclaredCredential } from '../domain/credential.ts';
import type { Secret, SecretFields } from '../domain/secret.ts';
import type { CallPermit, MatchTablePermit } from './permit.ts';

/** A version of a credential, opened. */
export interface OpenedCredential {
  readonly credential: CredentialId;
  readonly version: number;
  readonly isWeak: boolean;
  readonly fields: SecretFields;
}

/** A secret field of a current version, for match tables. */
export interface RegisteredSecret {
  readonly credential: CredentialId;
  readonly version: number;
  readonly field: string;
  readonly value: Secret;
}

/** The vault. */
export interface Vault {
  /** The current version of a credential, or undefined when no value has been added; opens nothing. */
  current(credential: CredentialId): CredentialVersion | undefined;
  /** Every version that has not been removed, by credential and version. */
  list(): readonly CredentialVersion[];
  /** Whether a credential has a value that was altered or, as far as it was tried, does not open. */
  isUnreadable(credential: CredentialId): boolean;
  /**
   * Opens the version that the permit names, for the target that the config declares now.
   * @throws SallyportError PERMIT_INVALID, CREDENTIAL_MISSING, CREDENTIAL_EXPIRED, CREDENTIAL_TARGET_CHANGED, VAULT_TAMPERED
   */
  open(permit: CallPermit, declared: DeclaredCredential): OpenedCredential;
  /**
   * Every secret field of every version that is not removed; weak ones are left out (I11).
   * A version that does not open is reported by `failures`, and the others are still given.
   * @throws SallyportError PERMIT_INVALID
   */
  openForMatching(permit: MatchTablePermit): {
    readonly secrets: readonly RegisteredSecret[];
    readonly failures: readonly { readonly credential: CredentialId; readonly version: number }[];
  };
  /**
   * Seals a new version for the declared target and makes it current; durable, with its audit record, when it resolves.
   * @throws SallyportError CREDENTIAL_VALUE (empty, wrong fields, control characters), CREDENTIAL_WEAK (under 48 bits and not accepted)
   */
  add(declared: DeclaredCredential, fields: SecretFields, options: AddOptions): Promise<CredentialVersion>;
  /**
   * Seals the value of the current version for the target that is declared now, as a new version that is no younger than
   * the old one; the permission is recorded before the value is opened. Durable, with its audit records, when it resolves.
   * @throws SallyportError CREDENTIAL_MISSING, CREDENTIAL_EXPIRED, CREDENTIAL_VALUE (its kind changed as well), ADMIN_INPUT
   * (the target or the version is another one than was confirmed), VAULT_TAMPERED
   */
  rebind(declared: DeclaredCredential, confirmed: ConfirmedRebind): Promise<CredentialVersion>;
  /**
   * Removes every version of a credential by destroying its keys; durable, with its audit record, when it resolves.
   * @throws SallyportError CREDENTIAL_UNKNOWN
   */
  remove(credential: CredentialId): Promise<void>;
  /** Overwrites all keys in memory. */
  close(): void;
}

/** What an operator saw and said yes to. */
export interface ConfirmedRebind {
  readonly version: number;
  readonly from: CredentialTarget;
  readonly to: CredentialTarget;
}

/** How a value is added. */
export interface AddOptions {
  /** Accept a value under 48 bits of estimated entropy; it is then used only where the reply has a field allow-list. */
  readonly acceptWeak: boolean;
}
