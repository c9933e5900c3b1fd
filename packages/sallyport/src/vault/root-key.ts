// The root key in memory: it never leaves the key side, and other parts get keys derived from it.
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import { boxKey, deriveKey, joinBox, splitBox } from './sealed-box.ts';

/** What a derived key is for; each purpose gives another key. */
export type DerivedKeyPurpose = 'token-hmac' | 'audit-details' | 'index-hmac' | 'config-cache';

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

/** Takes over the 32 bytes of a root key: `close` overwrites them. */
export function rootKeyFrom(bytes: Buffer, random: Random): RootKey {
  const wrapKey = deriveKey(bytes, 'kek-wrap');
  const wrapping = boxKey(wrapKey, random);
  wrapKey.fill(0);
  let isClosed = false;
  const requireOpen = (): void => {
    if (isClosed) throw new SallyportError('SHUTTING_DOWN', 'the vault is locked');
  };
  return {
    derive(purpose) {
      requireOpen();
      return deriveKey(bytes, purpose);
    },
    wrap(plain, context) {
      requireOpen();
      return joinBox(wrapping.seal(plain, context));
    },
    unwrap(wrapped, context) {
      requireOpen();
      const plain = wrapping.open(splitBox(wrapped), context);
      if (plain === null) throw new SallyportError('VAULT_TAMPERED', 'a wrapped key was altered; restore the state');
      return plain;
    },
    close() {
      isClosed = true;
      bytes.fill(0);
      wrapping.close();
    },
  };
}
