// How a group of batches lies in the memory that the store shares with its writer: one after the other, little endian.
import type { Batch, BoundValue, Leaf, SealedDetails, Statement } from './store.ts';

/** Room for the largest groups of calls; only what is used costs memory. A batch that is larger goes as a message. */
export const blockBytes: number = 4 << 20;

const maxTexts = 512;
const headBytes = 8;
const none = 0xffffffff;
const calls = [null, 'opens', 'closes'] as const;
const tags = { null: 0, number: 1, bigint: 2, text: 3, bytes: 4 } as const;

/** Writes groups into the block; texts of statements and kinds of leaves are sent once. */
export class BlockEncoder {
  readonly #block: Buffer;
  readonly #numbers = new Map<string, number>();
  /** Whether the other end has yet to hear that the texts were forgotten. */
  #isReset = false;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  /** Writes as many of the first batches as the block holds, and returns how many. Without any the block is not to be read. */
  encode(batches: readonly Batch[]): number {
    if (this.#numbers.size >= maxTexts) {
      this.#numbers.clear();
      this.#isReset = true;
    }
    this.#at = headBytes;
    let count = 0;
    for (const batch of batches) {
      if (!this.#fits(batch)) break;
      count += 1;
    }
    this.#block.writeUInt32LE(count, 0);
    this.#block.writeUInt32LE(this.#isReset ? 1 : 0, 4);
    if (count > 0) this.#isReset = false;
    return count;
  }

  #fits(batch: Batch): boolean {
    const start = this.#at;
    const known = this.#numbers.size;
    try {
      this.#batch(batch);
      return true;
    } catch {
      // Nor does what is no batch, say a count below zero: it goes as a message, and the writer says what is wrong with it.
      this.#at = start;
      for (const text of [...this.#numbers.keys()].slice(known)) this.#numbers.delete(text);
      return false;
    }
  }

  #batch({ statements, leaves, erases }: Batch): void {
    this.#integer(statements.length);
    this.#integer(leaves.length);
    this.#integer(erases === true ? 1 : 0);
    for (const statement of statements) this.#statement(statement);
    for (const leaf of leaves) this.#leaf(leaf);
  }

  #statement({ sql, parameters, expectRows }: Statement): void {
    this.#once(sql);
    this.#integer(expectRows ?? none);
    this.#integer(parameters.length);
    for (const value of parameters) this.#value(value);
  }

  #leaf({ at, kind, subject, call, bytes, details }: Leaf): void {
    this.#number(at);
    this.#once(kind);
    this.#integer(call === null ? 0 : call === 'opens' ? 1 : 2);
    if (subject === null) this.#integer(none);
    else this.#text(subject);
    this.#bytes(bytes);
    if (details === null) {
      this.#integer(none);
      return;
    }
    this.#bytes(details.recordKey);
    this.#bytes(details.sealed);
  }

  #value(value: BoundValue): void {
    if (value === null) this.#integer(tags.null);
    else if (typeof value === 'number') {
      this.#integer(tags.number);
      this.#number(value);
    } else if (typeof value === 'string') {
      this.#integer(tags.text);
      this.#text(value);
    } else if (typeof value === 'bigint') {
      this.#integer(tags.bigint);
      this.#text(String(value));
    } else {
      this.#integer(tags.bytes);
      this.#bytes(value);
    }
  }

  // The number of a text; where it is a new one, the text itself follows.
  #once(text: string): void {
    const known = this.#numbers.get(text);
    if (known !== undefined) {
      this.#integer(known);
      return;
    }
    this.#integer(this.#numbers.size);
    this.#numbers.set(text, this.#numbers.size);
    this.#text(text);
  }

  #text(text: string): void {
    this.#need(4 + 3 * text.length);
    const length = this.#block.write(text, this.#at + 4);
    this.#at = this.#block.writeUInt32LE(length, this.#at) + length;
  }

  #bytes(bytes: Uint8Array): void {
    this.#need(4 + bytes.length);
    const start = this.#block.writeUInt32LE(bytes.length, this.#at);
    // `set` goes byte by byte where memory is shared.
    if (Buffer.isBuffer(bytes)) bytes.copy(this.#block, start);
    else this.#block.set(bytes, start);
    this.#at = start + bytes.length;
  }

  #integer(value: number): void {
    this.#need(4);
    this.#at = this.#block.writeUInt32LE(value, this.#at);
  }

  #number(value: number): void {
    this.#need(8);
    this.#at = this.#block.writeDoubleLE(value, this.#at);
  }

  #need(count: number): void {
    if (this.#at + count > this.#block.length) throw new RangeError('the block is full');
  }
}

/** Reads groups out of the block; their bytes are views of it, good until the next group. */
export class BlockDecoder {
  readonly #block: Buffer;
  #texts: string[] = [];
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  decode(): readonly Batch[] {
    this.#at = 0;
    const count = this.#integer();
    if (this.#integer() === 1) this.#texts = [];
    const batches: Batch[] = [];
    for (let index = 0; index < count; index++) batches.push(this.#batch());
    return batches;
  }

  #batch(): Batch {
    const statementCount = this.#integer();
    const leafCount = this.#integer();
    const erases = this.#integer() === 1;
    const statements: Statement[] = [];
    for (let index = 0; index < statementCount; index++) statements.push(this.#statement());
    const leaves: Leaf[] = [];
    for (let index = 0; index < leafCount; index++) leaves.push(this.#leaf());
    return erases ? { statements, leaves, erases } : { statements, leaves };
  }

  #statement(): Statement {
    const sql = this.#once();
    const expectRows = this.#integer();
    const parameters: BoundValue[] = [];
    for (let left = this.#integer(); left > 0; left--) parameters.push(this.#value());
    return expectRows === none ? { sql, parameters } : { sql, parameters, expectRows };
  }

  #leaf(): Leaf {
    const at = this.#number();
    const kind = this.#once();
    const call = calls[this.#integer()] ?? null;
    const subjectBytes = this.#integer();
    const subject = subjectBytes === none ? null : this.#text(subjectBytes);
    const bytes = this.#bytes(this.#integer());
    const keyBytes = this.#integer();
    return { at, kind, subject, call, bytes, details: keyBytes === none ? null : this.#details(keyBytes) };
  }

  #details(keyBytes: number): SealedDetails {
    const recordKey = this.#bytes(keyBytes);
    return { recordKey, sealed: this.#bytes(this.#integer()) };
  }

  #value(): BoundValue {
    const tag = this.#integer();
    if (tag === tags.null) return null;
    if (tag === tags.number) return this.#number();
    if (tag === tags.bytes) return this.#bytes(this.#integer());
    const text = this.#text(this.#integer());
    return tag === tags.bigint ? BigInt(text) : text;
  }

  #once(): string {
    const number = this.#integer();
    if (number === this.#texts.length) this.#texts.push(this.#text(this.#integer()));
    const text = this.#texts[number];
    if (text === undefined) throw new TypeError('unknown text');
    return text;
  }

  #text(length: number): string {
    const start = this.#at;
    this.#at += length;
    return this.#block.toString('utf8', start, this.#at);
  }

  #bytes(length: number): Uint8Array {
    const start = this.#at;
    this.#at += length;
    return this.#block.subarray(start, this.#at);
  }

  #integer(): number {
    const value = this.#block.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  #number(): number {
    const value = this.#block.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }
}
