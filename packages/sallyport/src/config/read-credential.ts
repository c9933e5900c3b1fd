// Reads one entry of `credentials`; it declares kind and lifetime, never a value.
import { z } from 'zod';
import type { CredentialDefinition, CredentialId } from '../domain/credential.ts';
import { credentialKinds } from '../domain/credential.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { openMap } from './map-reader.ts';
import { durationBetween } from './names.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const minuteMs = 60_000;
const maxLifetimeMs = 3650 * 24 * 60 * minuteMs;
const values = ['value', 'token', 'password', 'secret', 'key', 'api-key', 'username'];

/** A lifetime of a credential, token or session. */
export const lifetime = durationBetween(minuteMs, maxLifetimeMs);

/** Reads a credential; undefined after reporting what is wrong. */
export function readCredential(spot: Spot, id: CredentialId, value: JsonValue): CredentialDefinition | undefined {
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const kind = map.required('kind', z.enum(credentialKinds));
  const maxLifetime = map.required('max-lifetime', lifetime);
  for (const key of values) {
    if (map.raw(key) === undefined) continue;
    report(at(spot, key), 'values never stand in this file; remove it and run `sallyport credential add`');
  }
  map.close();
  return kind === undefined || maxLifetime === undefined ? undefined : { id, kind, maxLifetimeMs: maxLifetime };
}
