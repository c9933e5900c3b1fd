// Looks through one view of a text for windows of registered values: as they are, spaced out, in base64 and in hex.
import { base64, between, type DigitForm, hex, spaced } from './alphabet.ts';
import type { Grams } from './grams.ts';
import { type Bitmap, digitHash, rawHash, type SeedFilter, secondHash } from './seed-filter.ts';
import type { SuffixAutomaton } from './suffix-automaton.ts';
import { DigitWalk, type Direction, RawWalk, type Subject } from './walk.ts';

/** What a scan looks for. */
export interface MatchTables {
  readonly automaton: SuffixAutomaton;
  readonly seeds: SeedFilter;
  readonly grams: Grams;
}

/** Finds every window in the subject's bytes, in time linear in their number. */
export function scanBytes(tables: MatchTables, subject: Subject): void {
  subject.work.spend(subject.bytes.length);
  scanRaw(tables, subject);
  scanDigits(tables, subject);
}

/** Finds windows as they stand. */
export function scanRaw({ automaton, seeds }: MatchTables, subject: Subject): void {
  const { rawBytes, rawStride } = seeds;
  const { words, shift } = seeds.raw;
  const { bytes } = subject;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const toFirst = rawBytes - 4;
  let walk: RawWalk | undefined;
  for (let last = toFirst; last + 4 <= bytes.length; last += rawStride) {
    const hash = rawHash(view.getInt32(last - toFirst), view.getInt32(last));
    if (isSet(words, hash >>> shift) && isSet(words, secondHash(hash) >>> shift)) {
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
  const spacedMove = (spaced.table[byte] ?? between) < between ? spaced.bits : 0;
  return (spacedMove << 16) | (hexMove << 9) | base64Move;
});

function scanDigits({ automaton, seeds }: MatchTables, subject: Subject): void {
  const { bytes } = subject;
  const { digitStride } = seeds;
  const seen = { base64: new Seen(seeds.base64), hex: new Seen(seeds.hex), spaced: new Seen(seeds.spaced) };
  const walks = new Walks(automaton, subject, digitStride);
  let base64Seed = 0;
  let hexSeed = 0;
  let spacedSeed = 0;
  for (let from = 0; from < bytes.length; from += digitStride) {
    const end = Math.min(from + digitStride, bytes.length);
    for (let i = from; i < end; i += 1) {
      const byte = bytes[i] ?? 0;
      const move = moves[byte] ?? 0;
      base64Seed = (base64Seed << (move & 7)) | ((move >> 3) & 63);
      hexSeed = (hexSeed << ((move >> 9) & 7)) | ((move >> 12) & 15);
      const spacedBits = move >> 16;
      spacedSeed = (spacedSeed << spacedBits) | (byte & ((1 << spacedBits) - 1));
    }
    if (seen.base64.has(base64Seed & base64.seedMask)) walks.visit(base64, end);
    if (seen.hex.has(hexSeed)) walks.visit(hex, end);
    if (seen.spaced.has(spacedSeed)) walks.of(spaced).visit(end - 1);
  }
  walks.visitBackwards();
}

/** Walks are made when first needed: most texts need none. */
export class Walks {
  readonly #automaton: SuffixAutomaton;
  readonly #subject: Subject;
  readonly #stride: number;
  readonly #made = new Map<DigitForm, DigitWalk>();
  /** Where seeds may end, for what was encoded and then reversed. */
  readonly #suspected = new Map<DigitForm, number[]>();

  constructor(automaton: SuffixAutomaton, subject: Subject, stride: number) {
    this.#automaton = automaton;
    this.#subject = subject;
    this.#stride = stride;
  }

  of(form: DigitForm): DigitWalk {
    const known = this.#made.get(form);
    if (known !== undefined) return known;
    const made = this.#walk(form, 'forwards');
    this.#made.set(form, made);
    return made;
  }

  /** A seed may end before `end`, in either direction: which one it is, the walks find out. */
  visit(form: DigitForm, end: number): void {
    // Without a digit since the check before, it is the seed that was seen there.
    if (!this.#hasDigit(form, end)) return;
    this.of(form).visit(end - 1);
    const ends = this.#suspected.get(form) ?? [];
    ends.push(end);
    this.#suspected.set(form, ends);
  }

  #hasDigit({ table }: DigitForm, end: number): boolean {
    for (let i = end - 1; i >= end - this.#stride && i >= 0; i -= 1) {
      if ((table[this.#subject.bytes[i] ?? 0] ?? between) < between) return true;
    }
    return false;
  }

  // From the last to the first, as a walk goes through its text in one direction.
  visitBackwards(): void {
    for (const [form, ends] of this.#suspected) {
      const walk = this.#walk(form, 'backwards');
      for (const end of ends.toReversed()) walk.visitFrom(this.#subject.bytes.length - end);
    }
  }

  #walk(form: DigitForm, direction: Direction): DigitWalk {
    return new DigitWalk({
      form,
      automaton: this.#automaton,
      subject: this.#subject,
      stride: this.#stride,
      direction,
    });
  }
}

/** Whether a seed of digits may be one of a pattern. */
export class Seen {
  readonly #words: Int32Array;
  readonly #shift: number;

  constructor({ words, shift }: Bitmap) {
    this.#words = words;
    this.#shift = shift;
  }

  has(digits: number): boolean {
    const hash = digitHash(digits);
    return isSet(this.#words, hash >>> this.#shift) && isSet(this.#words, secondHash(hash) >>> this.#shift);
  }
}

function isSet(words: Int32Array, slot: number): boolean {
  return (((words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) !== 0;
}
