import { LINEAGE } from '@fundflow/projections/read-table';
import { counts, seen, type Snapshot } from './snapshot.js';

/** A line that brought money as of the day. */
export interface Line {
  readonly id: string;
  readonly holdingId: string;
  readonly giverId: string | null;
  readonly amountFen: string;
  readonly issuedPosition: string;
}

/** A holding and the lines into it that count, first line first, then by position; none into a reversed holding. */
export interface Ancestor {
  readonly id: string;
  readonly projectId: string | null;
  readonly lines: readonly Line[];
}

const live = (alias: string): string =>
  `(${counts(alias)} AND ${seen(alias, 'reversed')} IS NOT TRUE)`;

/** By the indexes, one holding after the other: how many there will be nobody knows, and all lines would be read. */
const ANCESTORS = `
  WITH RECURSIVE above (id) AS (
    SELECT one COLLATE "C" FROM unnest($4::text[]) AS one
    UNION
    SELECT l.giver_id FROM above CROSS JOIN LATERAL (
      SELECT * FROM ${LINEAGE}_lines one WHERE one.holding_id = above.id OFFSET 0
    ) AS l
    WHERE l.giver_id IS NOT NULL AND ${live('l')}
  )
  SELECT above.id, h.project_id AS "projectId", l.id AS "lineId", l.giver_id AS "giverId",
         l.amount_fen::text AS "amountFen", l.issued_position::text AS "issuedPosition"
  FROM above
  CROSS JOIN LATERAL (
    SELECT * FROM ${LINEAGE}_holdings one WHERE one.id = above.id OFFSET 0
  ) AS h
  LEFT JOIN LATERAL (
    SELECT * FROM ${LINEAGE}_lines one WHERE one.holding_id = above.id OFFSET 0
  ) AS l ON ${live('l')}
  ORDER BY above.id, l.id <> above.id, l.issued_position`;

interface AncestorRow {
  readonly id: string;
  readonly projectId: string | null;
  readonly lineId: string | null;
  readonly giverId: string | null;
  readonly amountFen: string;
  readonly issuedPosition: string;
}

/** The holdings and everything above them, over the lines that count on the day. */
export async function ancestorsOf(
  snapshot: Snapshot,
  holdingIds: readonly string[],
): Promise<Map<string, Ancestor>> {
  const found = new Map<string, Ancestor & { lines: Line[] }>();
  if (holdingIds.length === 0) return found;
  for (const row of await snapshot.ask<AncestorRow>(ANCESTORS, [holdingIds])) {
    const { id, projectId, lineId, giverId, amountFen, issuedPosition } = row;
    let ancestor = found.get(id);
    if (!ancestor) found.set(id, (ancestor = { id, projectId, lines: [] }));
    if (lineId === null) continue;
    ancestor.lines.push({ id: lineId, holdingId: id, giverId, amountFen, issuedPosition });
  }
  return found;
}
