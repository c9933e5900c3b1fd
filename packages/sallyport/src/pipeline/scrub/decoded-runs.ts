// Long runs of base64 or hex decoded into a text of their own: what a service encoded twice is looked through once more.
import type { View } from './escapes.ts';

interface RunForm {
  readonly pattern: RegExp;
  readonly encoding: 'base64' | 'hex';
  /** Bytes that one digit stands for. */
  readonly bytesPerDigit: number;
}

// Shorter runs hold no window of a value that is encoded once more: 9 characters are 12 digits, and these again 16.
const forms: readonly RunForm[] = [
  { pattern: /[A-Za-z0-9+/_-]{16,}/g, encoding: 'base64', bytesPerDigit: 3 / 4 },
  { pattern: /(?:[0-9a-fA-F]{2}){12,}/g, encoding: 'hex', bytesPerDigit: 1 / 2 },
];

/** Each run of the view, decoded; every byte of it stands for the digits that it came from. */
export function decodedRuns(view: View): readonly View[] {
  const text = Buffer.from(view.bytes.buffer, view.bytes.byteOffset, view.bytes.length).toString('latin1');
  return forms.flatMap((form) => Array.from(text.matchAll(form.pattern), (run) => decoded(view, form, run)));
}

function decoded({ origin }: View, { encoding, bytesPerDigit }: RunForm, run: RegExpExecArray): View {
  const bytes = Buffer.from(run[0], encoding);
  const starts = new Int32Array(bytes.length);
  const ends = new Int32Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) {
    const first = run.index + Math.floor(at / bytesPerDigit);
    const last = Math.min(run.index + run[0].length, run.index + Math.ceil((at + 1) / bytesPerDigit)) - 1;
    starts[at] = origin === null ? first : (origin.starts[first] ?? 0);
    ends[at] = origin === null ? last + 1 : (origin.ends[last] ?? 0);
  }
  return { bytes, origin: { starts, ends } };
}
