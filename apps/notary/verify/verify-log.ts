import { RecordMissing } from '@fundflow/event-store/event-store';
import type { NodeTreeHash } from '@fundflow/proof/node-hash';
import type { TileTable } from '@fundflow/proof/postgres/tile-table';
import { openTiles, TamperedTile } from '@fundflow/proof/tile-reader';
import { TILE_WIDTH } from '@fundflow/proof/tiles';
import { isEqualBytes } from '@fundflow/proof/tree-hash';
import { type HashedLeaves, hashLeaves, packed } from './hash-leaves.js';
import type { LeafHasher } from './leaf-hasher.js';
import { Pass } from './pass.js';

/** A head of the log that somebody signed: the log must still have it. */
export interface KnownHead {
  /** Where it comes from, as it is shown: `signed`, `witnessed`, a file. */
  readonly source: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export type LogProblem =
  /** No record at this index, and more behind it. */
  | { readonly kind: 'record-missing'; readonly index: number }
  /** The log ends before what was signed; the first record that is gone. */
  | { readonly kind: 'log-is-shorter'; readonly index: number; readonly head: KnownHead }
  /** The record is not the one that was signed. */
  | { readonly kind: 'record-changed'; readonly index: number; readonly head: KnownHead }
  /**
   * The log does not have the signed root, and the tiles cannot say where; every record before `index` agrees with the
   * tiles.
   */
  | { readonly kind: 'log-differs'; readonly index: number | null; readonly head: KnownHead }
  /** The tile contradicts the records (which have the signed root, or are not signed yet). */
  | {
      readonly kind: 'tile-changed' | 'tile-missing';
      readonly index: number | null;
      readonly tile: string;
    };

export interface LogVerdict {
  /** Records read. */
  readonly records: number;
  readonly tiles: number;
  readonly root: Uint8Array;
  /** The most telling one first; empty: everything agrees. */
  readonly problems: readonly LogProblem[];
}

/** The log as its bytes. */
export interface RecordBytesSource {
  /** Records with position > `after`, dense and in order, at most `limit`. @throws RecordMissing at a gap */
  readRecordBytes(after: bigint, limit: number): Promise<readonly Uint8Array[]>;
}

export interface VerifyParts {
  readonly log: RecordBytesSource;
  readonly table: TileTable;
  readonly tree: NodeTreeHash;
  readonly heads: readonly KnownHead[];
  /** Hashes the records in a thread of its own; without it they are hashed here. */
  readonly hasher?: Pick<LeafHasher, 'hash'>;
  readonly onProgress?: (records: number) => void;
  readonly pageRecordsMax?: number;
}

/** Full tiles, so that a page never ends within one. */
const VERIFY_PAGE_MAX = 20 * TILE_WIDTH;
/** Pages that are read or hashed while the one before them is worked on. */
const PAGES_AHEAD = 4;

/**
 * Reads the whole log and holds it against the heads that were signed and against every stored tile. While a page is
 * hashed, the next one is read, and the tiles of the last one are fetched. Names the first index that differs.
 */
export async function verifyLog(parts: VerifyParts): Promise<LogVerdict> {
  const { tree, table, heads } = parts;
  const stored = (await table.tree())?.size ?? 0;
  const pass = new Pass(tree, heads);
  let missing: number | null = null;
  let tiles = 0;
  let comparing: Promise<number> = Promise.resolve(0);
  try {
    for await (const page of leavesOf(parts)) {
      pass.take(page);
      tiles += await comparing;
      comparing = awaitedLater(pass.compareFull(table, stored));
      parts.onProgress?.(pass.size);
    }
    tiles += await comparing;
    if (pass.size >= stored) tiles += await pass.comparePartial(table, stored);
  } catch (error) {
    if (!(error instanceof RecordMissing)) throw error;
    tiles += await comparing;
    missing = Number(error.position) - 1;
  }
  const problems: LogProblem[] = [];
  if (missing !== null) problems.push({ kind: 'record-missing', index: missing });
  else problems.push(...(await judgeHeads(pass, parts)));
  const isLogBad = problems.length > 0;
  for (const { path, isMissing, index } of pass.badTiles) {
    if (isLogBad) continue;
    problems.push({ kind: isMissing ? 'tile-missing' : 'tile-changed', index, tile: path });
  }
  if (!isLogBad && pass.size < stored && missing === null) {
    problems.push({ kind: 'tile-changed', index: pass.size, tile: 'size' });
  }
  return { records: pass.size, tiles, root: pass.root(), problems };
}

/** The pages as leaves, in their order; what came before a gap counts. */
async function* leavesOf(parts: VerifyParts): AsyncGenerator<HashedLeaves> {
  const limit = parts.pageRecordsMax ?? VERIFY_PAGE_MAX;
  const coming: Promise<{ readonly count: number; readonly hashes: HashedLeaves }>[] = [];
  for (let asked = 0; ;) {
    for (; coming.length < PAGES_AHEAD; asked += limit) {
      const page = parts.log.readRecordBytes(BigInt(asked), limit);
      coming.push(awaitedLater(page.then((records) => hashed(parts, records))));
    }
    const { count, hashes } = await coming.shift()!;
    if (count > 0) yield hashes;
    if (count < limit) return;
  }
}

/** A failure before it is awaited must not go unhandled. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function hashed({ tree, hasher }: VerifyParts, records: readonly Uint8Array[]) {
  const hashes = await (hasher?.hash(tree, records) ?? hashLeaves(tree, packed(records)));
  return { count: records.length, hashes };
}

async function judgeHeads(
  pass: Pass,
  { heads, table, tree }: VerifyParts,
): Promise<readonly LogProblem[]> {
  const problems: LogProblem[] = [];
  for (const head of heads) {
    if (head.size > pass.size) {
      const gone = await firstDifference(pass, head, { table, tree });
      const index = gone === null ? pass.size : Math.min(gone, pass.size);
      const kind = index < pass.size ? 'record-changed' : 'log-is-shorter';
      problems.push({ kind, index, head });
    } else if (!isEqualBytes(pass.rootAt(head.size), head.root)) {
      const index = await firstDifference(pass, head, { table, tree });
      if (index === null) problems.push({ kind: 'log-differs', index: pass.firstBadLeaf(), head });
      else problems.push({ kind: 'record-changed', index, head });
    }
  }
  return problems;
}

/**
 * The first leaf that differs from the signed tree, by tiles that are proved to belong to it. Null when the tiles are not
 * those of the signed tree either.
 */
async function firstDifference(
  pass: Pass,
  { size, root }: KnownHead,
  { table, tree }: Pick<VerifyParts, 'table' | 'tree'>,
): Promise<number | null> {
  const index = pass.firstBadLeaf();
  if (index === null) return null;
  try {
    const reader = await openTiles(tree, { size, root }, table.fetch);
    if (index < Math.floor(size / TILE_WIDTH) * TILE_WIDTH) {
      await reader.leaves(Math.floor(index / TILE_WIDTH));
    }
    return index;
  } catch (error) {
    if (error instanceof TamperedTile || (error as Error).name === 'TileMissing') return null;
    throw error;
  }
}
