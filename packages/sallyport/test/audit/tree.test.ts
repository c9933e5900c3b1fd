// The tree is that of RFC 6962: compared with a naive recursive implementation, and with the RFC's test vectors.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompactTree, leafHash } from '../../src/audit/tree.ts';
import {
  consistencyProof,
  inclusionProof,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../src/audit/tree-proofs.ts';

const sha = (...parts: readonly Uint8Array[]) =>
  parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();

function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha();
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return sha(Buffer.from([0]), only);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha(Buffer.from([1]), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

const someLeaves = (minLength: number) => fc.array(fc.uint8Array({ maxLength: 20 }), { minLength, maxLength: 70 });
const flip = (hash: Uint8Array) => Buffer.from(hash).fill(hash[0] === 1 ? 2 : 1, 0, 1);

function compact(hashes: readonly Uint8Array[]): CompactTree {
  const tree = new CompactTree();
  for (const hash of hashes) tree.append(hash);
  return tree;
}

describe('the audit tree', () => {
  it('has the roots of the test vectors of RFC 6962 implementations', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const hashes = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')));
    expect(Buffer.from(compact(hashes).root()).toString('hex')).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
  });

  it('has the root of the naive implementation at every size', () => {
    fc.assert(
      fc.property(someLeaves(0), (leaves) => {
        const hashes = leaves.map(leafHash);
        expect(Buffer.compare(compact(hashes).root(), naiveRoot(leaves))).toBe(0);
        expect(Buffer.compare(treeRoot(hashes), naiveRoot(leaves))).toBe(0);
      }),
    );
  });

  it('goes on from a stored frontier as if it had never stopped', () => {
    fc.assert(
      fc.property(someLeaves(1), fc.nat(), (leaves, at) => {
        const hashes = leaves.map(leafHash);
        const stop = at % (leaves.length + 1);
        const before = compact(hashes.slice(0, stop));
        const restored = CompactTree.restore(before.size, before.frontier());
        for (const hash of hashes.slice(stop)) restored?.append(hash);
        expect(Buffer.compare(restored?.root() ?? Buffer.alloc(0), compact(hashes).root())).toBe(0);
      }),
    );
  });

  it('is not restored from a frontier of another size', () => {
    expect(CompactTree.restore(3, Buffer.alloc(32))).toBeUndefined();
    expect(CompactTree.restore(-1, Buffer.alloc(0))).toBeUndefined();
  });
});

describe('an inclusion proof', () => {
  it('holds for its leaf, and for no other leaf, index, or proof', () => {
    fc.assert(
      fc.property(someLeaves(1), fc.nat(), (leaves, at) => {
        const hashes = leaves.map(leafHash);
        const index = at % hashes.length;
        const hash = hashes[index] ?? Buffer.alloc(0);
        const proof = inclusionProof(hashes, index);
        const claim = { leafHash: hash, index, size: hashes.length, root: treeRoot(hashes) };
        expect(verifyInclusion(claim, proof)).toBe(true);
        expect(verifyInclusion({ ...claim, leafHash: flip(hash) }, proof)).toBe(false);
        expect(verifyInclusion({ ...claim, index: hashes.length }, proof)).toBe(false);
        expect(verifyInclusion(claim, [...proof, hash])).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(claim, proof.slice(1))).toBe(false);
      }),
    );
  });
});

describe('a consistency proof', () => {
  it('holds for every prefix, and not for another old root', () => {
    fc.assert(
      fc.property(someLeaves(1), fc.nat(), (leaves, at) => {
        const hashes = leaves.map(leafHash);
        const oldSize = at % (hashes.length + 1);
        const oldRoot = treeRoot(hashes.slice(0, oldSize));
        const claim = { oldSize, oldRoot, size: hashes.length, root: treeRoot(hashes) };
        const proof = consistencyProof(hashes, oldSize);
        expect(verifyConsistency(claim, proof)).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: flip(oldRoot) }, proof)).toBe(false);
        expect(verifyConsistency(claim, [...proof, oldRoot])).toBe(false);
      }),
    );
  });
});
