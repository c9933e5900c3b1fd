// Looks through one view of a text for windows of registered values: as they are, in base64 and in hex.
import { base64, between, hex } from './alphabet.ts';
import { digitHash, rawHash, type SeedFilter } from './seed-filter.ts';
import type { SuffixAutomaton } from './suffix-automaton.ts';
import { DigitWalk, RawWalk, type Subject } from './walk.ts';

/** What a scan looks for. */
export interface MatchTables {
  readonly automaton: SuffixAutomaton;
  readonly seeds: SeedFilter;
}

/** Finds every window in the subject's bytes, in time linear in their number. */
export function scanBytes(tables: MatchTables, subject: Subject): void {
  scanRaw(tables, subject);
  scanDigits(tables, subject);
}

function scanRaw({ automaton, seeds }: MatchTables, subject: Subject): void {
  const { rawBytes, rawStride } = seeds;
  const { words, shift } = seeds.raw;
  const { bytes } = subject;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const toFirst = rawBytes - 4;
  let walk: RawWalk | undefined;
  for (let last = toFirst; last + 4 <= bytes.length; last += rawStride) {
    const slot = rawHash(view.getInt32(last - toFirst), view.getInt32(last)) >>> shift;
    if ((((words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) !== 0) {
      walk ??= new RawWalk(automaton, subject, seeds);
      walk.visit(last + 3);
    }
  }
}

// For each byte: how far it moves each seed, and the digit that it adds. Any other byte leaves a seed as it is: a seed
// that was put together over a break is refused by the walk, and the loop needs no branch.
const moves = Int32Array.from({ length: 256 }, (_, byte) => {
  const base64Digit = base64.table[byte] ?? between;
  const hexDigit = hex.table[byte] ?? between;
  const base64Move = base64Digit < between ? (base64Digit << 3) | base64.bits : 0;
  const hexMove = hexDigit < between ? (hexDigit << 3) | hex.bits : 0;
  return (hexMove << 9) | base64Move;
});

function scanDigits({ automaton, seeds }: MatchTables, subject: Subject): void {
  const { bytes } = subject;
  const { digitStride } = seeds;
  const base64Seen = new Seen(seeds.base64.words, seeds.base64.shift);
  const hexSeen = new Seen(seeds.hex.words, seeds.hex.shift);
  let base64Walk: DigitWalk | undefined;
  let hexWalk: DigitWalk | undefined;
  let base64Seed = 0;
  let hexSeed = 0;
  for (let from = 0; from < bytes.length; from += digitStride) {
    const end = Math.min(from + digitStride, bytes.length);
    for (let i = from; i < end; i += 1) {
      const move = moves[bytes[i] ?? 0] ?? 0;
      base64Seed = (base64Seed << (move & 7)) | ((move >> 3) & 63);
      hexSeed = (hexSeed << ((move >> 9) & 7)) | (move >> 12);
    }
    if (base64Seen.has(base64Seed & base64.seedMask)) {
      base64Walk ??= new DigitWalk({ form: base64, automaton, subject, stride: digitStride });
      base64Walk.visit(end - 1);
    }
    if (hexSeen.has(hexSeed)) {
      hexWalk ??= new DigitWalk({ form: hex, automaton, subject, stride: digitStride });
      hexWalk.visit(end - 1);
    }
  }
}

class Seen {
  readonly #words: Int32Array;
  readonly #shift: number;

  constructor(words: Int32Array, shift: number) {
    this.#words = words;
    this.#shift = shift;
  }

  has(digits: number): boolean {
    const slot = digitHash(digits) >>> this.#shift;
    return (((this.#words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) !== 0;
  }
}
