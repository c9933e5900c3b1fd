// Undoes the escapes in which a value may be written: percent, JSON and HTML entities, each byte with the place it came from.
import type { Arena } from './arena.ts';
import { ampersand, backslash, equalsSign, letterX, nul, percentSign } from './byte-classes.ts';
import type { ScanWork } from './scan-work.ts';

/** A text as bytes, and where each of them stands in the text that was scanned first. */
export interface View {
  readonly bytes: Uint8Array;
  /** Null where bytes stand for themselves, and where nobody asks. */
  readonly origin: { readonly starts: Int32Array; readonly ends: Int32Array } | null;
}

/** One way of escaping: the byte that begins every escape, and how one is read. */
export interface EscapeKind {
  readonly mark: number;
  /** A class that a byte has in every text with such an escape. */
  readonly needs: number;
  /** How an escape begins, where many a text has its first byte. */
  readonly sign: Uint8Array | null;
  /** Reads the escape at `at`; undefined when what stands there is not one. */
  read(bytes: Uint8Array, at: number): Escape | undefined;
}

/** What an escape stands for, and its length in bytes. */
interface Escape {
  /** Null where it stands for nothing. */
  readonly codePoint: number | null;
  readonly length: number;
  /** Percent escapes are bytes, the others characters. */
  readonly isByte: boolean;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

const percent: EscapeKind = {
  mark: 0x25,
  needs: percentSign,
  sign: null,
  read: (bytes, at) => {
    const value = hexValue(bytes, at + 1, 2);
    return value < 0 ? undefined : { codePoint: value, length: 3, isByte: true };
  },
};

/** Escapes of JSON strings, and of program text. */
export const json: EscapeKind = { mark: 0x5c, needs: backslash, sign: null, read: readBackslash };

const entity: EscapeKind = { mark: 0x26, needs: ampersand, sign: null, read: readEntity };

// RFC 2045 §6.7: `=HH`, and a line break that was put in.
const quotedPrintable: EscapeKind = {
  mark: 0x3d,
  needs: equalsSign,
  sign: null,
  read: (bytes, at) => {
    const lineEnd = bytes[at + 1] === carriageReturn ? at + 2 : at + 1;
    if (bytes[lineEnd] === lineFeed) return { codePoint: null, length: lineEnd + 1 - at, isByte: true };
    const value = hexValue(bytes, at + 1, 2);
    return value < 0 ? undefined : { codePoint: value, length: 3, isByte: true };
  },
};

// UTF-16 of ASCII, in either order of bytes, is ASCII with NUL between.
const utf16: EscapeKind = {
  mark: 0,
  needs: nul,
  sign: null,
  read: () => ({ codePoint: null, length: 1, isByte: true }),
};

// `0x41, 0x42`: an element of a list together with what stands before the next one.
const hexList: EscapeKind = {
  mark: 0x30,
  needs: letterX,
  sign: Buffer.from('0x'),
  read: (bytes, at) => {
    const value = bytes[at + 1] === smallX ? hexValue(bytes, at + 2, 2) : -1;
    if (value < 0 || hexValue(bytes, at + 4, 1) >= 0) return undefined;
    let next = at + 4;
    while (next < at + longestElement && listSeparators.has(bytes[next] ?? 0)) next += 1;
    return { codePoint: value, length: next - at, isByte: true };
  },
};

const smallX = 0x78;
const listSeparators = new Set(Array.from(' ,;\t\r\n', (character) => character.charCodeAt(0)));
const longestElement = 32;

/** Every way of escaping that is undone. */
export const escapeKinds: readonly EscapeKind[] = [percent, json, entity, quotedPrintable, utf16, hexList];

/** Whether two views hold the same bytes from the same places: what is found in the one is found in the other. */
export function isSameView(a: View, b: View): boolean {
  if (a.bytes.length !== b.bytes.length || Buffer.compare(a.bytes, b.bytes) !== 0) return false;
  if (a.origin === null || b.origin === null) return a.origin === b.origin;
  return (
    Buffer.compare(bytesOf(a.origin.starts), bytesOf(b.origin.starts)) === 0 &&
    Buffer.compare(bytesOf(a.origin.ends), bytesOf(b.origin.ends)) === 0
  );
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** What views are made with. */
export interface Making {
  readonly work: ScanWork;
  /** Where views are made that say nothing of their origin; null for views that do. */
  readonly arena: Arena | null;
}

/** The view with one kind of escape undone, or null when it has none. */
export function unescapeView(view: View, kind: EscapeKind, { work, arena }: Making): View | null {
  const source = view.bytes;
  const { mark } = kind;
  // Most texts have none, and a native search says so at once.
  let at = kind.sign === null ? source.indexOf(mark) : bufferOf(source).indexOf(kind.sign);
  if (at < 0) return null;
  let output: Output | undefined;
  let done = 0;
  while (at < source.length) {
    const escape = source[at] === mark ? kind.read(source, at) : undefined;
    if (escape === undefined) {
      at += 1;
      continue;
    }
    output ??= startOutput(source.length, { work, arena });
    output.copy(view, done, at);
    done = at + escape.length;
    if (arena === null) output.place(originOf(view, at, 'starts'), originOf(view, done - 1, 'ends'));
    output.put(escape);
    at = done;
  }
  output?.copy(view, done, source.length);
  return output?.view() ?? null;
}

function startOutput(capacity: number, { work, arena }: Making): Output {
  work.spend(capacity);
  return new Output(capacity, arena);
}

function originOf({ origin }: View, at: number, side: 'starts' | 'ends'): number {
  if (origin === null) return side === 'starts' ? at : at + 1;
  return origin[side][at] ?? 0;
}

// No escape is shorter than the UTF-8 of what it stands for, so the output fits in the length of the source.
class Output {
  readonly #bytes: Uint8Array;
  readonly #origin: View['origin'];
  #length = 0;
  #start = 0;
  #end = 0;

  constructor(capacity: number, arena: Arena | null) {
    this.#bytes = arena === null ? new Uint8Array(capacity) : arena.take(capacity);
    this.#origin = arena === null ? { starts: new Int32Array(capacity), ends: new Int32Array(capacity) } : null;
  }

  /** Takes bytes over as they are, each with its origin. */
  copy({ bytes, origin }: View, from: number, to: number): void {
    const shift = this.#length - from;
    const target = this.#bytes;
    for (let i = from; i < to; i += 1) target[i + shift] = bytes[i] ?? 0;
    this.#length += to - from;
    if (this.#origin === null) return;
    const { starts, ends } = this.#origin;
    for (let i = from; i < to; i += 1) {
      starts[i + shift] = origin === null ? i : (origin.starts[i] ?? 0);
      ends[i + shift] = origin === null ? i + 1 : (origin.ends[i] ?? 0);
    }
  }

  /** Sets the origin of what is written next. */
  place(start: number, end: number): void {
    this.#start = start;
    this.#end = end;
  }

  put({ codePoint, isByte }: Escape): void {
    if (codePoint === null) return;
    if (isByte) this.byte(codePoint);
    else this.character(codePoint);
  }

  byte(value: number): void {
    this.#bytes[this.#length] = value;
    if (this.#origin !== null) {
      this.#origin.starts[this.#length] = this.#start;
      this.#origin.ends[this.#length] = this.#end;
    }
    this.#length += 1;
  }

  character(codePoint: number): void {
    if (codePoint < 0x80) {
      this.byte(codePoint);
      return;
    }
    const tail = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
    this.byte(((0xff00 >> (tail + 1)) & 0xff) | (codePoint >> (6 * tail)));
    for (let i = tail - 1; i >= 0; i -= 1) this.byte(0x80 | ((codePoint >> (6 * i)) & 0x3f));
  }

  view(): View {
    const length = this.#length;
    const bytes = this.#bytes.subarray(0, length);
    if (this.#origin === null) return { bytes, origin: null };
    const { starts, ends } = this.#origin;
    return { bytes, origin: { starts: starts.subarray(0, length), ends: ends.subarray(0, length) } };
  }
}

const openBrace = 0x7b;

// ECMAScript `\u{73}`.
function readBraced(bytes: Uint8Array, at: number): Escape | undefined {
  const match = /^\\u\{([0-9a-fA-F]{1,6})\}/.exec(latin1(bytes, at, at + 12));
  return match === null ? undefined : characterOf(Number.parseInt(match[1] ?? '', 16), match[0].length);
}

const controls: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13 };

// Escapes of one letter, by that letter.
const oneLetter: readonly (Escape | undefined)[] = Array.from({ length: 256 }, (_, letter) => {
  const character = String.fromCharCode(letter);
  const codePoint = '"\'\\/`'.includes(character) ? letter : controls[character];
  return codePoint === undefined ? undefined : { codePoint, length: 2, isByte: false };
});

// `\101` of C and shells: a byte in three digits.
function readOctal(bytes: Uint8Array, at: number): Escape | undefined {
  const digits = [bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
  if (!digits.every((digit) => digit >= 0x30 && digit <= 0x37)) return undefined;
  return { codePoint: digits.reduce((value, digit) => value * 8 + digit - 0x30, 0), length: 4, isByte: true };
}

// RFC 8259 §7, and `\xHH` of program text.
function readBackslash(bytes: Uint8Array, at: number): Escape | undefined {
  const letter = bytes[at + 1] ?? 0;
  const simple = oneLetter[letter];
  if (simple !== undefined) return simple;
  if (letter === smallX) return characterOf(hexValue(bytes, at + 2, 2), 4);
  if (letter >= 0x30 && letter <= 0x33) return readOctal(bytes, at);
  if (letter === 0x55) return characterOf(hexValue(bytes, at + 2, 8), 10);
  if (letter !== 0x75) return undefined;
  if (bytes[at + 2] === openBrace) return readBraced(bytes, at);
  const unit = hexValue(bytes, at + 2, 4);
  if (unit < 0xd800 || unit > 0xdbff || bytes[at + 6] !== 0x5c || bytes[at + 7] !== letter) return characterOf(unit, 6);
  const low = hexValue(bytes, at + 8, 4);
  if (low < 0xdc00 || low > 0xdfff) return characterOf(unit, 6);
  return characterOf(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12);
}

// As pairs of name and character, because a formatter would spread an object over thirty lines.
const names = new Map(
  'amp& lt< gt> quot" apos\' sol/ plus+ equals= lowbar_ period. colon: comma, semi; num# excl! quest? dollar$ percnt% ast* lpar( rpar) lsqb[ rsqb] lcub{ rcub} vert| bsol\\ grave` commat@ Hat^'
    .split(' ')
    .map((pair) => [pair.slice(0, -1), pair.slice(-1)]),
);

// HTML §13.2.5.72 on: numeric references with or without the semicolon, and names of ASCII characters.
function readEntity(bytes: Uint8Array, at: number): Escape | undefined {
  if (bytes[at + 1] === numberSign) return readNumeric(bytes, at);
  // Without a name to its semicolon it is none, and most of what begins with `&` is none.
  const end = endOfName(bytes, at + 1);
  if (end === undefined) return undefined;
  const character = names.get(latin1(bytes, at + 1, end));
  return character === undefined ? undefined : characterOf(character.charCodeAt(0), end + 1 - at);
}

function readNumeric(bytes: Uint8Array, at: number): Escape | undefined {
  const numeric = /^&#(?:[xX]([0-9a-fA-F]{1,10})|([0-9]{1,10}));?/.exec(latin1(bytes, at, at + 16));
  if (numeric === null) return undefined;
  const [reference, inHex, inDecimal = ''] = numeric;
  const codePoint = inHex === undefined ? Number.parseInt(inDecimal, 10) : Number.parseInt(inHex, 16);
  return characterOf(codePoint, reference.length);
}

const numberSign = 0x23;
const semicolon = 0x3b;
const longestName = 8;

function endOfName(bytes: Uint8Array, from: number): number | undefined {
  let at = from;
  while (at < from + longestName && isLetter(bytes[at] ?? 0)) at += 1;
  return at > from && bytes[at] === semicolon ? at : undefined;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return bufferOf(bytes).toString('latin1', start, Math.min(end, bytes.length));
}

function isLetter(byte: number): boolean {
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x7a;
}

function characterOf(codePoint: number, length: number): Escape | undefined {
  return codePoint >= 0 && codePoint <= 0x10ffff ? { codePoint, length, isByte: false } : undefined;
}

function hexValue(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0;
  for (let i = from; i < from + digits; i += 1) {
    const byte = bytes[i] ?? 0;
    const folded = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (folded >= 0x61 && folded <= 0x66) value = value * 16 + folded - 0x57;
    else return -1;
  }
  return value;
}
