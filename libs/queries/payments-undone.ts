import { kindCode } from '@fundflow/projections/movements/effect';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';

/** What came back of a payment by a day. */
export interface Undone {
  /** 退票 less what of them was reversed, fen as decimal text. */
  readonly returnedFen: string;
  /** YYYY-MM-DD; null: it stands. */
  readonly reversedOn: string | null;
}

const RETURNED = kindCode('payment-returned');
const RETURN_REVERSED = kindCode('payment-return-reversed');
const REVERSED = kindCode('payment-reversed');

const UNDONE = `
  SELECT m.lower_id AS id,
    coalesce(sum(CASE m.kind WHEN ${RETURNED} THEN m.amount_fen
                             WHEN ${RETURN_REVERSED} THEN -m.amount_fen END), 0)::text AS "returnedFen",
    max(m.occurred_on) FILTER (WHERE m.kind = ${REVERSED})::text AS "reversedOn"
  FROM ${READ_SCHEMA}.movements m
  WHERE m.lower_id = ANY($1::text[]) AND m.occurred_on <= $2::date
    AND m.kind IN (${RETURNED}, ${RETURN_REVERSED}, ${REVERSED}) AND m.upper_id IS NOT NULL
  GROUP BY m.lower_id`;

/**
 * Of payments by their ids, as far as the scope sees them; one that nothing came back of is left out.
 *
 * @param day YYYY-MM-DD, inclusive
 */
export async function paymentsUndone(
  reads: ScopedReads,
  ids: readonly string[],
  day: string,
): Promise<ReadonlyMap<string, Undone>> {
  const rows = await reads.ask<Undone & { readonly id: string }>(UNDONE, [ids, day]);
  return new Map(rows.map(({ id, ...undone }) => [id, undone]));
}
