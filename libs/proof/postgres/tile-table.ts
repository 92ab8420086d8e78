import type { ClientBase, Pool } from 'pg';
import type { TileFetch } from '../tile-reader.js';
import { TILE_WIDTH, type TileId, tilePath } from '../tiles.js';
import { HASH_BYTES } from '../tree-hash.js';

/** A log as strangers know it, and how far its tiles reach. */
export interface StoredTree {
  readonly origin: string;
  /** The public key of its checkpoints, as the signed-note specification writes it. */
  readonly vkey: string;
  /** Leaves in the tiles. */
  readonly size: number;
  /** `CompactRange.serialise` at that size. */
  readonly range: Uint8Array;
}

/** Hashes of one tile from its first on, 32 bytes each, 1 to 256 of them. */
export interface StoredTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

export interface Growth {
  readonly from: number;
  readonly to: number;
  /** `CompactRange.serialise` at `to`. */
  readonly range: Uint8Array;
  /** Every tile that is new or wider than before. */
  readonly tiles: readonly StoredTile[];
}

/** Tiles of one question. */
const TILES_MAX = 4_096;

const FULL_BYTES = TILE_WIDTH * HASH_BYTES;
const READ_TREE = 'SELECT origin, vkey, size::text, range FROM tlog.trees WHERE log = $1';
const READ_TILES = `
  SELECT t.level, t.index::text, t.hashes FROM unnest($2::smallint[], $3::bigint[]) q(level, index)
  JOIN tlog.tiles t ON t.log = $1 AND t.level = q.level AND t.index = q.index`;
const READ_DIFFERENT = `
  SELECT q.level, q.index::text, t.hashes
  FROM unnest($2::smallint[], $3::bigint[]) WITH ORDINALITY q(level, index, nth)
  LEFT JOIN tlog.tiles t ON t.log = $1 AND t.level = q.level AND t.index = q.index
  WHERE t.hashes IS DISTINCT FROM
    substring($4::bytea FROM ((q.nth - 1) * ${FULL_BYTES})::int + 1 FOR ${FULL_BYTES})`;
// One statement: the tiles are written only by whoever moves the size, and both or neither stand.
const GROW = `
  WITH moved AS (
    UPDATE tlog.trees SET size = $3, range = $4 WHERE log = $1 AND size = $2 RETURNING log
  ), written AS (
    INSERT INTO tlog.tiles (log, level, index, hashes)
    SELECT moved.log, q.level, q.index, substring($9::bytea FROM q.first FOR q.bytes)
    FROM moved,
      unnest($5::smallint[], $6::bigint[], $7::int[], $8::int[]) q(level, index, first, bytes)
    ON CONFLICT (log, level, index) DO UPDATE SET hashes = EXCLUDED.hashes
  )
  SELECT 1 FROM moved`;

/** A tile that the tree has by its size and the table has not. */
export class TileMissing extends Error {
  override readonly name = 'TileMissing';
  constructor(readonly tile: TileId) {
    super(`${tilePath(tile)} is missing`);
  }
}

const keyOf = ({ level, index }: { readonly level: number; readonly index: number }): string =>
  `${level}/${index}`;

/** The hash tiles of one log in PostgreSQL. */
export class TileTable {
  constructor(
    private readonly pool: Pick<Pool, 'query'> | ClientBase,
    readonly log: string,
  ) {}

  /** Null before `begin`. */
  async tree(): Promise<StoredTree | null> {
    const { rows } = await this.pool.query<{
      origin: string;
      vkey: string;
      size: string;
      range: Buffer;
    }>(READ_TREE, [this.log]);
    const [row] = rows;
    return row ? { ...row, size: Number(row.size) } : null;
  }

  /** Begins an empty tree, unless it is there; answers what is there. */
  async begin(named: { readonly origin: string; readonly vkey: string }): Promise<StoredTree> {
    await this.pool.query(
      `INSERT INTO tlog.trees (log, origin, vkey, size, range) VALUES ($1, $2, $3, 0, '')
       ON CONFLICT DO NOTHING`,
      [this.log, named.origin, named.vkey],
    );
    const tree = await this.tree();
    if (tree === null) throw new Error(`the origin ${named.origin} belongs to another log`);
    return tree;
  }

  /** The log goes on under another key. */
  async succeed(former: string, vkey: string): Promise<void> {
    await this.pool.query('UPDATE tlog.trees SET vkey = $3 WHERE log = $1 AND vkey = $2', [
      ...[this.log, former, vkey],
    ]);
  }

  /** Those of the tiles asked for that exist, at most `TILES_MAX`, in no order. */
  async tiles(
    ids: readonly { readonly level: number; readonly index: number }[],
  ): Promise<StoredTile[]> {
    if (ids.length > TILES_MAX) throw new RangeError(`${ids.length} tiles in one question`);
    if (ids.length === 0) return [];
    const { rows } = await this.pool.query<{ level: number; index: string; hashes: Buffer }>(
      READ_TILES,
      [this.log, ids.map(({ level }) => level), ids.map(({ index }) => index)],
    );
    return rows.map(({ level, index, hashes }) => ({ level, index: Number(index), hashes }));
  }

  /**
   * What is stored in place of those of these full tiles that are not stored so, at most `TILES_MAX`, in no order; null
   * where there is nothing. The database compares: full tiles of a long log are not sent to be found the same.
   */
  async different(
    full: readonly StoredTile[],
  ): Promise<(Omit<StoredTile, 'hashes'> & { readonly hashes: Uint8Array | null })[]> {
    if (full.length > TILES_MAX) throw new RangeError(`${full.length} tiles in one question`);
    if (full.length === 0) return [];
    const { rows } = await this.pool.query<{
      level: number;
      index: string;
      hashes: Buffer | null;
    }>(READ_DIFFERENT, [
      ...[this.log, full.map(({ level }) => level), full.map(({ index }) => index)],
      Buffer.concat(full.map(({ hashes }) => hashes)),
    ]);
    return rows.map((row) => ({ ...row, index: Number(row.index) }));
  }

  /**
   * The bytes of these tiles, for `openTiles`.
   *
   * @throws TileMissing when one is not there, or not that wide
   */
  readonly fetch: TileFetch = async (wanted) => {
    const found: StoredTile[] = [];
    for (let from = 0; from < wanted.length; from += TILES_MAX) {
      found.push(...(await this.tiles(wanted.slice(from, from + TILES_MAX))));
    }
    const known = new Map(found.map((tile) => [keyOf(tile), tile.hashes]));
    return wanted.map((tile) => {
      const bytes = known.get(keyOf(tile))?.subarray(0, tile.width * HASH_BYTES);
      if (bytes?.length !== tile.width * HASH_BYTES) throw new TileMissing(tile);
      return bytes;
    });
  };

  /**
   * Exactly once: writes the tiles and moves the size, if it is still the one the growth starts from.
   *
   * @returns false when somebody else moved it; nothing was written
   */
  async grow({ from, to, range, tiles }: Growth): Promise<boolean> {
    const bytes = tiles.map(({ hashes }) => hashes.length);
    let first = 1;
    const firsts = bytes.map((count) => (first += count) - count);
    // One value: it is sent as the bytes it is, and an array of them as text.
    const hashes = Buffer.concat(tiles.map((tile) => tile.hashes));
    const values = [
      ...[this.log, from, to, Buffer.from(range)],
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      ...[firsts, bytes, hashes],
    ];
    const { rows } = await this.pool.query({ name: 'tlog_grow', text: GROW, values });
    return rows.length === 1;
  }
}
