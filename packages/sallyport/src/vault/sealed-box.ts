// AES-256-GCM with key commitment: GCM alone lets one ciphertext open under two keys, so a keyed tag is checked before decryption.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Random } from '../domain/random.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/** What is stored of a sealed message. */
export interface SealedBox {
  /** Format byte, nonce (12), ciphertext, tag (16). */
  readonly sealed: Uint8Array;
  /** HMAC-SHA-256 over context and `sealed`, under a key that only this key gives. */
  readonly commitment: Uint8Array;
}

/** A key that seals and opens; the key that it was made from may be overwritten afterwards. */
export interface BoxKey {
  seal(plain: Uint8Array, context: Uint8Array): SealedBox;
  /** The message, or null when key, context or a single bit is another. */
  open(box: SealedBox, context: Uint8Array): Buffer | null;
  /** Overwrites the key in memory. */
  close(): void;
}

/** Bytes of a key. */
export const keyBytes = 32;

const format = 1;
const nonceBytes = 12;
const tagBytes = 16;
const commitmentBytes = 32;
const cipher = 'aes-256-gcm';

/** A 32-byte key derived from another one for one purpose, by HKDF-SHA-256. */
export function deriveKey(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `sallyport/1 ${purpose}`, keyBytes));
}

/** Makes the box key of a uniformly random 32-byte key. */
export function boxKey(key: Uint8Array, random: Random): BoxKey {
  const encryptKey = deriveKey(key, 'encrypt');
  const commitKey = deriveKey(key, 'commit');
  const commit = (sealed: Uint8Array, context: Uint8Array): Buffer =>
    createHmac('sha256', commitKey)
      .update(lengthPrefixed(['commit', context, sealed]))
      .digest();
  return {
    seal(plain, context) {
      const sealed = encrypt(encryptKey, random.bytes(nonceBytes), { plain, context });
      return { sealed, commitment: commit(sealed, context) };
    },
    open({ sealed, commitment }, context) {
      if (commitment.length !== commitmentBytes || !timingSafeEqual(commitment, commit(sealed, context))) return null;
      return decrypt(encryptKey, sealed, context);
    },
    close() {
      encryptKey.fill(0);
      commitKey.fill(0);
    },
  };
}

/** Both parts in one buffer, for columns that hold a wrapped key. */
export function joinBox({ sealed, commitment }: SealedBox): Buffer {
  return Buffer.concat([commitment, sealed]);
}

/** The parts of `joinBox`. */
export function splitBox(joined: Uint8Array): SealedBox {
  return { commitment: joined.subarray(0, commitmentBytes), sealed: joined.subarray(commitmentBytes) };
}

function encrypt(key: Buffer, nonce: Buffer, message: { readonly plain: Uint8Array; readonly context: Uint8Array }) {
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  encryption.setAAD(message.context);
  const ciphertext = Buffer.concat([encryption.update(message.plain), encryption.final()]);
  return Buffer.concat([Buffer.of(format), nonce, ciphertext, encryption.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Uint8Array, context: Uint8Array): Buffer | null {
  if (sealed.length < 1 + nonceBytes + tagBytes || sealed[0] !== format) return null;
  const decryption = createDecipheriv(cipher, key, sealed.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes });
  decryption.setAAD(context);
  decryption.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const start = decryption.update(sealed.subarray(1 + nonceBytes, sealed.length - tagBytes));
  try {
    return Buffer.concat([start, decryption.final()]);
  } catch {
    // The runtime says no more than that the tag does not fit.
    start.fill(0);
    return null;
  }
}
