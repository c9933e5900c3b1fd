// Proofs over the audit tree (RFC 6962 §2.1.1 and §2.1.2) and their verification (RFC 9162 §2.1.3.2 and §2.1.4.2).
import { emptyRoot, nodeHash } from './tree.ts';

/** The root over these leaf hashes. */
export function treeRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return rangeRoot(leaves, 0, leaves.length);
}

/** The hashes that prove that leaf `index` is in the tree of these leaf hashes. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError('no such leaf');
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = leaves.length;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(rangeRoot(leaves, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(leaves, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** What an inclusion proof is checked against. */
export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the proof shows that the leaf stands at its index in the tree with that size and root. */
export function verifyInclusion(claim: InclusionClaim, proof: readonly Uint8Array[]): boolean {
  if (claim.index < 0 || claim.index >= claim.size) return false;
  let node = claim.index;
  let last = claim.size - 1;
  let root = claim.leafHash;
  for (const hash of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(hash, root);
      while (node % 2 === 0 && node > 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, hash);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isEqual(root, claim.root);
}

/** The hashes that prove that the tree of the first `oldSize` leaves is a prefix of the tree of all of them. */
export function consistencyProof(leaves: readonly Uint8Array[], oldSize: number): readonly Uint8Array[] {
  if (!Number.isInteger(oldSize) || oldSize < 0 || oldSize > leaves.length) throw new RangeError('no such size');
  if (oldSize === 0 || oldSize === leaves.length) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = leaves.length;
  let isWhole = true;
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      proof.push(rangeRoot(leaves, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(leaves, start, middle));
      start = middle;
      isWhole = false;
    }
  }
  if (!isWhole) proof.push(rangeRoot(leaves, start, end));
  return proof.reverse();
}

/** What a consistency proof is checked against. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the proof shows that the new tree only appended to the old one. */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Uint8Array[]): boolean {
  const { oldSize, oldRoot, size, root } = claim;
  if (oldSize > size || oldSize < 0) return false;
  if (oldSize === size) return proof.length === 0 && isEqual(oldRoot, root);
  if (oldSize === 0) return proof.length === 0 && isEqual(oldRoot, emptyRoot());
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  return followConsistency(claim, path);
}

function followConsistency({ oldSize, oldRoot, size, root }: ConsistencyClaim, path: readonly Uint8Array[]): boolean {
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = (node - 1) / 2;
    last = Math.floor(last / 2);
  }
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (node % 2 === 0 && node > 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newHash = nodeHash(newHash, hash);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isEqual(oldHash, oldRoot) && isEqual(newHash, root);
}

function rangeRoot(leaves: readonly Uint8Array[], start: number, end: number): Uint8Array {
  if (end === start) return emptyRoot();
  const only = leaves[start];
  if (end - start === 1 && only !== undefined) return only;
  const middle = start + splitOf(end - start);
  return nodeHash(rangeRoot(leaves, start, middle), rangeRoot(leaves, middle, end));
}

// The largest power of two that is smaller than the count (RFC 6962 §2.1).
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function isPowerOfTwo(size: number): boolean {
  let power = 1;
  while (power < size) power *= 2;
  return power === size;
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
