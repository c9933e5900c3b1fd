// The root key in memory: it never leaves the key side, and other parts get keys derived from it.

/** What a derived key is for; each purpose gives another key. */
export type DerivedKeyPurpose = 'token-hmac' | 'audit-details' | 'index-hmac';

/** The unlocked root key. */
export interface RootKey {
  /** A 32-byte key derived by HKDF-SHA-256; the same on every start. */
  derive(purpose: DerivedKeyPurpose): Buffer;
  /** Wraps a key-encryption key; used by the vault alone. */
  wrap(plain: Buffer, context: Buffer): Buffer;
  /** @throws SallyportError VAULT_TAMPERED */
  unwrap(wrapped: Buffer, context: Buffer): Buffer;
  /** Overwrites the key in memory. */
  close(): void;
}
