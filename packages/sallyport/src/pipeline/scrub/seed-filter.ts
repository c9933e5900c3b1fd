// Bitmaps that say whether a few bytes or digits may belong to a registered value: what lets clean text pass at full speed.
import { base64, type DigitForm, hex, spaced } from './alphabet.ts';
import { classOf, odd, solid } from './byte-classes.ts';
import type { Pattern } from './patterns.ts';

/** Seeds of all patterns, in the forms that are looked for. Secret memory: `closeSeedFilter` overwrites it. */
export interface SeedFilter {
  readonly raw: Bitmap;
  /** Bytes of a raw seed, 4 to 8: its first and its last four, which may overlap. */
  readonly rawBytes: number;
  /** Text is checked at every so many bytes: each window has a checked seed in it, wherever it begins. */
  readonly rawStride: number;
  readonly base64: Bitmap;
  readonly hex: Bitmap;
  readonly spaced: Bitmap;
  readonly digitStride: number;
  /** Solid text is checked at every so many bytes: each window in base64, or spaced out, has a checked seed in it. */
  readonly solidStride: number;
  /** Fewest digits of a window in hex. */
  readonly hexDigits: number;
  /** Hex is checked at every so many digits. */
  readonly hexStride: number;
  /** Whether white space stands in a pattern: then solid text does not show every window of it. */
  readonly hasSpaces: boolean;
  /** Whether it does in a window of plain text. */
  readonly hasPlainSpaces: boolean;
}

/** Builds the seeds of every window of every pattern. */
export function seedFilterOf(patterns: readonly Pattern[]): SeedFilter {
  const windowBytes = patterns.reduce((least, pattern) => Math.min(least, pattern.windowBytes), 64);
  const rawBytes = Math.max(4, Math.min(8, windowBytes - 3));
  // A window of n bytes fills at least (8n - 4) / 6 base64 digits and 2n hex digits, wherever it begins.
  const base64Stride = Math.floor((8 * windowBytes - 4) / base64.bits) - base64.seedDigits + 1;
  const spacedStride = windowBytes - spaced.seedDigits + 1;
  const hexStride = 2 * windowBytes - hex.seedDigits + 1;
  const total = patterns.reduce((sum, pattern) => sum + pattern.bytes.length, 0);
  const filter: SeedFilter = {
    raw: new Bitmap(total),
    rawBytes,
    rawStride: Math.max(1, windowBytes - rawBytes + 1),
    base64: new Bitmap(total * 8),
    hex: new Bitmap(total * 4),
    spaced: new Bitmap(total),
    digitStride: Math.max(1, Math.min(base64Stride, hexStride, spacedStride)),
    solidStride: Math.max(1, Math.min(base64Stride, spacedStride)),
    hexDigits: 2 * windowBytes,
    hexStride: Math.max(1, hexStride),
    hasSpaces: patterns.some(({ bytes }) => bytes.some(isSpace)),
    hasPlainSpaces: patterns.some(hasPlainSpaces),
  };
  for (const { bytes } of patterns) addPattern(filter, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return filter;
}

function isSpace(byte: number): boolean {
  return (classOf(byte) & solid) === 0;
}

// Random bytes rarely hold so many characters in a row.
function hasPlainSpaces({ bytes, windowBytes }: Pattern): boolean {
  let length = 0;
  let lastSpace = -1;
  for (const [at, byte] of bytes.entries()) {
    if ((classOf(byte) & odd) !== 0) length = 0;
    else length += 1;
    if (isSpace(byte)) lastSpace = at;
    if (length >= windowBytes && lastSpace > at - length) return true;
  }
  return false;
}

/** Overwrites the filter. */
export function closeSeedFilter(filter: SeedFilter): void {
  for (const bitmap of [filter.raw, filter.base64, filter.hex, filter.spaced]) bitmap.words.fill(0);
}

/** Hash of a raw seed's first and last four bytes, big-endian. */
export function rawHash(first: number, last: number): number {
  return Math.imul(last ^ Math.imul(first, 0x9e3779b1), 0x85ebca6b);
}

/** Hash of a seed of digits. */
export function digitHash(digits: number): number {
  return Math.imul(digits, 0x9e3779b1);
}

/** The second place of a hash: chance hits of both are some in a hundred thousand, and each would cost a walk. */
export function secondHash(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
}

/** A set of hashes with false positives; about 128 bits for each entry, so one place of a hash is set by chance in fewer than sixty. */
export class Bitmap {
  readonly words: Int32Array;
  readonly shift: number;

  constructor(entries: number) {
    const bits = Math.min(24, Math.max(12, Math.ceil(Math.log2(Math.max(1, entries) * 128))));
    this.words = new Int32Array(1 << (bits - 5));
    this.shift = 32 - bits;
  }

  add(hash: number): void {
    this.#set(hash >>> this.shift);
    this.#set(secondHash(hash) >>> this.shift);
  }

  #set(slot: number): void {
    this.words[slot >>> 5] = (this.words[slot >>> 5] ?? 0) | (1 << (slot & 31));
  }
}

function addPattern(filter: SeedFilter, bytes: Buffer): void {
  for (let at = 0; at + filter.rawBytes <= bytes.length; at += 1) {
    filter.raw.add(rawHash(bytes.readInt32BE(at), bytes.readInt32BE(at + filter.rawBytes - 4)));
  }
  addBothWays(filter.hex, hex, bytes.toString('hex'));
  addDigits(filter.spaced, spaced, bytes.toString('latin1'));
  // After `lead` unknown bytes the first digits hold bits of them, and the last digit holds bits of what follows.
  for (const [lead, undecided] of [0, 2, 3].entries()) {
    const text = Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64');
    addBothWays(filter.base64, base64, text.slice(undecided, Math.floor(((lead + bytes.length) * 8) / base64.bits)));
  }
}

// Digits may have been reversed after they were written.
function addBothWays(bitmap: Bitmap, form: DigitForm, text: string): void {
  addDigits(bitmap, form, text);
  addDigits(bitmap, form, Array.from(text).toReversed().join(''));
}

function addDigits(bitmap: Bitmap, form: DigitForm, text: string): void {
  let seed = 0;
  for (let i = 0; i < text.length; i += 1) {
    seed = (seed << form.bits) | (form.table[text.charCodeAt(i)] ?? 0);
    if (i >= form.seedDigits - 1) bitmap.add(digitHash(seed & form.seedMask));
  }
}
