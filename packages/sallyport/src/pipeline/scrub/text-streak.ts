// Says of most texts that nothing in them decodes from base64 to text, without decoding them.
import { base64, between } from './alphabet.ts';

// A group of four digits decodes to three bytes: the bits of its first three digits that are the highest bits of those.
const highest = [1 << 5, 1 << 3, 1 << 1] as const;

/** Digits of a group. */
export const group = 4;

// For each byte, in lanes of nine bits: which of the highest bits it sets as the first, the second and the third digit of a
// group; all of them where it is no digit.
const lane = 9;
const sets = Int32Array.from(base64.table, (digit) =>
  highest.reduce(
    (lanes, bit, place) => (digit < between && (digit & bit) === 0 ? lanes : lanes | (1 << (lane * place))),
    0,
  ),
);

/**
 * The next group, from a place on, that decodes to text and is one of three in a row that do; -1 when there is none. Of each
 * such three it gives one, and of more some. Digits that were wrapped are not looked at.
 */
export function nextOfTextStreak(bytes: Uint8Array, from: number): number {
  // Of any three in a row, one begins within the first four bytes of one of the pieces of twelve.
  for (let at = from - (from % (3 * group)); at < bytes.length; at += 3 * group) {
    const high = highBitsOf(bytes, at);
    if (high === allFour) continue;
    for (let i = 0; i < group; i += 1) {
      if ((high & (1 << i)) === 0 && at + i >= from && isInStreak(bytes, at + i)) return at + i;
    }
  }
  return -1;
}

const allFour = 15;

// A bit for each of the four groups that begin from a place on: set where the group does not decode to text.
function highBitsOf(bytes: Uint8Array, at: number): number {
  const lanes =
    setBy(bytes, at) |
    (setBy(bytes, at + 1) << 1) |
    (setBy(bytes, at + 2) << 2) |
    (setBy(bytes, at + 3) << 3) |
    (setBy(bytes, at + 4) << 4) |
    (setBy(bytes, at + 5) << 5);
  return (lanes | (lanes >>> (lane + 1)) | (lanes >>> (2 * (lane + 1)))) & allFour;
}

function setBy(bytes: Uint8Array, at: number): number {
  return sets[at < bytes.length ? (bytes[at] ?? 0) : 0] ?? 0;
}

function isInStreak(bytes: Uint8Array, at: number): boolean {
  const before = isText(bytes, at - group);
  const after = isText(bytes, at + group);
  if (before && after) return true;
  return before ? isText(bytes, at - 2 * group) : after && isText(bytes, at + 2 * group);
}

function isText(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && (highBitsOf(bytes, at) & 1) === 0;
}
