import type { RegionCode } from '@fundflow/domain/region';
import { countedIn, type Measure, MEASURES } from '@fundflow/projections/movements/effect';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import { inRange, rangeOf } from './region-range.js';
import { seenPair, type Snapshot } from './snapshot.js';

/** A region's own numbers, fen (contract §4). */
export interface Flows {
  readonly received: bigint;
  readonly paid: bigint;
  readonly returnedUp: bigint;
  readonly inTransit: bigint;
}

type FlowSums = { readonly giverIn: boolean; readonly holderIn: boolean } & Readonly<
  Record<Measure, string>
>;

const COLUMNS: Readonly<Record<Measure, string>> = {
  issued: 'issued_fen',
  received: 'received_fen',
  paid: 'paid_fen',
  recalled: 'recalled_fen',
  recallReceived: 'recall_received_fen',
};

/** Each half by an index of its own: what both name stands in the first. */
const flowSums = (before: boolean): string => `
  SELECT ${inRange('f.giver_region', 3)} AS "giverIn",
         ${inRange('f.holding_region', 3)} AS "holderIn",
         ${MEASURES.map((measure) => `sum(f.${COLUMNS[measure]})::text AS "${measure}"`).join(', ')}
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

/**
 * What moved into, out of and towards a region up to the day.
 *
 * @param before leave out this day and everything after it
 */
export async function flowsOf(
  snapshot: Snapshot,
  region: RegionCode,
  before: string | null = null,
): Promise<Flows> {
  const { from, below } = rangeOf(region);
  const rows = await (before === null
    ? snapshot.askPair<FlowSums>(ALL, [from, below])
    : snapshot.askPair<FlowSums>(BEFORE, [from, below, before]));
  const flows = { received: 0n, paid: 0n, returnedUp: 0n, inTransit: 0n };
  for (const row of rows) {
    for (const measure of MEASURES) {
      const counted = countedIn(measure, row);
      for (const name of Object.keys(flows) as (keyof Flows)[]) {
        flows[name] += BigInt(counted[name]) * BigInt(row[measure]);
      }
    }
  }
  return flows;
}

/** Money that came in and is not yet paid or back. */
export const accountable = ({ received, paid, returnedUp }: Flows): bigint =>
  received - paid - returnedUp;
