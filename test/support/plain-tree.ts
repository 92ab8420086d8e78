import type { Hash, TreeHash } from '@fundflow/proof/tree-hash';
import type { HashReader } from '@fundflow/proof/tree-nodes';

/** RFC 6962, section 2.1, word for word: what the tree of libs/proof is measured against. */
export interface PlainTree {
  readonly root: (size: number) => Hash;
  readonly inclusion: (index: number, size: number) => Hash[];
  readonly consistency: (oldSize: number, size: number) => Hash[];
  /** Reads complete nodes. */
  readonly read: HashReader;
}

export function plainTree(tree: TreeHash, records: readonly (Uint8Array | string)[]): PlainTree {
  const splitOf = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

  const known = new Map<string, Hash>();
  const mth = (from: number, to: number): Hash => {
    const span = `${from}-${to}`;
    const hash = known.get(span) ?? hashOf(from, to);
    known.set(span, hash);
    return hash;
  };
  const hashOf = (from: number, to: number): Hash => {
    if (to === from) return tree.empty();
    if (to - from === 1) return tree.leaf(records[from]!);
    const k = from + splitOf(to - from);
    return tree.node(mth(from, k), mth(k, to));
  };

  const path = (m: number, from: number, to: number): Hash[] => {
    if (to - from === 1) return [];
    const k = from + splitOf(to - from);
    return m < k ? [...path(m, from, k), mth(k, to)] : [...path(m, k, to), mth(from, k)];
  };

  const subproof = (m: number, from: number, to: number, isWhole: boolean): Hash[] => {
    if (m === to) return isWhole ? [] : [mth(from, to)];
    const k = from + splitOf(to - from);
    if (m <= k) return [...subproof(m, from, k, isWhole), mth(k, to)];
    return [...subproof(m, k, to, false), mth(from, k)];
  };

  return {
    root: (size) => mth(0, size),
    inclusion: (index, size) => path(index, 0, size),
    consistency: (oldSize, size) => (oldSize === 0 ? [] : subproof(oldSize, 0, size, true)),
    read: (nodes) =>
      Promise.resolve(
        nodes.map(({ level, index }) => mth(index * 2 ** level, (index + 1) * 2 ** level)),
      ),
  };
}

/** `count` short records, each different from the others. */
export function plainRecords(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `record ${i} 资金`);
}
