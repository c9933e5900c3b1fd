// Joins each credential of a config with the one service that uses it, which gives it its target.
import type { Config } from './config.ts';
import type { CredentialId, DeclaredCredential } from './credential.ts';
import { httpTarget } from './credential.ts';

/** Every credential of the config with the target that its service gives it. */
export function declaredCredentials(config: Config): ReadonlyMap<CredentialId, DeclaredCredential> {
  const declared = new Map<CredentialId, DeclaredCredential>();
  for (const service of config.services.values()) {
    if (service.type !== 'http' || service.credential === null || service.place === null) continue;
    const definition = config.credentials.get(service.credential);
    if (definition === undefined) continue;
    declared.set(definition.id, { definition, target: httpTarget(definition, service, service.place) });
  }
  return declared;
}
