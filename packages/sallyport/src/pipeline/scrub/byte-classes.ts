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

/** The classes of a text of which nothing is known: anything may stand in it. */
export const everyClass = 255;

const marked: readonly (readonly [character: string, bits: number])[] = [
  ['%', percentSign],
  ['\\', backslash],
  ['&', ampersand],
  ['=', equalsSign],
  ['\0', nul],
  ['x', letterX],
];

const classes = new Uint8Array(256).fill(solid);
for (const [character, bits] of marked) classes[character.charCodeAt(0)] = solid | bits;
classes[0x20] = 0;
for (const character of '\t\r\n') classes[character.charCodeAt(0)] = wrapping;

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
