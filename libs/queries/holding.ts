import type { Day } from '@fundflow/domain/calendar';
import { LINEAGE, READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { balancesOf } from './balances.js';
import { originalIssueDates } from './origins.js';
import type { Question } from './question.js';
import { seen, seenPair, type Snapshot, withSnapshot } from './snapshot.js';

/** The first that holds, in this order (contract §6, Last points). */
export type HoldingStatus = 'reversed' | 'in-transit' | 'overdrawn' | 'closed' | 'spent' | 'open';

/** `GET /api/v1/holdings/{id}`; fen as decimal text. */
export interface HoldingAnswer {
  readonly id: string;
  readonly kind: 'allocation' | 'disbursement';
  readonly region: string;
  readonly fundType: string;
  readonly fiscalYear: number;
  readonly projectId: string | null;
  readonly amountFen: string;
  readonly passedDownFen: string;
  readonly disbursedFen: string;
  readonly paidFen: string;
  readonly returnedUpFen: string;
  readonly availableFen: string;
  readonly originalIssuedOn: string;
  readonly issuedOn: string;
  readonly receivedOn: string | null;
  readonly lastMovementOn: string;
  readonly status: HoldingStatus;
  /** Ids from the outermost ancestor to this holding, over first lines. */
  readonly path: readonly string[];
}

export type HoldingResult =
  | { readonly outcome: 'found'; readonly position: bigint; readonly holding: HoldingAnswer }
  /** It was never recorded, or does not exist yet on the day. */
  | { readonly outcome: 'not-found'; readonly position: bigint };

/** What is in a holding and where it came from, as of the day. */
export function askHolding(
  reads: ScopedReads,
  { id, question }: { readonly id: string; readonly question: Question },
): Promise<HoldingResult> {
  return withSnapshot(reads, { question, byIds: true }, async (snapshot) => {
    const position = snapshot.upTo;
    const facts = (await holdingFacts(snapshot, [id]))[0];
    if (!facts) return { outcome: 'not-found', position };
    const balance = (await balancesOf(snapshot, [id])).get(id);
    const origins = await originalIssueDates(snapshot, [id]);
    if (!balance) throw new Error(`holding ${id} was issued without a day`);
    const { holdingId: _holdingId, ...sums } = balance;
    const { reversed: _reversed, projectClosed: _closed, label: _label, ...fields } = facts;
    const holding: HoldingAnswer = {
      ...fields,
      ...sums,
      originalIssuedOn: origins.get(id) as Day,
      status: statusOf({ ...facts, availableFen: BigInt(balance.availableFen) }),
      path: await pathTo(snapshot, id),
    };
    return { outcome: 'found', position, holding };
  });
}

/** What the tables say of a holding that exists on the day. */
export interface HoldingFacts {
  readonly id: string;
  readonly kind: 'allocation' | 'disbursement';
  readonly region: string;
  readonly fundType: string;
  readonly fiscalYear: number;
  readonly projectId: string | null;
  /** Receiver or recipient as recorded. */
  readonly label: string | null;
  /** The first line and the supplements acknowledged on the day and not reversed. */
  readonly amountFen: string;
  readonly issuedOn: string;
  readonly receivedOn: string | null;
  readonly reversed: boolean;
  readonly projectClosed: boolean;
}

const FACTS = `
  SELECT h.id, h.kind, h.region, h.fund_type AS "fundType", h.fiscal_year AS "fiscalYear",
         h.project_id AS "projectId", h.label,
         (l.amount_fen + coalesce((
           SELECT sum(s.amount_fen) FROM ${READ_SCHEMA}.lines s
           WHERE s.holding_id = h.id AND s.id <> h.id
             AND ${seen('s', 'received')} AND ${seen('s', 'reversed')} IS NOT TRUE
         ), 0))::text AS "amountFen",
         l.issued_on::text AS "issuedOn",
         CASE WHEN ${seen('l', 'received')} THEN l.received_on::text END AS "receivedOn",
         ${seen('l', 'reversed')} IS TRUE AS reversed,
         ${seenPair('p.closed_on', 'p.closed_at')} IS TRUE AS "projectClosed"
  FROM ${READ_SCHEMA}.holdings h
  JOIN ${READ_SCHEMA}.lines l ON l.id = h.id
  LEFT JOIN ${LINEAGE}_projects p ON p.id = h.project_id
  WHERE h.id = ANY ($4::text[]) AND ${seen('l', 'issued')}`;

/** Facts of the holdings that exist on the day, in no order. */
export const holdingFacts = (snapshot: Snapshot, ids: readonly string[]): Promise<HoldingFacts[]> =>
  snapshot.ask<HoldingFacts>(FACTS, [ids]);

function statusOf(
  holding: Pick<HoldingFacts, 'reversed' | 'receivedOn' | 'projectClosed'> & {
    readonly availableFen: bigint;
  },
): HoldingStatus {
  if (holding.reversed) return 'reversed';
  if (holding.receivedOn === null) return 'in-transit';
  if (holding.availableFen < 0n) return 'overdrawn';
  if (holding.projectClosed) return 'closed';
  return holding.availableFen === 0n ? 'spent' : 'open';
}

const PATH = `
  WITH RECURSIVE path (id, parent_id, step) AS (
    SELECT id, first_parent_id, 0 FROM ${LINEAGE}_holdings WHERE id = $1
    UNION ALL
    SELECT h.id, h.first_parent_id, path.step + 1
    FROM path JOIN ${LINEAGE}_holdings h ON h.id = path.parent_id
  )
  SELECT id FROM path ORDER BY step DESC`;

async function pathTo(snapshot: Snapshot, id: string): Promise<string[]> {
  const rows = await snapshot.run<{ id: string }>(PATH, [id]);
  return rows.map((row) => row.id);
}
