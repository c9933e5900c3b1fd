// Every four bytes in a row of every pattern, as they stand and in base64: one look for both, at every few bytes of a text.
import { base64 } from './alphabet.ts';
import type { Pattern } from './patterns.ts';

/** Bytes of a gram. */
export const gramBytes = 4;

/** A set of grams with false positives. Secret memory: `close` overwrites it. */
export class Grams {
  readonly words: Int32Array;
  readonly shift: number;

  constructor(patterns: readonly Pattern[]) {
    const total = patterns.reduce((sum, { bytes }) => sum + bytes.length, 0);
    // As they stand once, and eight times in base64: with 16 bits for each, one in seventeen is set.
    const bits = Math.min(24, Math.max(12, Math.ceil(Math.log2(Math.max(1, total * 9) * 16))));
    this.words = new Int32Array(1 << (bits - 5));
    this.shift = 32 - bits;
    for (const { bytes } of patterns) this.#addPattern(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  has(gram: number): boolean {
    const slot = gramHash(gram) >>> this.shift;
    return (((this.words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) !== 0;
  }

  close(): void {
    this.words.fill(0);
  }

  #addPattern(bytes: Buffer): void {
    for (let at = 0; at + gramBytes <= bytes.length; at += 1) this.#add(bytes.readInt32BE(at));
    // After `lead` unknown bytes the first digits hold bits of them, and the last digit holds bits of what follows.
    for (const [lead, undecided] of [0, 2, 3].entries()) {
      const end = Math.floor(((lead + bytes.length) * 8) / base64.bits);
      const text = Buffer.from(
        Buffer.concat([Buffer.alloc(lead), bytes])
          .toString('base64')
          .slice(undecided, end),
      );
      // Digits may have been reversed after they were written.
      for (const digits of [text, Buffer.from(text).reverse()]) this.#addDigits(digits);
    }
  }

  #addDigits(digits: Buffer): void {
    let lastSwapped = -gramBytes;
    for (let end = 0; end < digits.length; end += 1) {
      if (swapOf(digits[end] ?? 0) !== 0) lastSwapped = end;
      const at = end + 1 - gramBytes;
      if (at < 0) continue;
      this.#add(digits.readInt32BE(at));
      if (lastSwapped >= at) this.#addSwapped(digits, at);
    }
  }

  #addSwapped(digits: Buffer, at: number): void {
    const gram = digits.readInt32BE(at);
    const swaps = [0, 1, 2, 3].map((place) => swapOf(digits[at + place] ?? 0) << (8 * (3 - place)));
    for (let chosen = 1; chosen < 16; chosen += 1) {
      this.#add(swaps.reduce((text, swap, place) => ((chosen & (1 << place)) === 0 ? text : text ^ swap), gram));
    }
  }

  #add(gram: number): void {
    const slot = gramHash(gram) >>> this.shift;
    this.words[slot >>> 5] = (this.words[slot >>> 5] ?? 0) | (1 << (slot & 31));
  }
}

/** Spreads a gram over the slots. */
export function gramHash(gram: number): number {
  return Math.imul(gram ^ (gram >>> 15), 0x9e3779b1);
}

const plus = 0x2b;
const slash = 0x2f;

// What turns a digit into the same one of the other alphabet; a text may mix them.
function swapOf(digit: number): number {
  if (digit === plus) return plus ^ 0x2d;
  return digit === slash ? slash ^ 0x5f : 0;
}
