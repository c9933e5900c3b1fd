// Which byte stands for which digit of hex, of base64 and of text with white space in it, and which may stand between digits.

/** Between digits: passed over. */
export const between = 256;

/** Not part of a run of digits: ends it. */
export const breaks = 257;

/** A way of writing bytes as digits. */
export interface DigitForm {
  /** Value of each byte as a digit, `between` or `breaks`. */
  readonly table: Uint16Array;
  /** Bits of a digit. */
  readonly bits: number;
  /** Digits after which bytes and digits align again. */
  readonly phases: number;
  /** Digits in a seed: 30 or 32 bits. */
  readonly seedDigits: number;
  readonly seedMask: number;
}

/** Both alphabets of RFC 4648, wrapped or not. */
export const base64: DigitForm = {
  table: digitTable(' \t\r\n', [
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 0],
    ['-_', 62],
  ]),
  bits: 6,
  phases: 4,
  seedDigits: 5,
  seedMask: 0x3fffffff,
};

/** Hex of either case; dumps put spaces, dashes, colons and commas between bytes. */
export const hex: DigitForm = {
  table: digitTable(' \t\r\n-:,', [
    ['0123456789abcdef', 0],
    ['ABCDEF', 10],
  ]),
  bits: 4,
  phases: 2,
  seedDigits: 8,
  seedMask: -1,
};

/** Text that was wrapped or spaced out: every byte but white space is a digit of its own. */
export const spaced: DigitForm = {
  table: Uint16Array.from({ length: 256 }, (_, byte) =>
    ' \t\r\n'.includes(String.fromCharCode(byte)) ? between : byte,
  ),
  bits: 8,
  phases: 1,
  seedDigits: 4,
  seedMask: -1,
};

function digitTable(separators: string, runs: readonly (readonly [digits: string, first: number])[]): Uint16Array {
  const table = new Uint16Array(256).fill(breaks);
  for (const separator of separators) table[separator.charCodeAt(0)] = between;
  for (const [digits, first] of runs) {
    for (let i = 0; i < digits.length; i += 1) table[digits.charCodeAt(i)] = first + i;
  }
  return table;
}
