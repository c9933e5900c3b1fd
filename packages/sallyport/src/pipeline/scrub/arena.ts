// Memory for the views of a text in which nothing is found: kept, because to make it anew would cost more than to look through it.

/** Gives out pieces of one kept buffer, and new ones when it is used up. */
export class Arena {
  readonly #bytes: Uint8Array;
  #used = 0;
  #dirty = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
  }

  take(length: number): Uint8Array {
    const end = this.#used + length;
    if (end > this.#bytes.length) return new Uint8Array(length);
    const piece = this.#bytes.subarray(this.#used, end);
    this.#used = end;
    if (end > this.#dirty) this.#dirty = end;
    return piece;
  }

  /** What was given out is free again. */
  clear(): void {
    this.#used = 0;
  }

  /** Overwrites what was kept of texts. */
  wipe(): void {
    this.#bytes.fill(0, 0, this.#dirty);
    this.#dirty = 0;
  }
}
