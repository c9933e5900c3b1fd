// What an approval or a record is bound to: any change of what would be executed, or where, changes the digest.
import { createHash } from 'node:crypto';
import { canonicalJson, isRawJsonNumber } from '../domain/canonical-json.ts';
import type { DeclaredCredential } from '../domain/credential.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { Service } from '../domain/service.ts';

/** SHA-256, hex, of the canonical definition, its service and the target of its credential. */
export function operationDigest(
  definition: OperationDefinition,
  service: Service,
  credential: DeclaredCredential | null,
): string {
  const text = canonicalJson({
    definition: plain(definition),
    service: plain(identityOf(service)),
    target: credential === null ? null : plain(credential.target),
  });
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

// The digest of a certificate file says all that its text and its path could.
function identityOf(service: Service): unknown {
  if (service.type === 'sqlite' || service.trust.kind !== 'ca') return service;
  return { ...service, trust: { kind: 'ca', sha256: service.trust.sha256 } };
}

function plain(value: unknown): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (isRawJsonNumber(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} has no canonical text`);
  const fields: (readonly [string, unknown])[] = Object.entries(value);
  return Object.fromEntries(
    fields.filter(([, field]) => field !== undefined).map(([key, field]) => [key, plain(field)]),
  );
}
