// Tokens of agents: 256 random bits with a prefix that scanners find and a checksum that tells typing errors from guesses.
import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from '../domain/random.ts';

const prefix = 'spt_';
const bodyLength = 43; // 62^43 > 2^256
const checksumLength = 6; // 62^6 > 2^32
const tokenLength = prefix.length + bodyLength + checksumLength;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A new token. The caller wraps it as a Secret at once. */
export function newTokenText(random: Random): string {
  const number = BigInt(`0x${random.bytes(32).toString('hex')}`);
  const body = prefix + base62(number, bodyLength);
  return body + checksumOf(body);
}

/** Whether a text can be a token at all: its length, prefix, alphabet and checksum. */
export function isWellFormedToken(text: string): boolean {
  if (text.length !== tokenLength || !/^spt_[0-9A-Za-z]+$/.test(text)) return false;
  const body = text.slice(0, tokenLength - checksumLength);
  return text.endsWith(checksumOf(body));
}

/** What is stored of a token: HMAC-SHA-256 under the token key, hex. */
export function tokenHmac(tokenKey: Uint8Array, token: string): string {
  return createHmac('sha256', tokenKey).update(token, 'utf8').digest('hex');
}

function checksumOf(body: string): string {
  let text = '';
  for (let rest = crc32(body); text.length < checksumLength; rest = Math.floor(rest / 62)) {
    text = alphabet.charAt(rest % 62) + text;
  }
  return text;
}

function base62(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text;
}
