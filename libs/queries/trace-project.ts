import { kindCode, kindOfCode } from '@fundflow/projections/movements/effect';
import { PAYMENT_KINDS } from '@fundflow/projections/movements/table';
import { LINEAGE } from '@fundflow/projections/read-table';
import { seen, seenRow, type Snapshot } from './snapshot.js';
import { type Ancestor, ancestorsOf } from './trace-ancestors.js';
import { EDGE_COLUMNS, EDGE_JOINS, type EdgeRow } from './trace-edges.js';
import type { Arrival } from './trace-up.js';

/** A holding of the project, as it is on the day. */
export interface ProjectHolding {
  readonly id: string;
  readonly position: string;
  readonly reversed: boolean;
  readonly amountFen: string;
}

const HOLDINGS = `
  SELECT h.id, h.position::text AS position, ${seen('l', 'reversed')} IS TRUE AS reversed,
         (l.amount_fen + coalesce((
           SELECT sum(s.amount_fen) FROM ${LINEAGE}_lines s
           WHERE s.holding_id = h.id AND s.id <> h.id
             AND ${seen('s', 'received')} AND ${seen('s', 'reversed')} IS NOT TRUE
         ), 0))::text AS "amountFen"
  FROM ${LINEAGE}_holdings h JOIN ${LINEAGE}_lines l ON l.id = h.id
  WHERE h.project_id = $4::text AND h.position > $5::bigint AND ${seen('l', 'issued')}
  ORDER BY h.position LIMIT $6::bigint`;

/** Holdings of the project behind a position, in the order of the log. */
export const projectHoldings = (
  snapshot: Snapshot,
  projectId: string,
  after: number,
  limit: number,
): Promise<ProjectHolding[]> => snapshot.ask<ProjectHolding>(HOLDINGS, [projectId, after, limit]);

export const ofProject =
  (projectId: string) =>
  (ancestor: Ancestor): boolean =>
    ancestor.projectId === projectId;

/** Of holdings of the project those that lie below no other one: where a walk downward begins. */
export async function topmost(
  snapshot: Snapshot,
  projectId: string,
  holdings: readonly ProjectHolding[],
): Promise<Set<string>> {
  const ids = holdings.map(({ id }) => id);
  const ancestors = await ancestorsOf(snapshot, ids);
  return new Set(ids.filter((id) => !isBelow(id, ancestors, ofProject(projectId))));
}

/** Whether something above the holding is a start. */
function isBelow(
  id: string,
  ancestors: ReadonlyMap<string, Ancestor>,
  isStart: (ancestor: Ancestor) => boolean,
): boolean {
  const above = new Set([id]);
  for (const one of above) {
    for (const { giverId } of ancestors.get(one)?.lines ?? []) {
      const giver = giverId === null ? undefined : ancestors.get(giverId);
      if (!giver) continue;
      if (giver.id !== id && isStart(giver)) return true;
      above.add(giver.id);
    }
  }
  return false;
}

const PAYMENTS = `
  SELECT ${EDGE_COLUMNS} FROM ${LINEAGE}_movements m ${EDGE_JOINS}
  WHERE m.project_id = $4::text AND m.kind IN (${PAYMENT_KINDS.join(', ')})
    AND m.upper_id IS NOT NULL AND m.position > $5::bigint AND ${seenRow('m')}
  ORDER BY m.position LIMIT $6::bigint`;

/** Payments of the project, what came back of them and what was reversed, behind a position. */
export const projectPayments = (
  snapshot: Snapshot,
  projectId: string,
  after: number,
  limit: number,
): Promise<EdgeRow[]> => snapshot.ask<EdgeRow>(PAYMENTS, [projectId, after, limit]);

/** Of payments of the project those drawn on a holding that is not of it, nor below one that is. */
export async function strayPayments(
  snapshot: Snapshot,
  projectId: string,
  edges: readonly EdgeRow[],
): Promise<string[]> {
  const made = edges.filter(({ kind }) => kindOfCode(kind) === 'payment-made');
  const ancestors = await ancestorsOf(snapshot, [...new Set(made.map((edge) => edge.upperId))]);
  const isOfProject = ofProject(projectId);
  return made
    .filter(({ upperId }) => {
      const holding = ancestors.get(upperId);
      return holding && !isOfProject(holding) && !isBelow(upperId, ancestors, isOfProject);
    })
    .map(({ lowerId }) => lowerId);
}

const DRAWN = `
  SELECT m.upper_id AS "holdingId", sum(m.amount_fen)::text AS "amountFen"
  FROM ${LINEAGE}_movements m
  WHERE m.project_id = $4::text AND m.kind = ${kindCode('payment-made')}
    AND m.upper_id IS NOT NULL AND ${seenRow('m')}
    AND NOT EXISTS (
      SELECT 1 FROM ${LINEAGE}_movements x
      WHERE x.lower_id = m.lower_id AND x.kind = ${kindCode('payment-reversed')}
        AND ${seenRow('x')}
    )
  GROUP BY m.upper_id`;

/** The holdings the payments of the project were drawn on, each with what was. */
export async function drawnForProject(snapshot: Snapshot, projectId: string): Promise<Arrival[]> {
  const rows = await snapshot.ask<{ holdingId: string; amountFen: string }>(DRAWN, [projectId]);
  return rows.map(({ holdingId, amountFen }) => ({
    holdingId,
    amountFen: BigInt(amountFen),
    depth: 1,
  }));
}
