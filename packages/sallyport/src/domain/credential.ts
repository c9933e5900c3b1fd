// A credential is a secret in the vault: its kind, its maximum lifetime, its versions, and the one target it may go to.
import type { CredentialId } from './credential-id.ts';
import type { Placement } from './placement.ts';
import { placementText } from './placement.ts';
import type { HttpService } from './service.ts';
import { trustText } from './service.ts';

export type { CredentialId } from './credential-id.ts';

/** The shapes of payload that a credential can have. */
export const credentialKinds = ['token', 'username-password'] as const;

/** The shape of a credential's payload. */
export type CredentialKind = (typeof credentialKinds)[number];

/** Field names of each kind, and which of them are secret. */
export const credentialFields: Readonly<
  Record<CredentialKind, Readonly<Record<string, { readonly secret: boolean }>>>
> = {
  token: { token: { secret: true } },
  'username-password': { username: { secret: false }, password: { secret: true } },
};

/** A credential as the config declares it; its values are attached by command. */
export interface CredentialDefinition {
  readonly id: CredentialId;
  readonly kind: CredentialKind;
  /** Age at which a version is refused, in milliseconds from its creation. */
  readonly maxLifetimeMs: number;
}

/** What a credential is opened for; sealed with it. */
export type CredentialUse = 'call';

/** The only place where a credential version may go (I7). Every field is sealed into the version. */
export interface CredentialTarget {
  readonly credential: CredentialId;
  readonly kind: CredentialKind;
  readonly use: CredentialUse;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly place: string;
  readonly trust: string;
}

/** A credential with the one target that the config gives it now; the vault compares it with what was sealed. */
export interface DeclaredCredential {
  readonly definition: CredentialDefinition;
  readonly target: CredentialTarget;
}

/** The target that the config gives to a credential of an HTTP service. */
export function httpTarget(credential: CredentialDefinition, service: HttpService, place: Placement): CredentialTarget {
  return {
    credential: credential.id,
    kind: credential.kind,
    use: 'call',
    scheme: service.scheme,
    host: service.host,
    port: service.port,
    place: placementText(place),
    trust: trustText(service.trust),
  };
}

/** Whether a kind has the fields that a place needs. */
export function fitsPlace(kind: CredentialKind, place: Placement): boolean {
  return (kind === 'username-password') === (place.kind === 'basic');
}

/** A version of a credential as it is listed; holds no value. */
export interface CredentialVersion {
  readonly credential: CredentialId;
  readonly version: number;
  readonly kind: CredentialKind;
  readonly target: CredentialTarget;
  readonly createdAtMs: number;
  /** Under 48 bits of estimated entropy, accepted by name: usable only where the reply has a field allow-list. */
  readonly isWeak: boolean;
  readonly state: 'current' | 'retired';
}
