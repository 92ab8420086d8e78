import { LINEAGE } from '@fundflow/projections/read-table';
import { type Snapshot, seenRow } from './snapshot.js';

/** What happened to a holding up to the day, net (contract §6 "Numbers"), fen as decimal text. */
export interface Balance {
  readonly holdingId: string;
  readonly passedDownFen: string;
  readonly disbursedFen: string;
  readonly paidFen: string;
  readonly returnedUpFen: string;
  /** Amount − the other four; 0 before acknowledgement or credit and after reversal; may be negative. */
  readonly availableFen: string;
  readonly lastMovementOn: string;
}

const BALANCES = `
  SELECT d.holding_id AS "holdingId",
         sum(d.passed_down_fen)::text AS "passedDownFen",
         sum(d.disbursed_fen)::text AS "disbursedFen",
         sum(d.paid_fen)::text AS "paidFen",
         sum(d.returned_up_fen)::text AS "returnedUpFen",
         sum(d.amount_in_fen - d.passed_down_fen - d.disbursed_fen - d.paid_fen
             - d.returned_up_fen)::text AS "availableFen",
         max(d.occurred_on)::text AS "lastMovementOn"
  FROM ${LINEAGE}_days d
  WHERE d.holding_id = ANY ($4::text[]) AND ${seenRow('d')}
  GROUP BY d.holding_id`;

/** Balances of the holdings that exist on the day. */
export async function balancesOf(
  snapshot: Snapshot,
  holdingIds: readonly string[],
): Promise<Map<string, Balance>> {
  if (holdingIds.length === 0) return new Map();
  const rows = await snapshot.ask<Balance>(BALANCES, [holdingIds]);
  return new Map(rows.map((row) => [row.holdingId, row]));
}
