// HMAC-SHA-256 for the path of a call: two one-shot digests cost half of what the runtime's streaming object does.
import { createHmac, hash } from 'node:crypto';

// RFC 2104 §2; SHA-256 has blocks of 64 bytes and digests of 32.
const blockBytes = 64;
const innerPad = 0x36;
const outerPad = 0x5c;
const longestBytes = 8 * 1024;

// Used again and again, as nothing here waits; what they hold is overwritten after each use.
const inner = Buffer.alloc(blockBytes + longestBytes);
const outer = Buffer.alloc(blockBytes + 32);

/** The HMAC-SHA-256 of a message; `key` has at most 64 bytes. */
export function hmac(key: Uint8Array, message: Uint8Array): Buffer {
  if (message.length > longestBytes) return createHmac('sha256', key).update(message).digest();
  inner.set(message, blockBytes);
  return digest(key, message.length, 'buffer');
}

/** The same of a text's UTF-8, as base64url. */
export function hmacText(key: Uint8Array, message: string): string {
  // No UTF-16 unit has more than three bytes.
  if (message.length * 3 > longestBytes) return createHmac('sha256', key).update(message).digest('base64url');
  return digest(key, inner.write(message, blockBytes, 'utf8'), 'base64url');
}

function digest(key: Uint8Array, messageBytes: number, encoding: 'buffer'): Buffer;
function digest(key: Uint8Array, messageBytes: number, encoding: 'base64url'): string;
function digest(key: Uint8Array, messageBytes: number, encoding: 'buffer' | 'base64url'): Buffer | string {
  inner.fill(innerPad, 0, blockBytes);
  outer.fill(outerPad, 0, blockBytes);
  for (let index = 0; index < key.length; index += 1) {
    const byte = key[index] ?? 0;
    inner[index] = innerPad ^ byte;
    outer[index] = outerPad ^ byte;
  }
  const end = blockBytes + messageBytes;
  outer.write(hash('sha256', inner.subarray(0, end), 'latin1'), blockBytes, 'latin1');
  // Asking for text and reading it back takes less time than asking for a buffer.
  const result =
    encoding === 'buffer' ? Buffer.from(hash('sha256', outer, 'latin1'), 'latin1') : hash('sha256', outer, 'base64url');
  inner.fill(0, 0, end);
  outer.fill(0);
  return result;
}
