import { CompactRange } from './compact-range.js';
import { Malformed } from './malformed.js';
import { HASH_BYTES, type Hash, type TreeHash } from './tree-hash.js';
import { isTreeSize } from './tree-nodes.js';

/** Hashes of a full tile, and entries of a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Level of the node over a full tile of leaves: 2^8 of them. */
export const TILE_NODE_LEVEL = 8;
/** Levels a tree of 2^53 − 1 leaves can have tiles on: 0 to 6. */
export const TILE_LEVELS_MAX = 7;
/** The specification's bound of `<L>` in a path. */
const PATH_LEVEL_MAX = 63;
const ENTRY_BYTES_MAX = 65_535;

/** One tile: hashes `index` · 256 on of its level; `width` 1 to 255 for a partial one, else 256. */
export interface TileId {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** What a path below a log's prefix names. */
export type TilePath =
  | ({ readonly kind: 'hashes' } & TileId)
  | { readonly kind: 'entries'; readonly index: number; readonly width: number };

/** `tile/<L>/<N>[.p/<W>]`, to be appended to the prefix and a slash. */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${indexPath(index)}${widthPath(width)}`;
}

/** `tile/entries/<N>[.p/<W>]`. */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${widthPath(width)}`;
}

const PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/** What a path names, or null when it is not exactly as the specification writes it. */
export function parseTilePath(path: string): TilePath | null {
  const [, level, n, w] = PATH.exec(path) ?? [];
  if (level === undefined || n === undefined) return null;
  const index = Number(n.replaceAll(/[x/]/g, ''));
  const width = w === undefined ? TILE_WIDTH : Number(w);
  if (!isTreeSize(index) || width < 1 || width > TILE_WIDTH) return null;
  if (level === 'entries') {
    return entriesPath(index, width) === path ? { kind: 'entries', index, width } : null;
  }
  const tile = { level: Number(level), index, width };
  if (tile.level > PATH_LEVEL_MAX || tilePath(tile) !== path) return null;
  return { kind: 'hashes', ...tile };
}

function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return path;
}

const widthPath = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);

/** How many hashes a tile has in a tree of `size` leaves: 0 when it has none yet, 256 when full. */
export function tileWidthAt(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.min(TILE_WIDTH, Math.max(0, hashes - index * TILE_WIDTH));
}

/** The partial tiles of a tree of `size` leaves, one a level at most, lowest level first. */
export function partialTiles(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; level < TILE_LEVELS_MAX; level += 1) {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: (hashes - width) / TILE_WIDTH, width });
  }
  return tiles;
}

/** The `i`-th hash of a tile. */
export function hashInTile(bytes: Uint8Array, i: number): Hash {
  return bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
}

/** The root over hashes `from` to `from + count` of a tile, a power of two of them. */
export function rootInTile(tree: TreeHash, bytes: Uint8Array, from: number, count: number): Hash {
  const range = CompactRange.empty(tree);
  for (let i = from; i < from + count; i += 1) range.append(hashInTile(bytes, i));
  return range.root();
}

/**
 * An entry bundle: every record after its length in two bytes, big-endian.
 *
 * @throws RangeError for none or more than 256 records, or one longer than 65,535 bytes
 */
export function encodeEntries(records: readonly Uint8Array[]): Uint8Array {
  if (records.length < 1 || records.length > TILE_WIDTH) {
    throw new RangeError(`a bundle has 1 to ${TILE_WIDTH} entries, not ${records.length}`);
  }
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + 2 + record.length, 0));
  let at = 0;
  for (const record of records) {
    if (record.length > ENTRY_BYTES_MAX)
      throw new RangeError('an entry is longer than 65,535 bytes');
    bytes[at] = record.length >> 8;
    bytes[at + 1] = record.length & 0xff;
    bytes.set(record, at + 2);
    at += 2 + record.length;
  }
  return bytes;
}

/** The `width` records of a bundle. @throws Malformed when it is cut off or has more */
export function decodeEntries(bytes: Uint8Array, width: number): Uint8Array[] {
  const records: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < Math.min(width, TILE_WIDTH); i += 1) {
    if (at + 2 > bytes.length) throw new Malformed(`the bundle ends before entry ${i}`);
    const end = at + 2 + (bytes[at]! << 8) + bytes[at + 1]!;
    if (end > bytes.length) throw new Malformed(`the bundle ends within entry ${i}`);
    records.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at !== bytes.length) throw new Malformed(`the bundle goes on after its ${width} entries`);
  return records;
}
