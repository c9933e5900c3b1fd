// Looks through one view of a text for windows of registered values: as they are, spaced out, in base64 and in hex.
import { base64, between, type DigitForm, hex, spaced } from './alphabet.ts';
import { type Bitmap, digitHash, rawHash, type SeedFilter } from './seed-filter.ts';
import type { SuffixAutomaton } from './suffix-automaton.ts';
import { DigitWalk, RawWalk, type Subject } from './walk.ts';

/** What a scan looks for. */
export interface MatchTables {
  readonly automaton: SuffixAutomaton;
  readonly seeds: SeedFilter;
}

/** Finds every window in the subject's bytes, in time linear in their number. */
export function scanBytes(tables: MatchTables, subject: Subject): void {
  subject.work.spend(subject.bytes.length);
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
    if (seen.base64.has(base64Seed & base64.seedMask)) walks.of(base64).visit(end - 1);
    if (seen.hex.has(hexSeed)) walks.of(hex).visit(end - 1);
    if (seen.spaced.has(spacedSeed)) walks.of(spaced).visit(end - 1);
  }
}

/** Walks are made when first needed: most texts need none. */
class Walks {
  readonly #automaton: SuffixAutomaton;
  readonly #subject: Subject;
  readonly #stride: number;
  readonly #made = new Map<DigitForm, DigitWalk>();

  constructor(automaton: SuffixAutomaton, subject: Subject, stride: number) {
    this.#automaton = automaton;
    this.#subject = subject;
    this.#stride = stride;
  }

  of(form: DigitForm): DigitWalk {
    const known = this.#made.get(form);
    if (known !== undefined) return known;
    const made = new DigitWalk({ form, automaton: this.#automaton, subject: this.#subject, stride: this.#stride });
    this.#made.set(form, made);
    return made;
  }
}

class Seen {
  readonly #words: Int32Array;
  readonly #shift: number;

  constructor({ words, shift }: Bitmap) {
    this.#words = words;
    this.#shift = shift;
  }

  has(digits: number): boolean {
    const slot = digitHash(digits) >>> this.#shift;
    return (((this.#words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) !== 0;
  }
}
