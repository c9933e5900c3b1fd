// The versions of credentials, sealed; at most one version of a credential is current.

/** One version of a credential. */
export interface CredentialVersionTable {
  readonly credential: string;
  readonly version: number;
  readonly kind: string;
  /** Canonical JSON of the target that is sealed into the version. */
  readonly target: string;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  readonly is_weak: 0 | 1;
  readonly state: 'current' | 'retired';
  readonly kek_epoch: number;
  readonly wrapped_key: Uint8Array;
  readonly commitment: Uint8Array;
  readonly sealed: Uint8Array;
  /** HMAC of the secret, so that a leak feed can be asked without opening anything. */
  readonly blind_index: string;
}
