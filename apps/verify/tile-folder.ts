import { join } from 'node:path';
import { Found } from '@fundflow/proof/findings';
import type { TileFetch } from '@fundflow/proof/tile-reader';
import { HASH_BYTES } from '@fundflow/proof/tree-hash';
import { TILE_WIDTH, tilePath, type TileId } from '@fundflow/proof/tiles';
import { readBytes } from './input-files.js';

/**
 * Hash tiles in a folder as a log serves them. Where a partial tile is gone the full one is cut: a
 * log may drop partial tiles once the full one is there.
 */
export function tileFolder(folder: string): TileFetch {
  return (tiles) => Promise.all(tiles.map((tile) => readTile(folder, tile)));
}

async function readTile(folder: string, tile: TileId): Promise<Uint8Array> {
  const full = join(folder, tilePath({ ...tile, width: TILE_WIDTH }));
  try {
    return await readBytes(join(folder, tilePath(tile)));
  } catch (error) {
    const isMissing = error instanceof Found && error.finding.code === 'missing';
    if (!isMissing || tile.width === TILE_WIDTH) throw error;
  }
  return (await readBytes(full)).subarray(0, tile.width * HASH_BYTES);
}
