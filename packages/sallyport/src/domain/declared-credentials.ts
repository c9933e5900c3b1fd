// Joins each credential of a config with the one service that uses it, which gives it its target.
import type { Config } from './config.ts';
import type { CredentialId, DeclaredCredential } from './credential.ts';
import { credentialOf, credentialTarget } from './credential.ts';

/** Every credential of the config with the target that its service gives it. */
export function declaredCredentials(config: Config): ReadonlyMap<CredentialId, DeclaredCredential> {
  const declared = new Map<CredentialId, DeclaredCredential>();
  for (const service of config.services.values()) {
    const id = credentialOf(service);
    const definition = id === null ? undefined : config.credentials.get(id);
    if (definition === undefined) continue;
    const target = credentialTarget(definition, service);
    if (target !== undefined) declared.set(definition.id, { definition, target });
  }
  return declared;
}
