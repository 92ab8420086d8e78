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

/** What is left of the columns of days or months. */
export const AVAILABLE = (alias: string): string =>
  `(${alias}.amount_in_fen - ${alias}.passed_down_fen - ${alias}.disbursed_fen - ${alias}.paid_fen
    - ${alias}.returned_up_fen)`;

const SUMS = `
  sum(d.passed_down_fen)::text AS "passedDownFen",
  sum(d.disbursed_fen)::text AS "disbursedFen",
  sum(d.paid_fen)::text AS "paidFen",
  sum(d.returned_up_fen)::text AS "returnedUpFen",
  sum${AVAILABLE('d')}::text AS "availableFen"`;

const OF_DAYS = `
  SELECT d.holding_id AS "holdingId", ${SUMS}, max(d.occurred_on)::text AS "lastMovementOn"
  FROM ${LINEAGE}_days d
  WHERE d.holding_id = ANY ($4::text[]) AND ${seenRow('d')}
  GROUP BY d.holding_id`;

const DELTAS = 'amount_in_fen, passed_down_fen, disbursed_fen, paid_fen, returned_up_fen';

/**
 * The days of a latest state (`Snapshot.isLatest`), those of whole months together: columns of days, and `last_on`. The day of the question is $1, the rows are those of the holdings that `ofHolding` finds.
 */
export const latestSums = (ofHolding: string): string => `(
    SELECT holding_id, ${DELTAS}, last_on FROM ${LINEAGE}_months
    WHERE ${ofHolding} AND month < date_trunc('month', $1::date::timestamp)::date
    UNION ALL
    SELECT holding_id, ${DELTAS}, occurred_on FROM ${LINEAGE}_days
    WHERE ${ofHolding} AND occurred_on >= date_trunc('month', $1::date::timestamp)::date
      AND occurred_on <= $1::date
  )`;

const OF_MONTHS = `
  SELECT d.holding_id AS "holdingId", ${SUMS}, max(d.last_on)::text AS "lastMovementOn"
  FROM ${latestSums('holding_id = ANY ($2::text[])')} d
  GROUP BY d.holding_id`;

/** Balances of the holdings that exist on the day. */
export async function balancesOf(
  snapshot: Snapshot,
  holdingIds: readonly string[],
): Promise<Map<string, Balance>> {
  if (holdingIds.length === 0) return new Map();
  const rows = await (snapshot.isLatest
    ? snapshot.run<Balance>(OF_MONTHS, [snapshot.question.asOf, holdingIds])
    : snapshot.ask<Balance>(OF_DAYS, [holdingIds]));
  return new Map(rows.map((row) => [row.holdingId, row]));
}
