import { verifyConsistency } from './consistency.js';
import { Found } from './findings.js';
import type { Accepted } from './judged.js';
import { openTiles, TamperedTile, type TileFetch } from './tile-reader.js';
import { isEqualBytes, type Hash, type TreeHash } from './tree-hash.js';
import { rootOf } from './tree-nodes.js';

/** What helps to compare trees of two sizes: a proof, the tiles of the larger one, or neither. */
export interface ComparisonHelp {
  readonly proof: readonly Hash[] | null;
  readonly tiles: TileFetch | null;
}

/** Two checkpoints of one log that go together. */
export interface Agreement {
  readonly origin: string;
  readonly sizes: readonly [number, number];
}

/**
 * Compares two accepted checkpoints. Equal sizes with different roots prove that the log told two
 * stories; so do tiles of the larger tree whose beginning has another root than the smaller one.
 *
 * @throws Found `other-log`, `equivocation`, `inconsistent`, or `needs-tiles` when sizes differ and
 * nothing at hand shows whether one grew from the other: a proof that does not hold shows nothing
 */
export async function compareCheckpoints(
  tree: TreeHash,
  a: Accepted,
  b: Accepted,
  { proof, tiles }: ComparisonHelp,
): Promise<Agreement> {
  const { origin } = a;
  if (origin !== b.origin) throw new Found({ code: 'other-log', origins: [origin, b.origin] });
  const [older, newer] = a.size <= b.size ? [a, b] : [b, a];
  const [oldSize, size] = [older.size, newer.size];
  const agreement = { origin, sizes: [oldSize, size] } as const;
  if (oldSize === size) {
    if (isEqualBytes(older.root, newer.root)) return agreement;
    throw new Found({ code: 'equivocation', origin, size });
  }
  const claim = { oldSize, size, oldRoot: older.root, root: newer.root };
  if (verifyConsistency(tree, claim, proof ?? [])) return agreement;
  const actual = tiles === null ? null : await rootAt(tree, newer, oldSize, tiles);
  if (actual === null) throw new Found({ code: 'needs-tiles', oldSize, size });
  if (isEqualBytes(actual, older.root)) return agreement;
  throw new Found({ code: 'inconsistent', origin, oldSize, size });
}

async function rootAt(
  tree: TreeHash,
  { size, root }: Accepted,
  oldSize: number,
  fetch: TileFetch,
): Promise<Hash> {
  try {
    const { read } = await openTiles(tree, { size, root }, fetch);
    return await rootOf(tree, oldSize, read);
  } catch (error) {
    if (!(error instanceof TamperedTile)) throw error;
    throw new Found({ code: 'tile-differs', tile: error.message });
  }
}
