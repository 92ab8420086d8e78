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

interface OpenBalance {
  readonly holdingId: string;
  readonly kind: 'allocation' | 'disbursement';
  readonly balanceFen: string;
}

const openBalances = (available: string, [from, below]: readonly [string, string]): string => `
  SELECT h.id AS "holdingId", h.kind, d.balance::text AS "balanceFen"
  FROM ${READ_SCHEMA}.holdings h CROSS JOIN LATERAL (${available}) d
  WHERE h.region >= ${from}::text AND h.region < ${below}::text AND d.balance <> 0`;

const OF_DAYS = openBalances(
  `SELECT sum${AVAILABLE('d')} AS balance FROM ${LINEAGE}_days d
   WHERE d.holding_id = h.id AND ${seenRow('d')}`,
  ['$4', '$5'],
);

const OF_MONTHS = openBalances(
  `SELECT sum${AVAILABLE('d')} AS balance FROM ${latestSums('holding_id = h.id')} d`,
  ['$2', '$3'],
);

function balancesIn(snapshot: Snapshot, region: RegionCode): Promise<OpenBalance[]> {
  const { from, below } = rangeOf(region);
  return snapshot.isLatest
    ? snapshot.run<OpenBalance>(OF_MONTHS, [snapshot.question.asOf, from, below])
    : snapshot.ask<OpenBalance>(OF_DAYS, [from, below]);
}

/** The numbers of a region of any level as of the day; zeros where there is no money. */
export function askSummary(
  reads: ScopedReads,
  { region, question }: { readonly region: RegionCode; readonly question: Question },
): Promise<{ readonly position: bigint; readonly summary: SummaryAnswer }> {
  return withSnapshot(reads, { question }, async (snapshot) => {
    const flows = await flowsOf(snapshot, region);
    const balances = await balancesIn(snapshot, region);
    const sumOf = (kind: OpenBalance['kind']): bigint =>
      balances.reduce((sum, one) => (one.kind === kind ? sum + BigInt(one.balanceFen) : sum), 0n);
    const summary = {
      receivedFen: `${flows.received}`,
      paidFen: `${flows.paid}`,
      returnedUpFen: `${flows.returnedUp}`,
      accountableFen: `${accountable(flows)}`,
      authorityFen: `${sumOf('allocation')}`,
      cashFen: `${sumOf('disbursement')}`,
      inTransitFen: `${flows.inTransit}`,
      executionRate: ratioText(fen(flows.paid), fen(flows.received)),
      ageing: await ageing(snapshot, balances),
    };
    return { position: snapshot.upTo, summary };
  });
}

async function ageing(
  snapshot: Snapshot,
  balances: readonly OpenBalance[],
): Promise<SummaryAnswer['ageing']> {
  const ids = balances.map(({ holdingId }) => holdingId);
  const origins = await originalIssueDates(snapshot, ids);
  const buckets = [0n, 0n, 0n];
  for (const { holdingId, balanceFen } of balances) {
    const years = fullYears(origins.get(holdingId) as Day, snapshot.question.asOf);
    const bucket = Math.min(years, 2);
    buckets[bucket] = (buckets[bucket] as bigint) + BigInt(balanceFen);
  }
  const [under1yFen, from1to2yFen, over2yFen] = buckets.map(String) as [string, string, string];
  return { under1yFen, from1to2yFen, over2yFen };
}
