// Says of most views of a text that no registered value stands in them, at a fraction of what it takes to find where one stands.
import { base64, between, hex, spaced } from './alphabet.ts';
import { longHex, odd, SolidText } from './byte-classes.ts';
import { shortestHex } from './decoded-runs.ts';
import type { View } from './escapes.ts';
import { gramBytes, gramHash } from './grams.ts';
import { type MatchTables, Seen, scanRaw, Walks } from './scan.ts';
import type { ScanWork } from './scan-work.ts';
import type { Scanner } from './search.ts';

const isOfHex = Uint8Array.from(hex.table, (digit) => (digit <= between ? 1 : 0));

/** Looks for the same windows as `scanBytes`, to tell whether there is one. */
export class Sieve implements Scanner {
  #isDone = false;
  readonly #tables: MatchTables;
  readonly #solid: SolidText;
  readonly #base64: Seen;
  readonly #hex: Seen;
  readonly #spaced: Seen;
  #solidWalks: Walks | null = null;
  readonly #onMatch = (): void => {
    this.#isDone = true;
  };

  constructor(tables: MatchTables, keptBytes: number) {
    this.#tables = tables;
    this.#solid = new SolidText(keptBytes);
    this.#base64 = new Seen(tables.seeds.base64);
    this.#hex = new Seen(tables.seeds.hex);
    this.#spaced = new Seen(tables.seeds.spaced);
  }

  /** Whether a window was found since the last `begin`. */
  get isDone(): boolean {
    return this.#isDone;
  }

  begin(): void {
    this.#isDone = false;
    // The look before this one may have ended in the middle, for the work that it took.
    this.#solidWalks = null;
  }

  wipe(): void {
    this.#solid.wipe();
  }

  scan({ bytes }: View, work: ScanWork): number {
    work.spend(bytes.length);
    const solid = this.#solid;
    solid.fill(bytes);
    this.#grams(work);
    const longestHex = this.#hexRuns(bytes, work);
    if (solid.length < bytes.length && this.#mayHoldSpaces(solid.classes)) {
      scanRaw(this.#tables, { bytes, work, onMatch: this.#onMatch });
    }
    return longestHex < shortestHex ? solid.classes : solid.classes | longHex;
  }

  #mayHoldSpaces(classes: number): boolean {
    const { hasSpaces, hasPlainSpaces } = this.#tables.seeds;
    return hasPlainSpaces || (hasSpaces && (classes & odd) !== 0);
  }

  // A window as it stands, spaced out or in base64 has a gram at one of these places once its white space is left out.
  #grams(work: ScanWork): void {
    const { view, length } = this.#solid;
    const { words, shift } = this.#tables.grams;
    const { solidStride } = this.#tables.seeds;
    const last = length - gramBytes;
    for (let at = 0; at <= last && !this.#isDone; at += solidStride) {
      const gram = view.getInt32(at);
      const slot = gramHash(gram) >>> shift;
      if ((((words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) !== 0) this.#gramAt(at, gram, work);
    }
    this.#solidWalks?.visitBackwards();
    this.#solidWalks = null;
  }

  #gramAt(at: number, gram: number, work: ScanWork): void {
    const { bytes, length } = this.#solid;
    const isSpaced = this.#spaced.has(gram);
    const seed = at + base64.seedDigits <= length ? base64Seed(bytes, at) : -1;
    const isBase64 = seed >= 0 && this.#base64.has(seed);
    if (!isSpaced && !isBase64) return;
    this.#solidWalks ??= this.#walks(bytes.subarray(0, length), this.#tables.seeds.solidStride, work);
    if (isSpaced) this.#solidWalks.of(spaced).visit(at + gramBytes - 1);
    if (isBase64) this.#solidWalks.visit(base64, at + base64.seedDigits);
  }

  // A run with as many digits as a window, or as are decoded, covers one of the bytes that are so far apart.
  #hexRuns(bytes: Uint8Array, work: ScanWork): number {
    const shortest = Math.min(this.#tables.seeds.hexDigits, shortestHex);
    let longest = 0;
    for (let at = shortest - 1; at < bytes.length; at += shortest) {
      if (isOfHex[bytes[at] ?? 0] === 0) continue;
      let start = at;
      while (start > 0 && isOfHex[bytes[start - 1] ?? 0] === 1) start -= 1;
      while (at < bytes.length && isOfHex[bytes[at] ?? 0] === 1) at += 1;
      longest = Math.max(longest, at - start);
      if (at - start >= shortest) this.#hexRun(bytes.subarray(start, at), work);
    }
    return longest;
  }

  #hexRun(run: Uint8Array, work: ScanWork): void {
    const { hexStride } = this.#tables.seeds;
    let walks: Walks | undefined;
    let seed = 0;
    let digits = 0;
    let next = Math.ceil(hex.seedDigits / hexStride) * hexStride;
    for (const byte of run) {
      const digit = hex.table[byte] ?? between;
      if (digit === between) continue;
      seed = (seed << hex.bits) | digit;
      digits += 1;
      if (digits !== next) continue;
      next += hexStride;
      if (!this.#hex.has(seed)) continue;
      // Only the digits: a walk goes back over no more than some hundred bytes of what stands between them.
      walks ??= this.#walks(run.filter(isHexDigit), hexStride, work);
      walks.visit(hex, digits);
    }
    walks?.visitBackwards();
  }

  #walks(bytes: Uint8Array, stride: number, work: ScanWork): Walks {
    return new Walks(this.#tables.automaton, { bytes, work, onMatch: this.#onMatch }, stride);
  }
}

function isHexDigit(byte: number): boolean {
  return (hex.table[byte] ?? between) < between;
}

// Negative where it is none.
function base64Seed(bytes: Uint8Array, at: number): number {
  let seed = 0;
  for (let i = at; i < at + base64.seedDigits; i += 1) {
    const digit = base64.table[bytes[i] ?? 0] ?? between;
    if (digit >= between) return -1;
    seed = (seed << base64.bits) | digit;
  }
  return seed;
}
