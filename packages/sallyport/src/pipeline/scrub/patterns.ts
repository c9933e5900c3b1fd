// Turns registered values into the byte patterns to look for: their unguessable part only, forwards and backwards (I11).
import { unguessablePart, windowLength } from '../../domain/entropy.ts';
import type { RegisteredSecret } from '../../vault/vault.ts';

/** One value to look for. Secret memory. */
export interface Pattern {
  /** The unguessable part as UTF-8. */
  readonly bytes: Uint8Array;
  /** Characters (UTF-16 units) of it that make a match. */
  readonly window: number;
  /** Fewest bytes that such a window can have. */
  readonly windowBytes: number;
  /** What stands before and after it in the whole value: taken out with it, never matched alone. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The patterns of a registered value; none when it has less than one window. */
export function patternsOf(secret: RegisteredSecret): readonly Pattern[] {
  const value = secret.value.reveal();
  const { start, end } = unguessablePart(value);
  const window = windowLength(value);
  if (end - start < window) return [];
  const parts = { before: value.slice(0, start), middle: value.slice(start, end), after: value.slice(end) };
  const patterns = [pattern(parts, window), pattern(reverse(parts), window)];
  // Forms write a space as `+` (WHATWG URL §5.2); percent decoding alone would not bring it back.
  if (parts.middle.includes(' ')) patterns.push(pattern(plusForSpace(parts), window));
  // Text that was wrapped or spaced out is compared without its white space.
  const solid = parts.middle.replace(/[ \t\r\n]+/g, '');
  if (solid.length < parts.middle.length && solid.length >= window) {
    patterns.push(pattern({ before: '', middle: solid, after: '' }, window));
  }
  return patterns;
}

interface Parts {
  readonly before: string;
  readonly middle: string;
  readonly after: string;
}

function pattern(parts: Parts, window: number): Pattern {
  return {
    bytes: Buffer.from(parts.middle),
    window,
    windowBytes: fewestBytes(parts.middle, window),
    before: Buffer.from(parts.before),
    after: Buffer.from(parts.after),
  };
}

function reverse({ before, middle, after }: Parts): Parts {
  return { before: reversed(after), middle: reversed(middle), after: reversed(before) };
}

function reversed(text: string): string {
  return Array.from(text).toReversed().join('');
}

function plusForSpace({ before, middle, after }: Parts): Parts {
  const swap = (text: string): string => text.replaceAll(' ', '+');
  return { before: swap(before), middle: swap(middle), after: swap(after) };
}

// Slides the window over the characters; a window that cuts a surrogate pair counts without it.
function fewestBytes(text: string, window: number): number {
  const bytesBefore = new Uint32Array(text.length + 1);
  let total = 0;
  let unit = 0;
  for (const character of text) {
    for (let i = 0; i < character.length; i += 1) bytesBefore[unit + i] = total;
    total += Buffer.byteLength(character);
    unit += character.length;
  }
  bytesBefore[unit] = total;
  let fewest = total;
  for (let at = 0; at + window <= unit; at += 1) {
    fewest = Math.min(fewest, (bytesBefore[at + window] ?? 0) - (bytesBefore[at] ?? 0));
  }
  return Math.max(fewest, 1);
}
