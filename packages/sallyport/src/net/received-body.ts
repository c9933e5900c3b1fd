// Collects the bytes of one reply up to its cap: without a copy where one read brought all of it, in one growing buffer otherwise.

const firstBytes = 4 * 1024;

/** A body that is being received. A buffer for each piece would let a server of tiny pieces take many times its bytes in memory. */
export class ReceivedBody {
  readonly #maxBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #isShared = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Whether so many bytes more are within the cap. */
  hasRoom(bytes: number): boolean {
    return this.#length + bytes <= this.#maxBytes;
  }

  /** Adds a part of what was read; the caller has asked for room. */
  append(read: Buffer, from: number, to: number): void {
    if (from === to) return;
    if (this.#length === 0) {
      this.#bytes = read.subarray(from, to);
      this.#isShared = true;
    } else {
      this.#reserve(this.#length + to - from);
      read.copy(this.#bytes, this.#length, from, to);
    }
    this.#length += to - from;
  }

  /** All of it; nothing may be added afterwards. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(needed: number): void {
    if (!this.#isShared && needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#maxBytes, Math.max(firstBytes, 2 * needed))));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    this.#isShared = false;
  }
}
