// Long runs of base64 or hex decoded into a text of their own: what a service encoded twice is looked through once more.
import { once } from '../../domain/once.ts';
import { base64, between, hex } from './alphabet.ts';
import type { View } from './escapes.ts';

interface RunForm {
  /** 1 for each byte that is a digit. */
  readonly digits: Uint8Array;
  readonly shortest: number;
  /** A run of hex ends with a whole byte. */
  readonly digitsPerUnit: number;
  readonly encoding: 'base64' | 'hex';
  /** Bytes that one digit stands for. */
  readonly bytesPerDigit: number;
}

interface Run {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const digitsOf = (table: Uint16Array): Uint8Array => Uint8Array.from(table, (digit) => (digit < between ? 1 : 0));

// Shorter runs hold no window of a value that is encoded once more: 9 characters are 12 digits, and these again 16.
const forms: readonly RunForm[] = [
  { digits: digitsOf(base64.table), shortest: 16, digitsPerUnit: 1, encoding: 'base64', bytesPerDigit: 3 / 4 },
  { digits: digitsOf(hex.table), shortest: 24, digitsPerUnit: 2, encoding: 'hex', bytesPerDigit: 1 / 2 },
];

/** Each run of the view, decoded; every byte of it stands for the digits that it came from. */
export function decodedRuns(view: View): readonly View[] {
  return forms.flatMap((form) => longRuns(view.bytes, form).map((run) => decoded(view, form, run)));
}

// A run of that length covers one of the bytes that are so far apart: text without one is passed over at that stride.
function longRuns(bytes: Uint8Array, { digits, shortest, digitsPerUnit }: RunForm): readonly Run[] {
  const runs: Run[] = [];
  const isDigit = (at: number): boolean => digits[bytes[at] ?? 0] === 1;
  for (let at = shortest - 1; at < bytes.length; at += shortest) {
    if (!isDigit(at)) continue;
    let start = at;
    while (start > 0 && isDigit(start - 1)) start -= 1;
    while (at < bytes.length && isDigit(at)) at += 1;
    const end = at - ((at - start) % digitsPerUnit);
    if (end - start >= shortest) runs.push({ start, end });
  }
  return runs;
}

function decoded(view: View, form: RunForm, run: Run): View {
  const { bytes: source } = view;
  const digits = Buffer.from(source.buffer, source.byteOffset + run.start, run.end - run.start).toString('latin1');
  const bytes = Buffer.from(digits, form.encoding);
  // Most runs hold nothing that anybody asks the place of.
  const origin = once(() => originOf(view, form.bytesPerDigit, { ...run, length: bytes.length }));
  return {
    bytes,
    get origin() {
      return origin();
    },
  };
}

function originOf(
  { origin }: View,
  bytesPerDigit: number,
  { start, end, length }: Run & { readonly length: number },
): NonNullable<View['origin']> {
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  for (let at = 0; at < length; at += 1) {
    const first = start + Math.floor(at / bytesPerDigit);
    const last = Math.min(end, start + Math.ceil((at + 1) / bytesPerDigit)) - 1;
    starts[at] = origin === null ? first : (origin.starts[first] ?? 0);
    ends[at] = origin === null ? last + 1 : (origin.ends[last] ?? 0);
  }
  return { starts, ends };
}
