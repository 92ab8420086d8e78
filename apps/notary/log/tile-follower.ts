import type { TileTable } from '@fundflow/proof/postgres/tile-table';
import { CompactRange } from '@fundflow/proof/compact-range';
import { LeafRun } from '@fundflow/proof/leaf-run';
import type { NodeTreeHash } from '@fundflow/proof/node-hash';
import { openTiles } from '@fundflow/proof/tile-reader';
import { TileWriter } from '@fundflow/proof/tile-writer';
import { partialTiles, TILE_WIDTH } from '@fundflow/proof/tiles';
import type { Hash } from '@fundflow/proof/tree-hash';

/** The log as far as the proof cares: its records by position. */
export interface RecordSource {
  /** Records with position > `after`, dense and in order. @throws RecordMissing at a gap */
  readRecords(after: bigint, limit: number): Promise<string[]>;
  /** The same as the bytes that are stored. */
  readRecordBytes(after: bigint, limit: number): Promise<readonly Uint8Array[]>;
  head(): Promise<bigint>;
  waitForEventsAfter(position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<unknown>;
}

type Read = RecordSource['readRecordBytes'];

/** Leaves that were added to the tiles. */
export interface Grown {
  readonly run: LeafRun;
  /** Leaves in the tiles now. */
  readonly to: number;
  /** Root of the tiles at `to`. */
  readonly root: Hash;
  /** More may be there already. */
  readonly full: boolean;
}

/** Records of one round, twenty tiles: they are one small statement, and the reading costs little beside it. */
export const PAGE_RECORDS_MAX = 20 * TILE_WIDTH;

/**
 * Follows the log by position and keeps its hash tiles: the leaf at index i is the record at position i + 1. Exactly
 * once: the tiles and the size move in one statement that compares the size. Any number of processes may do it.
 */
export class TileFollower {
  #writer: TileWriter | null = null;
  #ahead: { readonly after: number; readonly records: ReturnType<Read> } | null = null;

  constructor(
    private readonly parts: {
      readonly log: RecordSource;
      readonly table: TileTable;
      readonly tree: NodeTreeHash;
      readonly pageRecordsMax?: number;
    },
  ) {}

  /**
   * Reads where the tiles stand; to be called first, and again after anything threw.
   *
   * @throws TamperedTile, TileMissing when the right edge of the tiles is not that of the tree they are said to be
   */
  async load(): Promise<{ readonly size: number; readonly root: Hash }> {
    const { table, tree } = this.parts;
    this.#writer = null;
    this.#ahead = null;
    const stored = await table.tree();
    if (stored === null) throw new Error(`the log ${table.log} was never begun`);
    const range = CompactRange.deserialise(tree, stored.size, stored.range);
    await openTiles(tree, { size: stored.size, root: range.root() }, table.fetch);
    const partials = await table.fetch(partialTiles(stored.size));
    this.#writer = TileWriter.resume(tree, stored.size, partials);
    return { size: stored.size, root: range.root() };
  }

  /**
   * Adds the next page.
   *
   * @returns `overtaken` when somebody else added it: `load` again
   */
  async step(): Promise<Grown | 'caught-up' | 'overtaken'> {
    const { table, tree } = this.parts;
    const writer = this.#writer;
    if (writer === null) throw new Error('the tiles are not loaded');
    const from = writer.size;
    const { records, full } = await this.#read(from);
    if (records.length === 0) return 'caught-up';
    // Until the statement is answered nobody knows where the tiles stand.
    this.#writer = null;
    const run = LeafRun.of(tree, from, records);
    run.addTo(writer);
    const to = writer.size;
    const range = writer.range();
    const tiles = writer
      .take()
      .map(({ level, index, bytes: hashes }) => ({ level, index, hashes }));
    const written = await table.grow({ from, to, range: range.serialise(), tiles });
    if (!written) return 'overtaken';
    this.#writer = writer;
    return { run, to, root: range.root(), full };
  }

  async #read(after: number): Promise<{ records: readonly Uint8Array[]; full: boolean }> {
    const limit = this.#limitFrom(after);
    const ahead = this.#ahead;
    this.#ahead = null;
    const { log } = this.parts;
    const records = await (ahead?.after === after
      ? ahead.records
      : log.readRecordBytes(BigInt(after), limit));
    const full = records.length === limit;
    if (full) {
      const behind = after + limit;
      const next = log.readRecordBytes(BigInt(behind), this.#limitFrom(behind));
      // Whoever asks for it gets the error; nobody may, and then it is no error.
      next.catch(() => undefined);
      this.#ahead = { after: behind, records: next };
    }
    return { records, full };
  }

  /** A full page ends where a tile does, if it is as long as one: no tile is written twice. */
  #limitFrom(after: number): number {
    const most = this.parts.pageRecordsMax ?? PAGE_RECORDS_MAX;
    return most < TILE_WIDTH ? most : most - ((after + most) % TILE_WIDTH);
  }
}
