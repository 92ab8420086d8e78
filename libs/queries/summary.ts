import { type Day, fullYears } from '@fundflow/domain/calendar';
import { fen, ratioText } from '@fundflow/domain/money';
import type { RegionCode } from '@fundflow/domain/region';
import { LINEAGE, READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { AVAILABLE, latestSums } from './balances.js';
import { accountable, flowsOf } from './flows.js';
import { originalIssueDates } from './origins.js';
import type { Question } from './question.js';
import { rangeOf } from './region-range.js';
import { seenRow, type Snapshot, withSnapshot } from './snapshot.js';

/** `GET /api/v1/counties/{code}/summary`; fen as decimal text. */
export interface SummaryAnswer {
  readonly receivedFen: string;
  readonly paidFen: string;
  readonly returnedUpFen: string;
  readonly accountableFen: string;
  readonly authorityFen: string;
  readonly cashFen: string;
  readonly inTransitFen: string;
  /** paid / received, four places, half up; null when nothing was received. */
  readonly executionRate: string | null;
  /** Adds up to authority + cash. */
  readonly ageing: {
    readonly under1yFen: string;
    readonly from1to2yFen: string;
    readonly over2yFen: string;
  };
}

/**
 * What is left on holdings of one kind whose money is equally old: an allocation, or the disbursements from one, whose only
 * line is from it.
 */
interface OpenBalance {
  readonly allocationId: string;
  readonly kind: 'allocation' | 'disbursement';
  readonly balanceFen: string;
}

/** What is left on the holdings of a region, and what was paid from all of them. */
interface Holdings {
  readonly open: readonly OpenBalance[];
  readonly paid: bigint;
}

type HoldingSums = OpenBalance | { readonly allocationId: null; readonly balanceFen: string };

/** A row for each allocation and kind with a balance on some holding, and one without an id for what all of them paid. */
const sumsOf = (sums: string, [from, below]: readonly [string, string]): string => `
  WITH each AS MATERIALIZED (
    SELECT CASE h.kind WHEN 'allocation' THEN h.id ELSE h.first_parent_id END AS allocation,
      h.kind, d.balance, d.paid
    FROM ${READ_SCHEMA}.holdings h CROSS JOIN LATERAL (
      SELECT sum${AVAILABLE('one')} AS balance, sum(one.paid_fen) AS paid FROM ${sums}
    ) d
    WHERE h.region >= ${from}::text AND h.region < ${below}::text
  )
  SELECT allocation AS "allocationId", kind, sum(balance)::text AS "balanceFen"
  FROM each WHERE balance <> 0 GROUP BY allocation, kind
  UNION ALL
  SELECT NULL, NULL, coalesce(sum(paid), 0)::text FROM each`;

const OF_DAYS = sumsOf(`${LINEAGE}_days one WHERE one.holding_id = h.id AND ${seenRow('one')}`, [
  '$4',
  '$5',
]);
const OF_MONTHS = sumsOf(`${latestSums('holding_id = h.id')} one`, ['$2', '$3']);

async function holdingsIn(snapshot: Snapshot, region: RegionCode): Promise<Holdings> {
  const { from, below } = rangeOf(region);
  const rows = await (snapshot.isLatest
    ? snapshot.run<HoldingSums>(OF_MONTHS, [snapshot.question.asOf, from, below])
    : snapshot.ask<HoldingSums>(OF_DAYS, [from, below]));
  const open = rows.filter((row): row is OpenBalance => row.allocationId !== null);
  const all = rows.find(({ allocationId }) => allocationId === null);
  return { open, paid: BigInt(all?.balanceFen ?? 0) };
}

/** The numbers of a region of any level as of the day; zeros where there is no money. */
export function askSummary(
  reads: ScopedReads,
  { region, question }: { readonly region: RegionCode; readonly question: Question },
): Promise<{ readonly position: bigint; readonly summary: SummaryAnswer }> {
  return withSnapshot(reads, { question }, async (snapshot) => {
    const { open: balances, paid } = await holdingsIn(snapshot, region);
    const flows = await flowsOf(snapshot, region);
    const sumOf = (kind: OpenBalance['kind']): bigint =>
      balances.reduce((sum, one) => (one.kind === kind ? sum + BigInt(one.balanceFen) : sum), 0n);
    const summary = {
      receivedFen: `${flows.received}`,
      paidFen: `${paid}`,
      returnedUpFen: `${flows.returnedUp}`,
      accountableFen: `${accountable(flows, paid)}`,
      authorityFen: `${sumOf('allocation')}`,
      cashFen: `${sumOf('disbursement')}`,
      inTransitFen: `${flows.inTransit}`,
      executionRate: ratioText(fen(paid), fen(flows.received)),
      ageing: await ageing(snapshot, balances),
    };
    return { position: snapshot.upTo, summary };
  });
}

async function ageing(
  snapshot: Snapshot,
  balances: readonly OpenBalance[],
): Promise<SummaryAnswer['ageing']> {
  const ids = [...new Set(balances.map(({ allocationId }) => allocationId))];
  const origins = await originalIssueDates(snapshot, ids);
  const buckets = [0n, 0n, 0n];
  for (const { allocationId, balanceFen } of balances) {
    const years = fullYears(origins.get(allocationId) as Day, snapshot.question.asOf);
    const bucket = Math.min(years, 2);
    buckets[bucket] = (buckets[bucket] as bigint) + BigInt(balanceFen);
  }
  const [under1yFen, from1to2yFen, over2yFen] = buckets.map(String) as [string, string, string];
  return { under1yFen, from1to2yFen, over2yFen };
}
