// Long runs of base64 and hex decoded once more into a view of their own: what a service encoded twice is looked through in it.
import { base64, between, breaks, type DigitForm, hex } from './alphabet.ts';
import type { Arena } from './arena.ts';
import { everyClass, longHex, wrapping } from './byte-classes.ts';
import type { Making, View } from './escapes.ts';
import { group, nextOfTextStreak } from './text-streak.ts';

interface RunForm extends DigitForm {
  /** 1 for each byte that is a digit or stands between digits. */
  readonly isOfRun: Uint8Array;
  /** Fewest digits of a run: 9 characters, a window, are 12 digits of base64, and these are 16 or 24 digits once more. */
  readonly shortest: number;
  /** The highest bit of each byte of a group of `phases` digits: clear in text, and in text that is encoded once more. */
  readonly highBits: number;
  readonly groupMask: number;
  /** Letters beyond ASCII are passed within text: so many digits in a row, which are whole groups. */
  readonly longestGap: number;
  /** The groups of one phase that must be text before a stretch of it is decoded, as bits of the groups that end at the last digits. */
  readonly streak: number;
}

// Wrapped base64 is one run. Words are not: with spaces between digits all prose would be decoded.
const wrappedBase64: DigitForm = { ...base64, table: base64.table.with(' '.charCodeAt(0), breaks) };

/** Fewest digits of a run of hex that is decoded. */
export const shortestHex = 24;

const base64Runs = runForm(wrappedBase64, { shortest: 16, highBits: 0x808080, groupMask: 0xffffff, groups: 3 });
const hexRuns = runForm(hex, { shortest: shortestHex, highBits: 0x80, groupMask: 0xff, groups: 12 });

function runForm(
  form: DigitForm,
  { groups, ...run }: Pick<RunForm, 'shortest' | 'highBits' | 'groupMask'> & { readonly groups: number },
): RunForm {
  const streak = Array.from({ length: groups }, (_, group) => 1 << (group * form.phases));
  return {
    ...form,
    ...run,
    isOfRun: Uint8Array.from(form.table, (digit) => (digit === breaks ? 0 : 1)),
    longestGap: run.shortest,
    streak: streak.reduce((bits, bit) => bits | bit),
  };
}

/** A range of the view's bytes whose digits decode to text when a byte begins at its first one. */
interface Stretch {
  readonly form: RunForm;
  readonly start: number;
  readonly end: number;
  /** Digits of the first group that stand before the run begins. */
  readonly missing: number;
}

/** Every stretch of the view that decodes to text, each byte with the digits that it came from; null when there is none. */
export function decodedRuns(view: View, { work, arena }: Making, classes = everyClass): View | null {
  const stretches: Stretch[] = [];
  // Digits that were not wrapped stand one after another, and can be looked through for text as they stand.
  const unwrapped = (classes & wrapping) === 0 ? nextOfTextStreak(view.bytes, 0) : -1;
  if (unwrapped >= 0) new Runs(view.bytes, base64Runs, stretches).findUnwrapped(unwrapped);
  if ((classes & wrapping) !== 0) new Runs(view.bytes, base64Runs, stretches).find();
  if ((classes & longHex) !== 0) new Runs(view.bytes, hexRuns, stretches).find();
  if (stretches.length === 0) return null;
  const capacity = stretches.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  work.spend(capacity);
  const decoded = new Decoded(view, capacity, arena);
  for (const stretch of stretches) decoded.add(stretch);
  return decoded.view();
}

class Runs {
  readonly #bytes: Uint8Array;
  readonly #form: RunForm;
  /** Where the last stretch of each phase ended. */
  readonly #doneTo: number[] = [];
  readonly #found: Stretch[];

  constructor(bytes: Uint8Array, form: RunForm, found: Stretch[]) {
    this.#bytes = bytes;
    this.#form = form;
    this.#found = found;
  }

  // A run of that length covers one of the bytes that are so far apart: text without one is passed over at that stride.
  find(): void {
    const { shortest, isOfRun } = this.#form;
    const bytes = this.#bytes;
    for (let at = shortest - 1; at < bytes.length; at += shortest) {
      if (isOfRun[bytes[at] ?? 0] === 0) continue;
      let start = at;
      while (start > 0 && isOfRun[bytes[start - 1] ?? 0] === 1) start -= 1;
      while (at < bytes.length && isOfRun[bytes[at] ?? 0] === 1) at += 1;
      if (at - start >= shortest) this.#run(start, at);
    }
  }

  /** The same where each digit follows the one before; what is found is more, rather than less, by some digits. */
  findUnwrapped(first: number): void {
    for (let at = first; at >= 0; at = nextOfTextStreak(this.#bytes, at + 1)) this.#textAt(at + group - 1, at % group);
  }

  #digit(at: number): number {
    return this.#form.table[this.#bytes[at] ?? 0] ?? breaks;
  }

  // An encoding may begin anywhere in the run: each digit may end a group of its phase.
  #run(start: number, end: number): void {
    const { table, bits, phases, highBits, groupMask, streak } = this.#form;
    const bytes = this.#bytes;
    this.#doneTo.length = 0;
    let held = 0;
    let groups = 0;
    let digits = 0;
    for (let at = start; at < end; at += 1) {
      const digit = table[bytes[at] ?? 0] ?? breaks;
      if (digit === between) continue;
      held = ((held << bits) | digit) & groupMask;
      digits += 1;
      groups = (groups << 1) | ((held & highBits) === 0 ? 1 : 0);
      if ((groups & streak) === streak && digits >= this.#form.shortest - phases) this.#textAt(at, digits % phases);
    }
  }
  #textAt(at: number, phase: number): void {
    if (at < (this.#doneTo[phase] ?? 0)) return;
    const first = this.#firstOfText(at);
    const end = this.#endOfText(at);
    this.#doneTo[phase] = end;
    this.#found.push({ form: this.#form, ...first, end });
  }

  // From the last digit of a group that is text: what is not may come before it, and part of a group at the run's beginning.
  #firstOfText(at: number): { readonly start: number; readonly missing: number } {
    const { shortest, longestGap, phases } = this.#form;
    let start = at;
    let digits = 0;
    for (let i = at; i >= 0 && digits < shortest + longestGap && at - i < maxLookBackBytes; i -= 1) {
      const digit = this.#digit(i);
      if (digit === breaks) break;
      if (digit === between) continue;
      start = i;
      digits += 1;
    }
    return { start, missing: (phases - (digits % phases)) % phases };
  }

  #endOfText(at: number): number {
    const { bits, phases, highBits, groupMask, longestGap } = this.#form;
    let held = 0;
    let digits = 0;
    let textTo = 0;
    let i = at + 1;
    for (; i < this.#bytes.length && digits - textTo <= longestGap; i += 1) {
      const digit = this.#digit(i);
      if (digit === breaks) break;
      if (digit === between) continue;
      held = ((held << bits) | digit) & groupMask;
      digits += 1;
      if (digits % phases === 0 && (held & highBits) === 0) textTo = digits;
    }
    return i;
  }
}

// White space between digits without end is not gone back over for every stretch.
const maxLookBackBytes = 512;

// In no form of any value, and a digit of none: what stands before it and what stands after it do not continue each other.
const bar = 0xff;

class Decoded {
  readonly #source: View;
  readonly #bytes: Uint8Array;
  readonly #origin: View['origin'];
  #length = 0;

  constructor(source: View, capacity: number, arena: Arena | null) {
    this.#source = source;
    this.#bytes = arena === null ? new Uint8Array(capacity) : arena.take(capacity);
    this.#origin = arena === null ? { starts: new Int32Array(capacity), ends: new Int32Array(capacity) } : null;
  }

  add({ form: { table, bits }, start, end, missing }: Stretch): void {
    const { bytes } = this.#source;
    let held = 0;
    let heldBits = (missing * bits) % 8;
    let previous = start;
    for (let at = start; at < end; at += 1) {
      const digit = table[bytes[at] ?? 0] ?? breaks;
      if (digit >= between) continue;
      held = ((held << bits) | digit) & 0xffff;
      heldBits += bits;
      if (heldBits >= 8) {
        heldBits -= 8;
        this.#put((held >>> heldBits) & 0xff, previous, at);
      }
      previous = at;
    }
    this.#put(bar, previous, previous);
  }

  view(): View {
    const length = this.#length;
    const bytes = this.#bytes.subarray(0, length);
    if (this.#origin === null) return { bytes, origin: null };
    const { starts, ends } = this.#origin;
    return { bytes, origin: { starts: starts.subarray(0, length), ends: ends.subarray(0, length) } };
  }

  #put(byte: number, first: number, last: number): void {
    const { origin } = this.#source;
    this.#bytes[this.#length] = byte;
    if (this.#origin !== null) {
      this.#origin.starts[this.#length] = origin === null ? first : (origin.starts[first] ?? 0);
      this.#origin.ends[this.#length] = origin === null ? last + 1 : (origin.ends[last] ?? 0);
    }
    this.#length += 1;
  }
}
