// Config, catalogue, grants and match tables as one immutable object; a call takes one reference and keeps it.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CredentialVersion } from '../domain/credential.ts';
import type { CredentialId } from '../domain/credential-id.ts';
import type { Scrubber } from './scrubber.ts';

/** Everything that a call looks at; replaced whole, never changed. */
export interface Snapshot {
  readonly catalogue: Catalogue;
  readonly scrubber: Scrubber;
  /** The version of each credential that calls use; the scrubber knows every one of them (I1). */
  readonly credentials: ReadonlyMap<CredentialId, CredentialVersion>;
}
