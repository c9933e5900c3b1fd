// A credential is a secret in the vault: its kind, its maximum lifetime, its versions, and the one target it may go to.

import { assertNever } from './assert-never.ts';
import type { CredentialId } from './credential-id.ts';
import type { Placement } from './placement.ts';
import { placementText } from './placement.ts';
import type { Service } from './service.ts';
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

/** The target that a service gives to its credential; undefined for a service without one. */
export function credentialTarget(credential: CredentialDefinition, service: Service): CredentialTarget | undefined {
  const own = { credential: credential.id, kind: credential.kind, use: 'call' } as const;
  switch (service.type) {
    case 'http': {
      const { scheme, host, port, place, trust } = service;
      if (place === null) return undefined;
      return { ...own, scheme, host, port, place: placementText(place), trust: trustText(trust) };
    }
    case 'postgres': {
      const { host, port, database, trust } = service;
      return { ...own, scheme: 'postgres', host, port, place: `postgres:${database}`, trust: trustText(trust) };
    }
    case 'sqlite':
      return undefined;
    default:
      return assertNever(service);
  }
}

/** The credential that a service names; null for a service without one. */
export function credentialOf(service: Service): CredentialId | null {
  return service.type === 'sqlite' ? null : service.credential;
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
