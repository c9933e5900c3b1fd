// What passes between the store and its writer thread: one flat array for each group, which clones several times faster
// than nested objects, and one block for all bytes.
import type { BatchResult } from './group-commit.ts';
import type { Batch, BoundValue, Leaf, SealedDetails, Statement } from './store.ts';

/** A group of batches for the writer. `undefined` in `cells` stands for the next bytes of `bytes`; its length follows. */
export interface WriteRequest {
  readonly kind: 'write';
  /** Forget the texts known so far. */
  readonly isReset: boolean;
  /** Statement texts that were not sent before; they are numbered in the order of sending. */
  readonly texts: readonly string[];
  readonly cells: readonly Cell[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Everything that the writer is asked. */
export type WriterRequest = WriteRequest | { readonly kind: 'close' };

/** Everything that the writer answers. */
export type WriterReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly cause: string }
  | { readonly kind: 'done'; readonly results: readonly BatchResult[] };

type Cell = string | number | bigint | null | undefined;

const maxTexts = 512;

/** Turns groups into messages; texts are sent once. */
export class GroupEncoder {
  readonly #numbers = new Map<string, number>();
  #texts: string[] = [];
  #cells: Cell[] = [];
  #blobs: Uint8Array[] = [];
  #byteCount = 0;

  encode(batches: readonly Batch[]): WriteRequest {
    const isReset = this.#numbers.size >= maxTexts;
    if (isReset) this.#numbers.clear();
    this.#cells.push(batches.length);
    for (const batch of batches) this.#batch(batch);
    const request: WriteRequest = {
      kind: 'write',
      isReset,
      texts: this.#texts,
      cells: this.#cells,
      bytes: joinBytes(this.#blobs, this.#byteCount),
    };
    this.#texts = [];
    this.#cells = [];
    this.#blobs = [];
    this.#byteCount = 0;
    return request;
  }

  #batch(batch: Batch): void {
    this.#cells.push(batch.statements.length, batch.leaves.length, batch.erases === true ? 1 : 0);
    for (const { sql, parameters, expectRows } of batch.statements) {
      this.#cells.push(this.#number(sql), expectRows ?? -1, parameters.length);
      for (const value of parameters) this.#value(value);
    }
    for (const { at, kind, subject, call, bytes, details } of batch.leaves) {
      this.#cells.push(at, kind, subject, call, details === null ? 0 : 1);
      this.#value(bytes);
      if (details === null) continue;
      this.#value(details.recordKey);
      this.#value(details.sealed);
    }
  }

  #number(sql: string): number {
    const known = this.#numbers.get(sql);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(sql, number);
    this.#texts.push(sql);
    return number;
  }

  #value(value: BoundValue): void {
    if (!(value instanceof Uint8Array)) {
      this.#cells.push(value);
      return;
    }
    this.#cells.push(undefined, value.length);
    this.#blobs.push(value);
    this.#byteCount += value.length;
  }
}

// Always a buffer of its own: cloning a view would carry the whole pool behind it, with bytes of other parts, to the writer.
function joinBytes(blobs: readonly Uint8Array[], byteCount: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(byteCount);
  let offset = 0;
  for (const blob of blobs) {
    joined.set(blob, offset);
    offset += blob.length;
  }
  return joined;
}

/** Turns messages back into groups. */
export class GroupDecoder {
  #texts: string[] = [];
  #cells: readonly Cell[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #cell = 0;
  #byte = 0;

  decode(request: WriteRequest): readonly Batch[] {
    if (request.isReset) this.#texts = [];
    for (const text of request.texts) this.#texts.push(text);
    this.#cells = request.cells;
    this.#bytes = request.bytes;
    this.#cell = 0;
    this.#byte = 0;
    return Array.from({ length: this.#integer() }, () => this.#batch());
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
    const sql = this.#texts[this.#integer()];
    if (sql === undefined) throw new TypeError('unknown statement text');
    const expectRows = this.#integer();
    const parameters: BoundValue[] = [];
    for (let left = this.#integer(); left > 0; left--) parameters.push(this.#value());
    return expectRows < 0 ? { sql, parameters } : { sql, parameters, expectRows };
  }

  #leaf(): Leaf {
    const at = this.#integer();
    const kind = this.#text() ?? '';
    const subject = this.#text();
    const call = this.#text();
    const hasDetails = this.#integer() === 1;
    const bytes = this.#blob();
    return {
      at,
      kind,
      subject,
      call: call === 'opens' || call === 'closes' ? call : null,
      bytes,
      details: hasDetails ? this.#details() : null,
    };
  }

  #details(): SealedDetails {
    const recordKey = this.#blob();
    return { recordKey, sealed: this.#blob() };
  }

  #value(): BoundValue {
    const cell = this.#cells[this.#cell++];
    return cell === undefined ? this.#take() : cell;
  }

  #blob(): Uint8Array {
    const value = this.#value();
    if (value instanceof Uint8Array) return value;
    throw new TypeError('bytes expected');
  }

  #integer(): number {
    const cell = this.#cells[this.#cell++];
    if (typeof cell === 'number') return cell;
    throw new TypeError('number expected');
  }

  #text(): string | null {
    const cell = this.#cells[this.#cell++];
    if (cell === null || typeof cell === 'string') return cell;
    throw new TypeError('text expected');
  }

  #take(): Uint8Array {
    const start = this.#byte;
    this.#byte += this.#integer();
    return this.#bytes.subarray(start, this.#byte);
  }
}
