import { addDays, type Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';
import { FLOW_MEASURES, type FlowMeasure } from '@fundflow/projections/flow/table';
import { countedIn } from '@fundflow/projections/movements/effect';
import { LINEAGE, READ_SCHEMA } from '@fundflow/projections/read-table';
import { latestSums } from './balances.js';
import { inRange, rangeOf } from './region-range.js';
import { seenPair, seenRow, type Snapshot } from './snapshot.js';

/** A region's own numbers but what it paid, fen (contract §4). */
export interface Flows {
  readonly received: bigint;
  readonly returnedUp: bigint;
  readonly inTransit: bigint;
}

type FlowSums = { readonly giverIn: boolean; readonly holderIn: boolean } & Readonly<
  Record<FlowMeasure, string>
>;

const COLUMNS: Readonly<Record<FlowMeasure, string>> = {
  issued: 'issued_fen',
  received: 'received_fen',
  recalled: 'recalled_fen',
  recallReceived: 'recall_received_fen',
};

/** Each half by an index of its own: what both name stands in the first. */
const flowSums = (before: boolean): string => `
  SELECT ${inRange('f.giver_region', 3)} AS "giverIn",
         ${inRange('f.holding_region', 3)} AS "holderIn",
         ${FLOW_MEASURES.map((measure) => `sum(f.${COLUMNS[measure]})::text AS "${measure}"`).join(', ')}
  FROM (
    SELECT * FROM ${READ_SCHEMA}.flow_days d
    WHERE d.holding_region >= $3::text AND d.holding_region < $4::text
    UNION ALL
    SELECT * FROM ${READ_SCHEMA}.flow_days d
    WHERE d.giver_region >= $3::text AND d.giver_region < $4::text
      AND NOT (d.holding_region >= $3::text AND d.holding_region < $4::text)
  ) f
  WHERE ${seenPair('f.occurred_on', 'f.recorded_at')}
    ${before ? 'AND f.occurred_on < $5::date' : ''}
  GROUP BY 1, 2`;

const ALL = flowSums(false);
const BEFORE = flowSums(true);

/** What the holdings of a region paid, a holding after the other: by their months, or by their days. */
const paidBy = (sums: string, [from, below]: readonly [string, string]): string => `
  SELECT coalesce(sum(d.paid), 0)::text AS paid FROM ${READ_SCHEMA}.holdings h
  CROSS JOIN LATERAL (${sums}) d
  WHERE h.region >= ${from}::text AND h.region < ${below}::text`;

const PAID_BY_MONTHS = paidBy(
  `SELECT sum(one.paid_fen) AS paid FROM ${latestSums('holding_id = h.id')} one`,
  ['$2', '$3'],
);

const PAID_BY_DAYS = paidBy(
  `SELECT sum(one.paid_fen) AS paid FROM ${LINEAGE}_days one
   WHERE one.holding_id = h.id AND ${seenRow('one')} AND one.occurred_on < $6::date`,
  ['$4', '$5'],
);

/** Net of what banks sent back, before the day. */
async function paidBefore(
  snapshot: Snapshot,
  range: readonly [string, string],
  before: Day,
): Promise<bigint> {
  const { asOf } = snapshot.question;
  const last = addDays(before, -1);
  const [row] = await (snapshot.isLatest
    ? snapshot.run<{ paid: string }>(PAID_BY_MONTHS, [last < asOf ? last : asOf, ...range])
    : snapshot.ask<{ paid: string }>(PAID_BY_DAYS, [...range, before]));
  return BigInt(row?.paid ?? 0);
}

/** What moved into, out of and towards a region up to the day of the question. */
export async function flowsOf(snapshot: Snapshot, region: RegionCode): Promise<Flows> {
  const { from, below } = rangeOf(region);
  return summed(await snapshot.askPair<FlowSums>(ALL, [from, below]));
}

function summed(sums: readonly FlowSums[]): Flows {
  const flows = { received: 0n, returnedUp: 0n, inTransit: 0n };
  for (const row of sums) {
    for (const measure of FLOW_MEASURES) {
      const counted = countedIn(measure, row);
      for (const name of Object.keys(flows) as (keyof Flows)[]) {
        flows[name] += BigInt(counted[name]) * BigInt(row[measure]);
      }
    }
  }
  return flows;
}

/** Money that came in and is not yet paid or back. */
export const accountable = ({ received, returnedUp }: Flows, paid: bigint): bigint =>
  received - paid - returnedUp;

/** What was accountable at the end of the day before this one. */
export async function accountableBefore(
  snapshot: Snapshot,
  region: RegionCode,
  before: Day,
): Promise<bigint> {
  const { from, below } = rangeOf(region);
  const flows = summed(await snapshot.askPair<FlowSums>(BEFORE, [from, below, before]));
  return accountable(flows, await paidBefore(snapshot, [from, below], before));
}
