import { LINEAGE } from '@fundflow/projections/read-table';
import { seenRow, type Snapshot } from './snapshot.js';
import { EDGE_COLUMNS, EDGE_JOINS, type EdgeRow, isLive } from './trace-edges.js';

interface Block {
  readonly rows: EdgeRow[];
  /** Nothing lies behind the last row. */
  complete: boolean;
  /** The blocks of the holdings below its rows were fetched. */
  belowFetched: boolean;
}

/**
 * Edges of one holding in the order of the index: what they have come to is looked up for those alone. Joined before they
 * are cut off, the planner, who takes every holding for a small one, sorts all of a large one.
 */
const first = (which: string, limit: string): string => `(
    SELECT * FROM ${LINEAGE}_movements m WHERE ${which} AND ${seenRow('m')}
    ORDER BY m.position LIMIT ${limit}
  ) AS m`;

const ONE = `
  SELECT ${EDGE_COLUMNS}
  FROM ${first('m.upper_id = $4::text AND m.position > $5::bigint', '$6::bigint')} ${EDGE_JOINS}
  ORDER BY m.position`;

/** The first edges of several holdings, those of the first holding first, at most `$5` altogether. */
const SEVERAL = `
  SELECT e.* FROM unnest($4::text[]) WITH ORDINALITY AS one (id, place)
  CROSS JOIN LATERAL (
    SELECT one.place::int AS place, ${EDGE_COLUMNS}
    FROM ${first('m.upper_id = one.id', '$5::bigint')} ${EDGE_JOINS}
    ORDER BY m.position
  ) e
  LIMIT $5::bigint`;

/**
 * Edges below holdings, in the order of their positions, fetched a block at a time: those below all the holdings of a
 * block come with one statement. A page asks for at most as many rows a block as it still shows, so its work is bounded
 * by its size and the depth of the tree, whatever lies below the start.
 */
export class EdgeBlocks {
  readonly #blocks = new Map<string, Block>();

  constructor(private readonly snapshot: Snapshot) {}

  /**
   * The next edge below a holding, behind a position; null when there is none.
   *
   * @param room how many more the page shows
   */
  async next(holdingId: string, after: number, room: number): Promise<EdgeRow | null> {
    let block = this.#blocks.get(holdingId);
    while (block && block.rows.length > 0 && Number(block.rows[0]?.position) <= after) {
      block.rows.shift();
    }
    if (!block || (block.rows.length === 0 && !block.complete)) {
      const limit = room + 1;
      const rows = await this.snapshot.ask<EdgeRow>(ONE, [holdingId, after, limit]);
      block = { rows, complete: rows.length < limit, belowFetched: false };
      this.#blocks.set(holdingId, block);
    }
    if (!block.belowFetched && room > 0) await this.#fetchBelow(block, room);
    return block.rows[0] ?? null;
  }

  async #fetchBelow(block: Block, room: number): Promise<void> {
    block.belowFetched = true;
    const ids = block.rows
      .filter((edge) => isLive(edge) && !this.#blocks.has(edge.lowerId))
      .map(({ lowerId }) => lowerId);
    if (ids.length === 0) return;
    const limit = room + 1;
    const rows = await this.snapshot.ask<EdgeRow & { place: number }>(SEVERAL, [ids, limit]);
    const lastPlace = rows.reduce((max, { place }) => Math.max(max, place), 0);
    // Cut off: of the last holding reached some edges may be missing, of those behind it all.
    const cut = rows.length === limit ? lastPlace : Infinity;
    ids.forEach((id, at) => {
      if (at + 1 > cut) return;
      const own = rows.filter(({ place }) => place === at + 1);
      this.#blocks.set(id, { rows: own, complete: at + 1 < cut, belowFetched: false });
    });
  }
}
