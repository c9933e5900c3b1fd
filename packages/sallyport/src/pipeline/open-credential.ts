// Fifth stage: opens the credential version that the intent names, with the permit, which ends right here.
import { closePermit } from '../vault/permit.ts';
import type { Authorised, Opened, Stages } from './stages.ts';

/**
 * Opens the credential; nothing has been sent yet.
 * @throws SallyportError CREDENTIAL_MISSING, CREDENTIAL_EXPIRED, CREDENTIAL_TARGET_CHANGED, VAULT_TAMPERED, PERMIT_INVALID
 */
export function openCredential({ vault }: Stages, authorised: Authorised): Opened {
  const { permit, operation } = authorised;
  if (permit === null || operation.credential === null) {
    return { stage: 'opened', authorised, credential: null, credentialVersion: null };
  }
  try {
    const { fields, version } = vault.open(permit, operation.credential);
    return { stage: 'opened', authorised, credential: fields, credentialVersion: version };
  } finally {
    // Once is enough: nothing is sent twice, so nothing is opened twice.
    closePermit(permit);
  }
}
