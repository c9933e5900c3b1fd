// The name of a credential stands alone, because services name credentials and credentials name services.
import type { Brand } from './brand.ts';

/** Key of a credential in the config. */
export type CredentialId = Brand<string, 'CredentialId'>;
