import { CompactRange } from '@fundflow/proof/compact-range';
import { LEAF_PAGE_MAX, type LeafFile } from '@fundflow/proof/files/leaf-file';
import type { MemoryFile } from '@fundflow/proof/files/memory-file';
import { formatMemory } from '@fundflow/proof/signer';
import { type Hash, isEqualBytes, type TreeHash } from '@fundflow/proof/tree-hash';
import type { RecordSource } from './tile-follower.js';

/** Why no memory was made. */
export type AdoptionRefusal =
  /** There is a memory: it goes on by itself, or says why not. */
  | 'memory-present'
  /** The log does not have this head. */
  | 'log-differs';

export interface Adoption {
  readonly origin: string;
  readonly tree: TreeHash;
  /** The largest head that is known to have been signed. */
  readonly head: { readonly size: number; readonly root: Hash };
  readonly log: Pick<RecordSource, 'readRecords'>;
  readonly memory: MemoryFile;
  readonly leaves: LeafFile;
}

/**
 * Makes the signer's memory anew after it was lost, from a log that still has a head somebody kept elsewhere, and all
 * leaves that are still kept. Reads the log from its first record. What was signed beyond that is forgotten: whoever has
 * a later checkpoint still convicts a log that departs from it. Leaves that are gone come back at the next signature.
 *
 * @returns null when the memory is in place, durable
 */
export async function adoptLog(adoption: Adoption): Promise<AdoptionRefusal | null> {
  const { origin, tree, head, memory, leaves } = adoption;
  if ((await memory.read()) !== null) return 'memory-present';
  const kept = await leaves.size();
  const range = CompactRange.empty(tree);
  let lastLeaf: Hash | null = null;
  // First to the head, whose root must come out; then as far as leaves were kept.
  for (const end of [head.size, Math.max(head.size, kept)]) {
    while (range.size < end) {
      const page = await leavesOf(adoption, range.size, end);
      if (page === null) return 'log-differs';
      for (const leaf of page) range.append(leaf);
      lastLeaf = page.at(-1) ?? null;
    }
    if (end === head.size && !isEqualBytes(range.root(), head.root)) return 'log-differs';
  }
  const made = await memory.replace(0, formatMemory({ origin, range, lastLeaf }, tree));
  return made ? null : 'memory-present';
}

/** The next leaves of the log; null where it ends, or is not the one whose leaves were kept. */
async function leavesOf(
  { log, tree, leaves }: Adoption,
  first: number,
  end: number,
): Promise<readonly Hash[] | null> {
  const limit = Math.min(LEAF_PAGE_MAX, end - first);
  const [records, kept] = await Promise.all([
    log.readRecords(BigInt(first), limit),
    leaves.read(first, limit),
  ]);
  if (records.length < limit) return null;
  const page = records.map((record) => tree.leaf(record));
  return kept.every((leaf, at) => isEqualBytes(leaf, page[at]!)) ? page : null;
}
