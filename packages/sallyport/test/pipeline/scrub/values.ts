// Random credential values of known shape, and every way of writing them that the scrubber must see through.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { CredentialId } from '../../../src/domain/credential.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { RegisteredSecret } from '../../../src/vault/vault.ts';

/** Registers plain texts as the vault would. */
export function registered(...values: readonly string[]): readonly RegisteredSecret[] {
  return values.map((value, i) => ({
    credential: `credential-${i}` as CredentialId,
    version: 1,
    field: 'token',
    value: new Secret(value),
  }));
}

const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A value that looks random, the same for the same seed. */
export function randomValue(seed: string | number, length = 40, alphabet = base62): string {
  let text = '';
  for (let block = 0; text.length < length; block += 1) {
    const bytes = createHash('sha512').update(`${seed}:${block}`).digest();
    for (const byte of bytes) text += alphabet.charAt(byte % alphabet.length);
  }
  return text.slice(0, length);
}

/** Values of several alphabets and lengths. */
export const anyValue: fc.Arbitrary<string> = fc
  .record({
    seed: fc.nat(),
    length: fc.integer({ min: 24, max: 90 }),
    alphabet: fc.constantFrom(
      base62,
      '0123456789abcdef',
      `${base62}+/`,
      `${base62}-_.~!$&'()*,;=:@ "<>%\\`,
      `${base62}äöüßéñ日本語`,
    ),
  })
  .map(({ seed, length, alphabet }) => `${randomValue(seed, length, alphabet)}x7Qz`);

const bytesOf = (value: string): readonly number[] => [...Buffer.from(value)];
const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');
const unitEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const wrap = (text: string, every: number, by: string): string =>
  (text.match(new RegExp(`.{1,${every}}`, 'g')) ?? []).join(by);

/** Each form, by name; `lead` is what stands before the value inside the encoding. */
export const forms: Readonly<Record<string, (value: string) => string>> = {
  raw: (value) => value,
  'wrapped at 8': (value) => wrap(value, 8, '\n'),
  'spaced out': (value) => wrap(value, 1, ' '),
  reversed: (value) => Array.from(value).toReversed().join(''),
  'base64 at offset 0': (value) => Buffer.from(value).toString('base64'),
  'base64 at offset 1': (value) => Buffer.from(`:${value};`).toString('base64'),
  'base64 at offset 2': (value) => Buffer.from(`u:${value}`).toString('base64'),
  'base64 of user and password': (value) => Buffer.from(`support-bot:${value}`).toString('base64'),
  base64url: (value) => Buffer.from(`a${value}`).toString('base64url'),
  'base64 wrapped at 64': (value) => wrap(Buffer.from(`${'-'.repeat(40)}${value}`).toString('base64'), 64, '\n'),
  'base64 wrapped at 76 with carriage returns': (value) =>
    wrap(Buffer.from(`${'-'.repeat(47)}${value}`).toString('base64'), 76, '\r\n'),
  'base64 wrapped at 5': (value) => wrap(Buffer.from(value).toString('base64'), 5, '\n'),
  'hex in lower case': (value) => Buffer.from(value).toString('hex'),
  'hex in upper case': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'hex in mixed case': (value) =>
    Array.from(Buffer.from(value).toString('hex'), (digit, i) => (i % 3 === 0 ? digit.toUpperCase() : digit)).join(''),
  'hex at an odd digit': (value) => `f${Buffer.from(value).toString('hex')}`,
  'hex with spaces': (value) => bytesOf(value).map(hexByte).join(' '),
  'hex with colons': (value) => bytesOf(value).map(hexByte).join(':'),
  'hex with dashes': (value) => bytesOf(value).map(hexByte).join('-'),
  'hex with commas and spaces': (value) => bytesOf(value).map(hexByte).join(', '),
  'percent, every byte': (value) =>
    bytesOf(value)
      .map((byte) => `%${hexByte(byte)}`)
      .join(''),
  'percent, upper case': (value) =>
    bytesOf(value)
      .map((byte) => `%${hexByte(byte).toUpperCase()}`)
      .join(''),
  'percent, as a component': (value) => encodeURIComponent(value),
  'percent, as a form': (value) => new URLSearchParams([['v', value]]).toString().slice(2),
  'percent, twice': (value) =>
    encodeURIComponent(
      bytesOf(value)
        .map((byte) => `%${hexByte(byte)}`)
        .join(''),
    ),
  'JSON, every character': (value) => value.split('').map(unitEscape).join(''),
  'JSON, one character': (value) => `${value.slice(0, 9)}${unitEscape(value.charAt(9))}${value.slice(10)}`,
  'JSON, as a string': (value) => JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/'),
  'JSON, within a JSON string': (value) => JSON.stringify(JSON.stringify(value)).slice(1, -1),
  'escapes of program text': (value) =>
    bytesOf(value).every((byte) => byte < 128)
      ? bytesOf(value)
          .map((byte) => `\\x${hexByte(byte)}`)
          .join('')
      : value,
  'HTML, decimal': (value) => Array.from(value, (character) => `&#${character.codePointAt(0)};`).join(''),
  'HTML, hex': (value) =>
    Array.from(value)
      .map((character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`)
      .join(''),
  'HTML, by name': (value) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'base64 in percent': (value) => encodeURIComponent(Buffer.from(value).toString('base64')),
  'HTML in JSON': (value) =>
    JSON.stringify(Array.from(value, (character) => `&#${character.codePointAt(0)};`).join('')),
};
