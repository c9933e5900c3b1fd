// What one look at each byte tells of a text: which escapes may stand in it, and its bytes without white space.

/** Bits of a byte's class. */
export const solid = 1;
export const percentSign = 2;
export const backslash = 4;
export const ampersand = 8;
export const equalsSign = 16;
export const nul = 32;
export const letterX = 64;
/** White space that wraps base64. */
export const wrapping = 128;
/** No character of plain text: a control character, or a part of one beyond ASCII. */
export const odd = 256;
/** Not of a byte: so many digits of hex in a row that they may be text in hex. */
export const longHex = 512;

/** The classes of a text of which nothing is known: anything may stand in it. */
export const everyClass = 1023;

const marks: Readonly<Record<string, number>> = {
  '%': percentSign,
  '\\': backslash,
  '&': ampersand,
  '=': equalsSign,
  '\0': nul,
  x: letterX,
};

const classes = Uint16Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === ' ') return 0;
  if ('\t\r\n'.includes(character)) return wrapping;
  return solid | (marks[character] ?? 0) | (byte < 0x20 || byte > 0x7e ? odd : 0);
});

/** The class of a byte. */
export function classOf(byte: number): number {
  return classes[byte] ?? 0;
}

/** A text without its white space, and the classes of all its bytes. One is kept, and filled for each text anew. */
export class SolidText {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  classes = 0;
  readonly #kept: Uint8Array;
  readonly #keptView: DataView;
  #dirty = 0;

  constructor(keptBytes: number) {
    this.#kept = new Uint8Array(keptBytes);
    this.#keptView = new DataView(this.#kept.buffer);
    this.bytes = this.#kept;
    this.view = this.#keptView;
  }

  fill(source: Uint8Array): void {
    this.#makeRoom(source.length);
    const target = this.bytes;
    let length = 0;
    let seen = 0;
    for (let i = 0; i < source.length; i += 1) {
      const byte = source[i] ?? 0;
      const bits = classes[byte] ?? 0;
      target[length] = byte;
      length += bits & solid;
      seen |= bits;
    }
    this.length = length;
    this.classes = seen;
  }

  /** Overwrites what was kept of texts. */
  wipe(): void {
    if (this.bytes !== this.#kept) this.bytes.fill(0);
    this.#kept.fill(0, 0, this.#dirty);
    this.#dirty = 0;
    this.bytes = this.#kept;
    this.view = this.#keptView;
    this.length = 0;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#kept.length) {
      this.bytes = this.#kept;
      this.view = this.#keptView;
      this.#dirty = Math.max(this.#dirty, bytes);
    } else if (bytes > this.bytes.length) {
      this.bytes = new Uint8Array(bytes);
      this.view = new DataView(this.bytes.buffer);
    }
  }
}
