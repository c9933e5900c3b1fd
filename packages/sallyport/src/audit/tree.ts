// The audit tree: RFC 6962 §2.1 hashing (leaf 0x00, node 0x01), appended to in constant memory. Standard hashes and
// standard proofs only: an own variant of such a tree has been forged before (GHSA-672p-m5jq-mrh8).
import { hash } from 'node:crypto';

/** Bytes of every hash. */
const hashBytes = 32;

// What is hashed is put together in place, and a hash comes as Latin-1 text: asking for a buffer takes three times as long.
let leafInput = Buffer.alloc(4096);
const nodeInput = Buffer.alloc(1 + 2 * hashBytes, 1);

/** The hash of a leaf. */
export function leafHash(leaf: Uint8Array): Buffer {
  if (leaf.length >= leafInput.length) leafInput = Buffer.alloc(2 * leaf.length);
  leafInput.set(leaf, 1);
  return Buffer.from(hash('sha256', leafInput.subarray(0, leaf.length + 1), 'latin1'), 'latin1');
}

/** The hash of an inner node. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + hashBytes);
  return Buffer.from(hash('sha256', nodeInput, 'latin1'), 'latin1');
}

/** The root of the tree without leaves. */
export function emptyRoot(): Buffer {
  return hash('sha256', '', 'buffer');
}

/** A tree of which only the roots of its complete subtrees are kept: enough to append and to know the root. */
export class CompactTree {
  #size = 0;
  // One hash for each bit of the size, largest subtree first.
  readonly #frontier: Uint8Array[] = [];

  /** The tree of this size with this frontier; undefined when the two do not fit together. */
  static restore(size: number, frontier: Uint8Array): CompactTree | undefined {
    if (!Number.isSafeInteger(size) || size < 0 || frontier.length !== countBits(size) * hashBytes) return undefined;
    const tree = new CompactTree();
    tree.#size = size;
    for (let offset = 0; offset < frontier.length; offset += hashBytes) {
      tree.#frontier.push(frontier.slice(offset, offset + hashBytes));
    }
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf by its hash. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    // Sizes go beyond 32 bits, so no bit operators here.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#frontier.pop();
      if (left !== undefined) node = nodeHash(left, node);
    }
    this.#frontier.push(node);
    this.#size += 1;
  }

  /** The root over all leaves. */
  root(): Uint8Array {
    return (
      this.#frontier.reduceRight<Uint8Array | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right)),
        undefined,
      ) ?? emptyRoot()
    );
  }

  /** The frontier as bytes, for `restore`. */
  frontier(): Uint8Array {
    return Buffer.concat(this.#frontier);
  }
}

function countBits(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}
