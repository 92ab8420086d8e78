import { CompactRange } from '@fundflow/proof/compact-range';
import type { LeafFile } from '@fundflow/proof/files/leaf-file';
import { type Hash, isEqualBytes, type TreeHash } from '@fundflow/proof/tree-hash';
import { RecordMissing } from '@fundflow/event-store/event-store';
import type { RecordSource } from '../log/tile-follower.js';
import type { KnownHead } from './verify-log.js';

/**
 * The first index at which the log is not the one that was signed, by leaf hashes that were kept apart from it: for when
 * the tiles beside the log were rewritten with it. Reads the log until the difference, the leaves to the end.
 *
 * @returns of each head the index, null when these leaves do not give its root, or when the log agrees with it
 */
export async function differencesFromKept(
  { log, tree, leaves }: KeptParts,
  heads: readonly KnownHead[],
): Promise<(head: KnownHead) => number | null> {
  const range = CompactRange.empty(tree);
  const roots = new Map<number, Hash | null>(heads.map(({ size }) => [size, null]));
  let different: number | null = null;
  for await (const page of leaves.pages(Math.max(0, ...roots.keys()))) {
    if (different === null) {
      const records = await recordsFrom(log, range.size, page.length);
      const at = page.findIndex((leaf, place) => !isLeafOf(records[place], leaf, tree));
      if (at >= 0) different = range.size + at;
    }
    for (const leaf of page) {
      range.append(leaf);
      if (roots.has(range.size)) roots.set(range.size, range.root());
    }
  }
  return ({ size, root }) => {
    const kept = roots.get(size) ?? null;
    const isSigned = kept !== null && isEqualBytes(kept, root);
    return isSigned && different !== null && different < size ? different : null;
  };
}

interface KeptParts {
  readonly log: Pick<RecordSource, 'readRecords'>;
  readonly tree: TreeHash;
  readonly leaves: Pick<LeafFile, 'pages'>;
}

const isLeafOf = (record: string | undefined, leaf: Hash, tree: TreeHash): boolean =>
  record !== undefined && isEqualBytes(tree.leaf(record), leaf);

/** Up to a gap, as if the log ended there. */
async function recordsFrom(
  log: Pick<RecordSource, 'readRecords'>,
  after: number,
  limit: number,
): Promise<readonly string[]> {
  try {
    return await log.readRecords(BigInt(after), limit);
  } catch (error) {
    if (!(error instanceof RecordMissing)) throw error;
    const before = Number(error.position) - 1 - after;
    return before > 0 ? log.readRecords(BigInt(after), before) : [];
  }
}
