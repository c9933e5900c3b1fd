// Says of most texts that nothing in them decodes from base64 to text, without decoding them.
import { base64, between } from './alphabet.ts';

// A group of four digits decodes to three bytes: the bits of its first three digits that are the highest bits of those.
const highest = [1 << 5, 1 << 3, 1 << 1] as const;

// For each byte: which highest bits it sets as the first, the second and the third digit of a group; all of them where it is none.
const sets = Uint8Array.from(base64.table, (digit) =>
  digit < between ? highest.reduce((bits, bit, place) => bits | ((digit & bit) === 0 ? 0 : 1 << place), 0) : 7,
);

/** Digits of a group. */
export const group = 4;

/**
 * The next group, from a place on, that decodes to text and is one of three in a row that do; -1 when there is none. Of each
 * such three it gives one, and of more some. Digits that were wrapped are not looked at.
 */
export function nextOfTextStreak(bytes: Uint8Array, from: number): number {
  // Of any three in a row, one begins within the first four bytes of one of the pieces of twelve.
  for (let at = from - (from % (3 * group)); at < bytes.length; at += 3 * group) {
    const first = sets[bytes[at] ?? 0] ?? 7;
    const second = sets[bytes[at + 1] ?? 0] ?? 7;
    const third = sets[bytes[at + 2] ?? 0] ?? 7;
    const fourth = sets[bytes[at + 3] ?? 0] ?? 7;
    if (((first & 1) | (second & 2) | (third & 4)) === 0 && at >= from && isInStreak(bytes, at)) return at;
    const fifth = sets[bytes[at + 4] ?? 0] ?? 7;
    if (((second & 1) | (third & 2) | (fourth & 4)) === 0 && at + 1 >= from && isInStreak(bytes, at + 1)) return at + 1;
    const sixth = sets[bytes[at + 5] ?? 0] ?? 7;
    if (((third & 1) | (fourth & 2) | (fifth & 4)) === 0 && at + 2 >= from && isInStreak(bytes, at + 2)) return at + 2;
    if (((fourth & 1) | (fifth & 2) | (sixth & 4)) === 0 && at + 3 >= from && isInStreak(bytes, at + 3)) return at + 3;
  }
  return -1;
}

function isInStreak(bytes: Uint8Array, at: number): boolean {
  const before = isText(bytes, at - group);
  const after = isText(bytes, at + group);
  if (before && after) return true;
  return before ? isText(bytes, at - 2 * group) : after && isText(bytes, at + 2 * group);
}

function isText(bytes: Uint8Array, at: number): boolean {
  if (at < 0 || at + group > bytes.length) return false;
  return (
    (((sets[bytes[at] ?? 0] ?? 7) & 1) |
      ((sets[bytes[at + 1] ?? 0] ?? 7) & 2) |
      ((sets[bytes[at + 2] ?? 0] ?? 7) & 4)) ===
    0
  );
}
