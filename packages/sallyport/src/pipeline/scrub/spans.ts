// Places in a text that are taken out: collected in any order, merged, widened to whole characters and escapes, replaced.

/** What stands in place of a registered value; no form of any value, so scrubbing twice changes nothing. */
const placeholder = '[redacted]';

/** A byte range of the scanned text, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Collects ranges; those that touch the one before are joined at once, so that there are never more than text / window. */
export class SpanList {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  get isEmpty(): boolean {
    return this.#starts.length === 0;
  }

  add(start: number, end: number): void {
    const last = this.#starts.length - 1;
    const lastStart = this.#starts[last] ?? -1;
    const lastEnd = this.#ends[last] ?? -1;
    if (last >= 0 && start <= lastEnd && end >= lastStart) {
      this.#starts[last] = Math.min(start, lastStart);
      this.#ends[last] = Math.max(end, lastEnd);
      return;
    }
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /** Disjoint spans in order, each widened so that no character and no escape is cut in two. */
  settle(bytes: Uint8Array): readonly Span[] {
    const spans = this.#starts
      .map((start, i) => ({ start: widenStart(bytes, start), end: widenEnd(bytes, this.#ends[i] ?? start) }))
      .sort((a, b) => a.start - b.start);
    const merged: Span[] = [];
    for (const span of spans) {
      const last = merged.at(-1);
      if (last === undefined || span.start > last.end) merged.push(span);
      else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end };
    }
    return merged;
  }
}

/** The text with every span replaced; `bytes` is its UTF-8 form. */
export function replaceSpans(text: string, bytes: Uint8Array, spans: readonly Span[]): string {
  const isAscii = bytes.length === text.length;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const piece = (from: number, to: number): string =>
    isAscii ? text.slice(from, to) : buffer.toString('utf8', from, to);
  let result = '';
  let done = 0;
  for (const { start, end } of spans) {
    result += piece(done, start) + placeholder;
    done = end;
  }
  return result + piece(done, bytes.length);
}

const backslash = 0x5c;
const letterU = 0x75;

// A match may begin inside an escape of JSON text (`\n` before a value, the digits of `\u0041`): the escape goes with it.
function widenStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && isContinuation(bytes[start])) start -= 1;
  for (let back = 1; back <= 5 && back <= start; back += 1) {
    const escape = start - back;
    if (!isEscape(bytes, escape)) continue;
    return back === 1 || bytes[escape + 1] === letterU ? escape : start;
  }
  return start;
}

function widenEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && isContinuation(bytes[end])) end += 1;
  for (let back = 1; back <= 5 && back <= end; back += 1) {
    const escape = end - back;
    if (!isEscape(bytes, escape)) continue;
    const length = bytes[escape + 1] === letterU ? 6 : 2;
    return Math.min(Math.max(end, escape + length), bytes.length);
  }
  return end;
}

// A backslash that is not itself escaped.
function isEscape(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== backslash) return false;
  let run = 0;
  while (run < at && bytes[at - run - 1] === backslash) run += 1;
  return run % 2 === 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
