import type { Day } from '@fundflow/domain/calendar';
import { LINEAGE } from '@fundflow/projections/read-table';
import { counts, type Snapshot } from './snapshot.js';

interface LineAbove {
  readonly holdingId: string;
  readonly giverId: string | null;
  readonly issuedOn: Day;
}

/** By the index, one holding after the other: how many there will be nobody knows, and all lines were read before. */
const LINES_OF_IT = `LATERAL (
    SELECT * FROM ${LINEAGE}_lines one WHERE one.holding_id = above.id OFFSET 0
  ) AS l`;

const LINES_ABOVE = `
  WITH RECURSIVE above (id) AS (
    SELECT one COLLATE "C" FROM unnest($4::text[]) AS one
    UNION
    SELECT l.giver_id FROM above CROSS JOIN ${LINES_OF_IT}
    WHERE l.giver_id IS NOT NULL AND ${counts('l')}
  )
  SELECT l.holding_id AS "holdingId", l.giver_id AS "giverId", l.issued_on::text AS "issuedOn"
  FROM above CROSS JOIN ${LINES_OF_IT}
  WHERE ${counts('l')}`;

/**
 * `originalIssuedOn` of holdings as of the day: the earliest issue among the outermost ancestors of all their lines
 * (contract §4). Passing on, splitting, supplementing and pooling never make money younger.
 *
 * @returns an entry for every holding that exists on the day
 */
export async function originalIssueDates(
  snapshot: Snapshot,
  holdingIds: readonly string[],
): Promise<Map<string, Day>> {
  if (holdingIds.length === 0) return new Map();
  const lines = await snapshot.ask<LineAbove>(LINES_ABOVE, [holdingIds]);
  const above = new Map<string, LineAbove[]>();
  for (const line of lines) {
    const known = above.get(line.holdingId);
    if (known) known.push(line);
    else above.set(line.holdingId, [line]);
  }
  const found = new Map<string, Day>();
  for (const id of holdingIds) settle(id, above, found);
  return found;
}

/** Depth first with a stack of its own: a chain may be long. */
function settle(
  start: string,
  above: ReadonlyMap<string, readonly LineAbove[]>,
  found: Map<string, Day>,
): void {
  const stack = [start];
  const open = new Set<string>();
  while (stack.length > 0) {
    const id = stack[stack.length - 1] as string;
    const lines = above.get(id) ?? [];
    const waiting = lines.flatMap(({ giverId }) =>
      giverId !== null && !found.has(giverId) && !open.has(giverId) && above.has(giverId)
        ? [giverId]
        : [],
    );
    open.add(id);
    if (waiting.length > 0) {
      stack.push(...waiting);
      continue;
    }
    stack.pop();
    const dates = lines.map(({ giverId, issuedOn }) =>
      giverId === null ? issuedOn : found.get(giverId),
    );
    const earliest = dates.reduce((a, b) => (b !== undefined && (!a || b < a) ? b : a), undefined);
    if (earliest !== undefined) found.set(id, earliest);
  }
}
