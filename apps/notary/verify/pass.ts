import type { TileTable } from '@fundflow/proof/postgres/tile-table';
import { type Tile, TileWriter } from '@fundflow/proof/tile-writer';
import { hashInTile, TILE_WIDTH, tilePath } from '@fundflow/proof/tiles';
import { HASH_BYTES, isEqualBytes, type TreeHash } from '@fundflow/proof/tree-hash';
import type { HashedLeaves } from './hash-leaves.js';

interface BadTile {
  readonly path: string;
  readonly isMissing: boolean;
  /** First leaf that differs, of tiles of level 0. */
  readonly index: number | null;
}

/** One reading of the log, with what has come out of it so far. */
export class Pass {
  readonly badTiles: BadTile[] = [];
  readonly #writer: TileWriter;
  readonly #roots = new Map<number, Uint8Array>();
  readonly #partials = new Map<number, Tile>();
  readonly #sizes: ReadonlySet<number>;

  constructor(
    private readonly tree: TreeHash,
    heads: readonly { readonly size: number }[],
  ) {
    this.#writer = TileWriter.empty(tree);
    this.#sizes = new Set(heads.map(({ size }) => size));
  }

  get size(): number {
    return this.#writer.size;
  }

  take({ leaves, nodes }: HashedLeaves): void {
    const count = leaves.length / HASH_BYTES;
    const isAligned = this.size % TILE_WIDTH === 0;
    for (let from = 0; from < count; from += TILE_WIDTH) {
      const to = Math.min(from + TILE_WIDTH, count);
      if (isAligned && to - from === TILE_WIDTH && !this.#hasHeadWithin(this.size)) {
        const bytes = leaves.subarray(from * HASH_BYTES, to * HASH_BYTES);
        this.#writer.appendTile(bytes, hashInTile(nodes, from / TILE_WIDTH));
        this.#keepRoot();
        continue;
      }
      for (let at = from; at < to; at += 1) {
        this.#writer.append(hashInTile(leaves, at));
        this.#keepRoot();
      }
    }
  }

  #keepRoot(): void {
    if (this.#sizes.has(this.size)) this.#roots.set(this.size, this.root());
  }

  /** Whether a signed head ends within the tile that begins here. */
  #hasHeadWithin(start: number): boolean {
    return [...this.#sizes].some((size) => size > start && size < start + TILE_WIDTH);
  }

  root(): Uint8Array {
    return this.#writer.range().root();
  }

  rootAt(size: number): Uint8Array {
    return this.#roots.get(size) ?? this.tree.empty();
  }

  firstBadLeaf(): number | null {
    const indexes = this.badTiles.flatMap(({ index }) => (index === null ? [] : [index]));
    return indexes.length === 0 ? null : Math.min(...indexes);
  }

  /** Full tiles that have come out since; those beyond the stored size are not written yet. */
  async compareFull(table: TileTable, stored: number): Promise<number> {
    const full: Tile[] = [];
    for (const tile of this.#writer.take()) {
      if (tile.width < TILE_WIDTH) this.#partials.set(tile.level, tile);
      else {
        this.#partials.delete(tile.level);
        const span = TILE_WIDTH ** (tile.level + 1);
        if ((tile.index + 1) * span <= stored) full.push(tile);
      }
    }
    const stands = await table.different(full.map((tile) => ({ ...tile, hashes: tile.bytes })));
    const different = new Map(stands.map((tile) => [keyOf(tile), tile.hashes]));
    for (const tile of full) {
      const hashes = different.get(keyOf(tile));
      if (hashes !== undefined) this.#hold(tile, hashes);
    }
    return full.length;
  }

  /** The right edge, as far as the store has it. */
  async comparePartial(table: TileTable, stored: number): Promise<number> {
    const edge = [...this.#partials.values()].flatMap((tile) => {
      const width = Math.floor(stored / TILE_WIDTH ** tile.level) - tile.index * TILE_WIDTH;
      const shown = Math.min(width, tile.width);
      return shown > 0 ? [{ ...tile, width: shown, bytes: cut(tile.bytes, shown) }] : [];
    });
    const found = new Map((await table.tiles(edge)).map((tile) => [keyOf(tile), tile.hashes]));
    for (const tile of edge) {
      const hashes = found.get(keyOf(tile)) ?? null;
      if (hashes === null || !isEqualBytes(cut(hashes, tile.width), tile.bytes)) {
        this.#hold(tile, hashes);
      }
    }
    return edge.length;
  }

  /** Against the tile: what is stored is not what the records make. */
  #hold(tile: Tile, stored: Uint8Array | null): void {
    const at = firstDifferent(tile.bytes, stored ?? new Uint8Array(0), tile.width);
    const index = tile.level === 0 && stored !== null ? tile.index * TILE_WIDTH + at : null;
    this.badTiles.push({ path: tilePath(tile), isMissing: stored === null, index });
  }
}

const keyOf = ({ level, index }: { readonly level: number; readonly index: number }): string =>
  `${level}/${index}`;

const cut = (bytes: Uint8Array, width: number): Uint8Array => bytes.subarray(0, width * HASH_BYTES);

function firstDifferent(ours: Uint8Array, theirs: Uint8Array, width: number): number {
  for (let at = 0; at < width; at += 1) {
    const [from, to] = [at * HASH_BYTES, (at + 1) * HASH_BYTES];
    if (!isEqualBytes(ours.subarray(from, to), theirs.subarray(from, to))) return at;
  }
  return width;
}
