import { CompactRange } from '@fundflow/proof/compact-range';
import type { LeafFile } from '@fundflow/proof/files/leaf-file';
import { type Hash, isEqualBytes, type TreeHash } from '@fundflow/proof/tree-hash';
import { RecordMissing } from '@fundflow/event-store/event-store';
import type { RecordSource } from '../log/tile-follower.js';
import type { KnownHead } from './verify-log.js';

/**
 * The first index at which the log is not the one of `head`, by leaf hashes that were kept apart from it: for when the
 * tiles beside the log were rewritten with it. Reads the log until the difference, the leaves to the end.
 *
 * @returns null when these leaves do not give the signed root, or when the log agrees with them
 */
export async function differenceFromKept(
  {
    log,
    tree,
    leaves,
  }: {
    readonly log: Pick<RecordSource, 'readRecords'>;
    readonly tree: TreeHash;
    readonly leaves: Pick<LeafFile, 'pages'>;
  },
  head: KnownHead,
): Promise<number | null> {
  const range = CompactRange.empty(tree);
  let different: number | null = null;
  for await (const page of leaves.pages(head.size)) {
    if (different === null && page.length > 0) {
      const records = await recordsFrom(log, range.size, page.length);
      const at = page.findIndex((leaf, place) => !isLeafOf(records[place], leaf, tree));
      if (at >= 0) different = range.size + at;
    }
    for (const leaf of page) range.append(leaf);
  }
  const isSigned = range.size === head.size && isEqualBytes(range.root(), head.root);
  return isSigned ? different : null;
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
