// Recognises every substring of the registered values in linear time, however they repeat: a hash alone would be quadratic.
import { minimumBits } from '../../domain/entropy.ts';
import { type Pattern, slack } from './patterns.ts';

/** The state before anything matched. */
export const root = 0;

/**
 * A suffix automaton over all patterns (Blumer et al. 1985). Walking it over text gives, at each byte,
 * the longest run that ends there and occurs in some pattern. Secret memory: `close()` overwrites it.
 */
export class SuffixAutomaton {
  /** Patterns one after another; positions below are offsets into this. */
  readonly bytes: Uint8Array;
  /** Pattern index of each position. */
  readonly owner: Int32Array;
  readonly patterns: readonly Pattern[];
  /** Bytes of the longest pattern. */
  readonly longest: number;
  /** First position of each pattern. */
  readonly base: Int32Array;
  readonly #length: Int32Array;
  readonly #link: Int32Array;
  readonly #firstEnd: Int32Array;
  readonly #fromRoot: Int32Array;
  readonly #edgeHead: Int32Array;
  readonly #edgeNext: Int32Array;
  readonly #edgeTo: Int32Array;
  readonly #edgeByte: Uint8Array;
  /** Bits of all bytes before a position, over all patterns. */
  readonly #bitsBefore: Float64Array;
  #states = 1;
  #edges = 1;

  constructor(patterns: readonly Pattern[]) {
    const total = patterns.reduce((sum, pattern) => sum + pattern.bytes.length, 0);
    this.patterns = patterns;
    this.longest = patterns.reduce((most, pattern) => Math.max(most, pattern.bytes.length), 0);
    this.bytes = new Uint8Array(total);
    this.owner = new Int32Array(total);
    this.base = new Int32Array(patterns.length + 1);
    // Bounds of the structure: 2n states and 3n edges for n bytes.
    this.#length = new Int32Array(2 * total + 2);
    this.#link = new Int32Array(2 * total + 2).fill(-1);
    this.#firstEnd = new Int32Array(2 * total + 2);
    this.#edgeHead = new Int32Array(2 * total + 2);
    this.#edgeNext = new Int32Array(4 * total + 4);
    this.#edgeTo = new Int32Array(4 * total + 4);
    this.#edgeByte = new Uint8Array(4 * total + 4);
    this.#fromRoot = new Int32Array(256).fill(-1);
    this.#bitsBefore = new Float64Array(total + 1);
    this.#load();
  }

  /** Longest match length that belongs to a state, in bytes. */
  lengthOf(state: number): number {
    return this.#length[state] ?? 0;
  }

  /** The state of the longest proper suffix in another class; -1 at the root. */
  linkOf(state: number): number {
    return this.#link[state] ?? -1;
  }

  /** The state after one more byte, or -1. */
  next(state: number, byte: number): number {
    if (state === root) return this.#fromRoot[byte] ?? -1;
    for (let edge = this.#edgeHead[state] ?? 0; edge !== 0; edge = this.#edgeNext[edge] ?? 0) {
      if (this.#edgeByte[edge] === byte) return this.#edgeTo[edge] ?? -1;
    }
    return -1;
  }

  /** Where in `bytes` a match of this state ends (inclusive). */
  endOf(state: number): number {
    return this.#firstEnd[state] ?? 0;
  }

  /** Whether a match of `length` bytes in this state holds 48 bits of its pattern. */
  isWindow(state: number, length: number): boolean {
    const end = this.endOf(state);
    const bits = (this.#bitsBefore[end + 1] ?? 0) - (this.#bitsBefore[end + 1 - length] ?? 0);
    return bits >= minimumBits - slack;
  }

  /** Overwrites what was derived from values. */
  close(): void {
    this.#states = 1;
    this.#edges = 1;
    for (const table of [this.bytes, this.#edgeByte, this.#edgeTo, this.#edgeHead, this.#edgeNext]) table.fill(0);
    this.#fromRoot.fill(-1);
    this.#bitsBefore.fill(0);
    for (const { bytes, before, after } of this.patterns) for (const part of [bytes, before, after]) part.fill(0);
  }

  #load(): void {
    let position = 0;
    for (const [index, pattern] of this.patterns.entries()) {
      this.base[index] = position;
      this.bytes.set(pattern.bytes, position);
      this.#countBits(pattern.bits, position);
      let last = root;
      for (const byte of pattern.bytes) {
        this.owner[position] = index;
        last = this.#extend(last, byte, position);
        position += 1;
      }
    }
    this.base[this.patterns.length] = position;
  }

  #countBits(bits: Float64Array, from: number): void {
    for (const [at, each] of bits.entries()) {
      this.#bitsBefore[from + at + 1] = (this.#bitsBefore[from + at] ?? 0) + each;
    }
  }

  #extend(last: number, byte: number, position: number): number {
    const known = this.next(last, byte);
    if (known >= 0) {
      return this.lengthOf(known) === this.lengthOf(last) + 1 ? known : this.#clone(last, byte, known);
    }
    const added = this.#addState(this.lengthOf(last) + 1, position);
    let state = last;
    while (state >= 0 && this.next(state, byte) < 0) {
      this.#addEdge(state, byte, added);
      state = this.linkOf(state);
    }
    if (state < 0) this.#link[added] = root;
    else {
      const target = this.next(state, byte);
      const isTight = this.lengthOf(target) === this.lengthOf(state) + 1;
      this.#link[added] = isTight ? target : this.#clone(state, byte, target);
    }
    return added;
  }

  // Splits off the shorter matches of `target`, which from now on also end elsewhere.
  #clone(from: number, byte: number, target: number): number {
    const clone = this.#addState(this.lengthOf(from) + 1, this.endOf(target));
    for (let edge = this.#edgeHead[target] ?? 0; edge !== 0; edge = this.#edgeNext[edge] ?? 0) {
      this.#addEdge(clone, this.#edgeByte[edge] ?? 0, this.#edgeTo[edge] ?? 0);
    }
    this.#link[clone] = this.linkOf(target);
    this.#link[target] = clone;
    for (let state = from; state >= 0 && this.next(state, byte) === target; state = this.linkOf(state)) {
      this.#redirect(state, byte, clone);
    }
    return clone;
  }

  #addState(length: number, end: number): number {
    const state = this.#states;
    this.#states += 1;
    this.#length[state] = length;
    this.#firstEnd[state] = end;
    return state;
  }

  #addEdge(state: number, byte: number, to: number): void {
    if (state === root) {
      this.#fromRoot[byte] = to;
      return;
    }
    const edge = this.#edges;
    this.#edges += 1;
    this.#edgeByte[edge] = byte;
    this.#edgeTo[edge] = to;
    this.#edgeNext[edge] = this.#edgeHead[state] ?? 0;
    this.#edgeHead[state] = edge;
  }

  #redirect(state: number, byte: number, to: number): void {
    if (state === root) this.#fromRoot[byte] = to;
    for (let edge = this.#edgeHead[state] ?? 0; edge !== 0; edge = this.#edgeNext[edge] ?? 0) {
      if (this.#edgeByte[edge] === byte) this.#edgeTo[edge] = to;
    }
  }
}
