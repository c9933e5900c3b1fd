// What of a record may have to be forgotten: sealed beside the leaf, committed to in the leaf, erased with its record key.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import type { SealedDetails } from '../store/store.ts';
import { hmac, hmacText } from './hmac.ts';

const recordKeyBytes = 32;
const tagBytes = 16;
const context = Buffer.from('sallyport/audit-details/1');
// Each key seals exactly one message, so the nonce may be constant (NIST SP 800-38D §8: unique for each key).
const nonce = Buffer.alloc(12);

/** Details ready to be stored, and what the leaf says about them. */
export interface CommittedDetails {
  /** HMAC-SHA-256 under the record key, base64url; without that key it can be neither recomputed nor guessed at. */
  readonly commitment: string;
  readonly details: SealedDetails;
}

/** Seals details, given as canonical JSON text, under a fresh record key; `detailsKey` has 32 bytes. */
export function sealDetails(detailsKey: Uint8Array, random: Random, plain: string): CommittedDetails {
  const recordKey = random.bytes(recordKeyBytes);
  const sealed = seal(sealingKey(detailsKey, recordKey), plain, context);
  return { commitment: commitmentOf(recordKey, plain), details: { recordKey, sealed } };
}

/**
 * The canonical JSON text of sealed details.
 * @throws SallyportError AUDIT_INVALID when they are not what the leaf committed to
 */
export function openDetails(detailsKey: Uint8Array, stored: SealedDetails, commitment: string): string {
  const plain = open(sealingKey(detailsKey, stored.recordKey), stored.sealed, context);
  if (commitmentOf(stored.recordKey, plain) !== commitment) throw changed();
  return plain;
}

/** AES-256-GCM: the ciphertext, then the tag. The key must be used for one message only. */
export function seal(key: Uint8Array, plain: string, bound: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const body = cipher.update(plain, 'utf8');
  cipher.final();
  return Buffer.concat([body, cipher.getAuthTag()]);
}

/** @throws SallyportError AUDIT_INVALID */
export function open(key: Uint8Array, sealed: Uint8Array, bound: Uint8Array): string {
  if (sealed.length < tagBytes) throw changed();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(bound);
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return decipher.update(sealed.subarray(0, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw changed(cause);
  }
}

function sealingKey(detailsKey: Uint8Array, recordKey: Uint8Array): Uint8Array {
  return hmac(detailsKey, recordKey);
}

function commitmentOf(recordKey: Uint8Array, plain: string): string {
  return hmacText(recordKey, `commit${plain}`);
}

function changed(cause?: unknown): SallyportError {
  return new SallyportError('AUDIT_INVALID', 'sealed details were changed; run `sallyport audit verify`', { cause });
}
