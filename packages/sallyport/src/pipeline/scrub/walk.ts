// Follows a suspected value through text with the automaton, to its exact ends; each byte is followed once for each alignment.
import { between, breaks, type DigitForm } from './alphabet.ts';
import type { ScanWork } from './scan-work.ts';
import { root, type SuffixAutomaton } from './suffix-automaton.ts';

/** The bytes that are looked through, who is told of a match (`end` is exclusive), and what counts the bytes. */
export interface Subject {
  readonly bytes: Uint8Array;
  readonly onMatch: (start: number, end: number) => void;
  readonly work: ScanWork;
}

/** Walks text as it stands. */
export class RawWalk {
  readonly #cursor: Cursor;
  readonly #automaton: SuffixAutomaton;
  readonly #subject: Subject;
  readonly #seedBytes: number;
  readonly #stride: number;
  #walkedTo = -1;

  constructor(
    automaton: SuffixAutomaton,
    subject: Subject,
    seeds: { readonly rawBytes: number; readonly rawStride: number },
  ) {
    this.#cursor = new Cursor(automaton);
    this.#automaton = automaton;
    this.#subject = subject;
    this.#seedBytes = seeds.rawBytes;
    this.#stride = seeds.rawStride;
  }

  /** A seed may end at `at`. */
  visit(at: number): void {
    if (at <= this.#walkedTo) return;
    const { bytes } = this.#subject;
    const cursor = this.#cursor;
    cursor.reset();
    // The check before this one found nothing, so a match begins after the first byte of the seed that it looked at.
    const start = Math.max(0, at - this.#stride - this.#seedBytes + 1);
    let i = start;
    for (; i < bytes.length; i += 1) {
      cursor.step(bytes[i] ?? 0);
      if (cursor.isWindow()) this.#report(i);
      if (i >= at && cursor.length < this.#seedBytes) break;
    }
    this.#walkedTo = i;
    this.#subject.work.spend(2 * (i - start));
  }

  // What stands around the unguessable part in the value itself goes with it.
  #report(last: number): void {
    const { length, state } = this.#cursor;
    const automaton = this.#automaton;
    const valueEnd = automaton.endOf(state);
    const owner = automaton.owner[valueEnd] ?? 0;
    const pattern = automaton.patterns[owner];
    if (pattern === undefined) return;
    const first = last - length + 1;
    const isFromStart = valueEnd - length + 1 === automaton.base[owner];
    const isToEnd = valueEnd + 1 === automaton.base[owner + 1];
    const before = isFromStart ? commonBefore(this.#subject.bytes, first, pattern.before) : 0;
    const after = isToEnd ? commonAfter(this.#subject.bytes, last + 1, pattern.after) : 0;
    this.#subject.onMatch(first - before, last + 1 + after);
  }
}

/** Which way a walk reads its text: places are counted from where it begins. */
export type Direction = 'forwards' | 'backwards';

/** Walks runs of digits, decoding them at every alignment. */
export class DigitWalk {
  readonly #form: DigitForm;
  readonly #bytes: Uint8Array;
  readonly #onMatch: Subject['onMatch'];
  readonly #work: ScanWork;
  /** The last byte, where the walk goes backwards. */
  readonly #last: number | null;
  readonly #cursor: Cursor;
  readonly #lookBack: number;
  /** Where the walk of each alignment ended; alignments are counted from the anchor. */
  readonly #walkedTo: Int32Array;
  /** Last byte of a match: its digits belong to no second value at another alignment. */
  #matchedTo = -1;
  #anchor = 0;
  #anchorPhase = 0;
  /** Where each of the last decoded bytes began, by its number: as many as the longest match. */
  readonly #begins: Int32Array;

  constructor(parts: {
    readonly form: DigitForm;
    readonly automaton: SuffixAutomaton;
    readonly subject: Subject;
    readonly stride: number;
    readonly direction: Direction;
  }) {
    this.#form = parts.form;
    this.#bytes = parts.subject.bytes;
    this.#onMatch = parts.subject.onMatch;
    this.#last = parts.direction === 'backwards' ? parts.subject.bytes.length - 1 : null;
    this.#work = parts.subject.work;
    this.#cursor = new Cursor(parts.automaton);
    // To the first seed that the check before did not see, and the digits around it that share a byte with others.
    this.#lookBack = parts.form.seedDigits + parts.stride + parts.form.phases;
    this.#walkedTo = new Int32Array(parts.form.phases).fill(-1);
    this.#begins = new Int32Array(2 ** Math.ceil(Math.log2(parts.automaton.longest + 2)));
  }

  /** A seed may end at the last digit up to `at`. */
  visit(at: number): void {
    if (at <= this.#matchedTo || at <= Math.min(...this.#walkedTo)) return;
    let start = this.#stepBack(at);
    let phase = this.#phaseOf(start);
    for (let tried = 0; tried < this.#form.phases && start <= at; tried += 1) {
      if (at > (this.#walkedTo[phase] ?? -1)) this.#walkedTo[phase] = this.#walk(start, at);
      phase = (phase + 1) % this.#form.phases;
      start += 1;
      while (start < at && this.#digit(start) === between) start += 1;
    }
  }

  /** A seed may begin at the first digit from `from` on. */
  visitFrom(from: number): void {
    let at = from;
    let digits = 0;
    for (
      let i = from;
      i < this.#bytes.length && digits < this.#form.seedDigits && i - from < maxLookBackBytes;
      i += 1
    ) {
      const digit = this.#digit(i);
      if (digit === breaks) break;
      at = i;
      if (digit < between) digits += 1;
    }
    this.#work.spend(at - from);
    this.visit(at);
  }

  #digit(at: number): number {
    return this.#form.table[this.#bytes[this.#last === null ? at : this.#last - at] ?? 0] ?? breaks;
  }

  // The first digit of the run, or the digit `lookBack` digits ago. Long gaps are not walked over again: they end it.
  #stepBack(at: number): number {
    let start = at;
    let digits = 0;
    for (let i = at; i >= 0 && digits < this.#lookBack && at - i < maxLookBackBytes; i -= 1) {
      const digit = this.#digit(i);
      if (digit === breaks) break;
      if (digit < between) {
        start = i;
        digits += 1;
      }
    }
    return start;
  }

  // Counts digits from where they were last counted: only within text that was walked already.
  #phaseOf(start: number): number {
    if (start > Math.max(...this.#walkedTo)) {
      this.#walkedTo.fill(-1);
      this.#anchorPhase = 0;
    } else {
      for (let i = this.#anchor; i < start; i += 1) if (this.#digit(i) < between) this.#anchorPhase += 1;
      this.#anchorPhase %= this.#form.phases;
    }
    this.#anchor = start;
    return this.#anchorPhase;
  }

  // Decodes from a digit that begins a byte; returns where it stopped.
  #walk(start: number, at: number): number {
    const { bits } = this.#form;
    const cursor = this.#cursor;
    const mask = this.#begins.length - 1;
    cursor.reset();
    let held = 0;
    let heldBits = 0;
    let previous = start;
    let decoded = 0;
    let i = start;
    for (; i < this.#bytes.length; i += 1) {
      const digit = this.#digit(i);
      if (digit === between) continue;
      if (digit === breaks) break;
      held = ((held << bits) | digit) & 0xffff;
      heldBits += bits;
      if (heldBits >= 8) {
        heldBits -= 8;
        // A digit of less than a byte begins it together with the digit before.
        this.#begins[decoded & mask] = bits === 8 ? i : previous;
        cursor.step((held >>> heldBits) & 0xff);
        if (cursor.isWindow()) {
          this.#report(this.#begins[(decoded - cursor.length + 1) & mask] ?? start, i + 1);
          this.#matchedTo = i;
        }
        decoded += 1;
        if (i > at && cursor.length < 3) break;
      }
      previous = i;
    }
    this.#work.spend(2 * (i - start));
    return i;
  }

  #report(start: number, end: number): void {
    if (this.#last === null) this.#onMatch(start, end);
    else this.#onMatch(this.#last + 1 - end, this.#last + 1 - start);
  }
}

// Whitespace between digits without end must not be gone through again at every check.
const maxLookBackBytes = 512;

/** A place in the automaton. */
class Cursor {
  readonly #automaton: SuffixAutomaton;
  state = root;
  length = 0;

  constructor(automaton: SuffixAutomaton) {
    this.#automaton = automaton;
  }

  reset(): void {
    this.state = root;
    this.length = 0;
  }

  step(byte: number): void {
    let next = this.#automaton.next(this.state, byte);
    while (next < 0 && this.state !== root) {
      this.state = this.#automaton.linkOf(this.state);
      this.length = this.#automaton.lengthOf(this.state);
      next = this.#automaton.next(this.state, byte);
    }
    if (next < 0) return;
    this.state = next;
    this.length += 1;
  }

  isWindow(): boolean {
    return this.length > 3 && this.#automaton.isWindow(this.state, this.length);
  }
}

function commonBefore(bytes: Uint8Array, end: number, wanted: Uint8Array): number {
  let count = 0;
  while (count < wanted.length && count < end && bytes[end - count - 1] === wanted[wanted.length - count - 1])
    count += 1;
  return count;
}

function commonAfter(bytes: Uint8Array, start: number, wanted: Uint8Array): number {
  let count = 0;
  while (count < wanted.length && bytes[start + count] === wanted[count]) count += 1;
  return count;
}
