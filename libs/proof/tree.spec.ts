import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { plainRecords, plainTree } from '../../test/support/plain-tree.js';
import { CompactRange } from './compact-range.js';
import { proveConsistency, verifyConsistency } from './consistency.js';
import { proveInclusion, verifyInclusion } from './inclusion.js';
import { sha256Tree, sm3, sm3Tree } from './node-hash.js';
import { treeHashOf, type Hash, type TreeHash } from './tree-hash.js';
import { SIZE_MAX, nodesOfRange, rootOf } from './tree-nodes.js';

interface Vectors {
  readonly hashes: { readonly empty: string; readonly emptyLeaf: string; leafL123456: string };
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { leaf: number; size: number; proof: string[] }[];
  readonly consistency: readonly { oldSize: number; size: number; proof: string[] }[];
}
const vectors = JSON.parse(readFileSync('test/golden/proof/rfc6962.json', 'utf8')) as Vectors;

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const hexes = (hashes: readonly Hash[]): string[] => hashes.map(hex);

const portable = treeHashOf('sha256', (input) => createHash('sha256').update(input).digest());
const TREES: readonly [string, TreeHash][] = [
  ['SHA-256 of Node', sha256Tree],
  ['SHA-256 over a digest that is handed in', portable],
  ['SM3', sm3Tree],
];

describe('the published vectors of RFC 6962', () => {
  const plain = plainTree(sha256Tree, vectors.leaves.map(bytes));
  const root = (size: number): Hash => bytes(vectors.roots[size - 1]!);

  it('the hash of nothing, of an empty leaf and of a leaf', () => {
    expect(hex(sha256Tree.empty())).toBe(vectors.hashes.empty);
    expect(hex(sha256Tree.leaf(new Uint8Array(0)))).toBe(vectors.hashes.emptyLeaf);
    expect(hex(sha256Tree.leaf('L123456'))).toBe(vectors.hashes.leafL123456);
  });

  it('the roots of all sizes', async () => {
    const range = CompactRange.empty(sha256Tree);
    for (const [i, leaf] of vectors.leaves.entries()) {
      range.append(sha256Tree.leaf(bytes(leaf)));
      expect(hex(range.root())).toBe(vectors.roots[i]);
      expect(hex(await rootOf(sha256Tree, i + 1, plain.read))).toBe(vectors.roots[i]);
    }
  });

  it.each(vectors.inclusion)('the audit path of leaf $leaf of $size', async (vector) => {
    const { size, proof } = vector;
    const index = vector.leaf - 1;
    expect(hexes(await proveInclusion(sha256Tree, index, size, plain.read))).toEqual(proof);
    const leaf = sha256Tree.leaf(bytes(vectors.leaves[index]!));
    const claim = { index, size, leaf, root: root(size) };
    expect(verifyInclusion(sha256Tree, claim, proof.map(bytes))).toBe(true);
  });

  it.each(vectors.consistency)('the way from $oldSize to $size', async (vector) => {
    const { oldSize, size, proof } = vector;
    expect(hexes(await proveConsistency(sha256Tree, oldSize, size, plain.read))).toEqual(proof);
    const claim = { oldSize, size, oldRoot: root(oldSize), root: root(size) };
    expect(verifyConsistency(sha256Tree, claim, proof.map(bytes))).toBe(true);
  });
});

describe('the published examples of SM3 (GB/T 32905, appendix A)', () => {
  it.each([
    ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
    ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
  ])('%s', (text, digest) => {
    expect(hex(sm3(text))).toBe(digest);
  });
});

describe.each(TREES)('a tree of %s', (_name, tree) => {
  const LEAVES = 70;
  const records = plainRecords(LEAVES);
  const plain = plainTree(tree, records);
  const sizes = Array.from({ length: LEAVES + 1 }, (_, size) => size);
  const roots = sizes.map((size) => plain.root(size));

  it('has the root of the definition at every size, however it is reached', async () => {
    const range = CompactRange.empty(tree);
    for (const size of sizes) {
      expect(hex(range.root())).toBe(hex(roots[size]!));
      expect(hex(await rootOf(tree, size, plain.read))).toBe(hex(roots[size]!));
      const restored = CompactRange.deserialise(tree, size, range.serialise());
      expect(hex(restored.root())).toBe(hex(roots[size]!));
      if (size < LEAVES) range.append(tree.leaf(records[size]!));
    }
  });

  it('gives every leaf of every size the path of the definition, and it verifies', async () => {
    for (const size of sizes) {
      for (let index = 0; index < size; index += 1) {
        const proof = await proveInclusion(tree, index, size, plain.read);
        expect(hexes(proof)).toEqual(hexes(plain.inclusion(index, size)));
        const claim = { index, size, leaf: tree.leaf(records[index]!), root: roots[size]! };
        expect(verifyInclusion(tree, claim, proof)).toBe(true);
      }
    }
  });

  it('proves every beginning as the definition does, and it verifies', async () => {
    for (const size of sizes) {
      for (let oldSize = 0; oldSize <= size; oldSize += 1) {
        const proof = await proveConsistency(tree, oldSize, size, plain.read);
        expect(hexes(proof)).toEqual(hexes(plain.consistency(oldSize, size)));
        const claim = { oldSize, size, oldRoot: roots[oldSize]!, root: roots[size]! };
        expect(verifyConsistency(tree, claim, proof)).toBe(true);
      }
    }
  });
});

describe('proofs that show nothing', () => {
  const records = plainRecords(64);
  const plain = plainTree(sha256Tree, records);
  const leaf = (index: number): Hash => sha256Tree.leaf(records[index]!);

  it('a path never fits another leaf, index or root, and no path of another length', async () => {
    const size = 37;
    const root = plain.root(size);
    for (let index = 0; index < size; index += 1) {
      const proof = await proveInclusion(sha256Tree, index, size, plain.read);
      for (let other = 0; other < size; other += 1) {
        if (other === index) continue;
        const moved = { index: other, size, leaf: leaf(index), root };
        expect(verifyInclusion(sha256Tree, moved, proof)).toBe(false);
        const swapped = { index, size, leaf: leaf(other), root };
        expect(verifyInclusion(sha256Tree, swapped, proof)).toBe(false);
      }
      const claim = { index, size, leaf: leaf(index), root };
      expect(verifyInclusion(sha256Tree, claim, proof.slice(1))).toBe(false);
      expect(verifyInclusion(sha256Tree, claim, [...proof, root])).toBe(false);
      expect(verifyInclusion(sha256Tree, { ...claim, root: leaf(0) }, proof)).toBe(false);
    }
  });

  it.each([-1, 0.5, Number.NaN, Infinity, SIZE_MAX + 1, 1e300])(
    'a size of %p proves nothing, at once and without an error',
    (size) => {
      const root = plain.root(1);
      const claim = { index: 0, size, leaf: leaf(0), root };
      expect(verifyInclusion(sha256Tree, claim, [])).toBe(false);
      const grown = { oldSize: size, size: 4, oldRoot: root, root };
      expect(verifyConsistency(sha256Tree, grown, [])).toBe(false);
      expect(verifyConsistency(sha256Tree, { ...grown, oldSize: 1, size }, [])).toBe(false);
    },
  );

  it('the largest size is checked like any other, and ends', () => {
    const proof = Array.from({ length: 53 }, () => leaf(0));
    const root = plain.root(1);
    const claim = { index: SIZE_MAX - 1, size: SIZE_MAX, leaf: leaf(0), root };
    expect(verifyInclusion(sha256Tree, claim, proof)).toBe(false);
    const grown = { oldSize: SIZE_MAX - 1, size: SIZE_MAX, oldRoot: root, root };
    expect(verifyConsistency(sha256Tree, grown, proof)).toBe(false);
  });

  it('a proof longer than any tree is refused before it is read', () => {
    const long = Array.from({ length: 100_000 }, () => leaf(0));
    const claim = { index: 0, size: SIZE_MAX, leaf: leaf(0), root: leaf(0) };
    expect(verifyInclusion(sha256Tree, claim, long)).toBe(false);
  });

  it('hashes that are not 32 bytes are no hashes', async () => {
    const proof = await proveInclusion(sha256Tree, 3, 9, plain.read);
    const claim = { index: 3, size: 9, leaf: leaf(3), root: plain.root(9) };
    expect(verifyInclusion(sha256Tree, claim, [proof[0]!.slice(1), ...proof.slice(1)])).toBe(false);
    expect(verifyInclusion(sha256Tree, { ...claim, leaf: leaf(3).slice(1) }, proof)).toBe(false);
  });

  it('an empty tree begins every tree, and only with the root of nothing', () => {
    const claim = { oldSize: 0, size: 9, oldRoot: sha256Tree.empty(), root: plain.root(9) };
    expect(verifyConsistency(sha256Tree, claim, [])).toBe(true);
    expect(verifyConsistency(sha256Tree, claim, [leaf(0)])).toBe(false);
    expect(verifyConsistency(sha256Tree, { ...claim, oldRoot: leaf(0) }, [])).toBe(false);
  });

  it('equal sizes with different roots are two histories', () => {
    const claim = { oldSize: 9, size: 9, oldRoot: plain.root(8), root: plain.root(9) };
    expect(verifyConsistency(sha256Tree, claim, [])).toBe(false);
  });
});

describe('what a tree is asked for', () => {
  it('no path for a leaf it does not have, no beginning larger than itself', () => {
    const { read } = plainTree(sha256Tree, []);
    expect(() => proveInclusion(sha256Tree, 5, 5, read)).toThrow(RangeError);
    expect(() => proveInclusion(sha256Tree, 0, SIZE_MAX + 1, read)).toThrow(RangeError);
    return expect(proveConsistency(sha256Tree, 6, 5, read)).rejects.toThrow(RangeError);
  });

  it('nodes of any range, at most one a level', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SIZE_MAX }), (size) => {
        const nodes = nodesOfRange(0, size);
        const leaves = nodes.reduce((sum, { level }) => sum + 2 ** level, 0);
        expect(leaves).toBe(size);
        expect(new Set(nodes.map(({ level }) => level)).size).toBe(nodes.length);
      }),
    );
  });

  it('a compact range of other hashes than its size needs is refused', () => {
    const one = sha256Tree.leaf('1');
    expect(() => CompactRange.of(sha256Tree, 2, [one, one])).toThrow(RangeError);
    expect(() => CompactRange.of(sha256Tree, 1, [one.slice(1)])).toThrow(RangeError);
    expect(() => CompactRange.deserialise(sha256Tree, 1, one.slice(1))).toThrow(RangeError);
    expect(() => CompactRange.of(sha256Tree, SIZE_MAX + 1, [])).toThrow(RangeError);
  });
});
