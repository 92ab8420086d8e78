import { type Day, daysBetween } from '@fundflow/domain/calendar';
import {
  KIND_FACTS,
  kindCode,
  kindOfCode,
  type MovementKind,
} from '@fundflow/projections/movements/effect';
import { LINEAGE } from '@fundflow/projections/read-table';
import { seen, seenRow, type Snapshot } from './snapshot.js';

/** One movement of a trace; the amount is fen as decimal text, null between two places outside the scope. */
export interface TraceEdge {
  readonly from: string;
  readonly to: string;
  readonly amountFen: string | null;
  readonly occurredOn: string;
  readonly documentNo: string | null;
  readonly voucherNo: string | null;
  /** `occurredOn` − the receipt of `from`; null from outside and from what was not received. */
  readonly daysSincePrevious: number | null;
  readonly eventId: string;
  /** The amount is a pro-rata share, not what was recorded. */
  readonly estimate: boolean;
}

/** An edge as the tables keep it: between what lies above and what lies below, in one of the two directions. */
export interface EdgeRow {
  readonly position: string;
  readonly kind: number;
  readonly recordId: string;
  readonly upperId: string;
  readonly lowerId: string;
  readonly amountFen: string;
  readonly occurredOn: Day;
  readonly documentNo: string | null;
  readonly voucherNo: string | null;
  readonly eventId: string;
  /** One of its ends lies in the scope; of others that they are there is all that is said. */
  readonly shown: boolean;
  /** Id of the record it reverses. */
  readonly reversalOf: string | null;
  /** Of a 退回 or 收回: the line into the lower holding that it takes money back from. */
  readonly lineId: string | null;
  /** The receiver's side of an issue, disbursement, 退回 or 收回 is recorded, as of the day. */
  readonly received: boolean;
  /** An issue, disbursement, 退回 or 收回 is reversed, as of the day. */
  readonly reversed: boolean;
  /** The lower holding has further lines beside its first. */
  readonly pooled: boolean;
}

const codes = (...kinds: readonly MovementKind[]): string => kinds.map(kindCode).join(', ');
const LINES = codes('allocation-issued', 'supplement-issued', 'cash-disbursed');
const RETURNS = codes('cash-returned', 'authority-recalled');

/** The columns of `EdgeRow` from `movements m`, with what the line or return has come to. */
export const EDGE_COLUMNS = `
  m.position, m.kind, m.record_id AS "recordId", m.upper_id AS "upperId", m.lower_id AS "lowerId",
  m.amount_fen::text AS "amountFen", m.occurred_on::text AS "occurredOn",
  m.document_no AS "documentNo", m.voucher_no AS "voucherNo", m.event_id AS "eventId",
  m.shown, m.reversal_of AS "reversalOf", r.line_id AS "lineId",
  CASE WHEN m.kind IN (${LINES}) THEN ${seen('l', 'received')} IS TRUE
       WHEN m.kind IN (${RETURNS}) THEN ${seen('r', 'received')} IS TRUE ELSE true END AS received,
  (${seen('l', 'reversed')} IS TRUE OR ${seen('r', 'reversed')} IS TRUE) AS reversed,
  m.kind IN (${codes('allocation-issued', 'supplement-issued')}) AND EXISTS (
    SELECT 1 FROM ${LINEAGE}_lines s WHERE s.holding_id = m.lower_id AND s.id <> m.lower_id
  ) AS pooled`;

/** The join is on a key that is null for other kinds, so that payments look nothing up. */
export const EDGE_JOINS = `
  LEFT JOIN ${LINEAGE}_lines l ON l.id = CASE WHEN m.kind IN (${LINES}) THEN m.record_id END
  LEFT JOIN ${LINEAGE}_returns r ON r.id = CASE WHEN m.kind IN (${RETURNS}) THEN m.record_id END`;

const isDown = ({ kind }: Pick<EdgeRow, 'kind'>): boolean =>
  KIND_FACTS[kindOfCode(kind)].edge === 'down';

/** An issue or disbursement: what made the lower holding, or made it grow. */
export const isLine = ({ kind }: Pick<EdgeRow, 'kind'>): boolean => {
  const name = kindOfCode(kind);
  return name === 'allocation-issued' || name === 'supplement-issued' || name === 'cash-disbursed';
};

/** Its money went on with the holding below: not reversed, and a supplement only once it is acknowledged. */
export const isLive = (edge: EdgeRow): boolean =>
  isLine(edge) &&
  !edge.reversed &&
  (edge.received || kindOfCode(edge.kind) !== 'supplement-issued');

export const isInTransit = (edge: EdgeRow): boolean => !edge.received && !edge.reversed;

const RECEIPTS = `
  SELECT l.id, l.received_on::text AS on FROM ${LINEAGE}_lines l
  WHERE l.id = ANY ($4::text[]) AND l.id = l.holding_id AND ${seen('l', 'received')}
  UNION ALL
  SELECT m.lower_id, m.occurred_on::text FROM ${LINEAGE}_movements m
  WHERE m.lower_id = ANY ($4::text[]) AND m.kind = ${kindCode('payment-made')} AND ${seenRow('m')}`;

/** Edges of a page as they are answered, in the same order. */
export async function toEdges(
  snapshot: Snapshot,
  rows: readonly { readonly row: EdgeRow; readonly shareFen: bigint | null }[],
): Promise<TraceEdge[]> {
  const sources = new Set(rows.map(({ row }) => (isDown(row) ? row.upperId : row.lowerId)));
  const found = await snapshot.ask<{ id: string; on: Day }>(RECEIPTS, [[...sources]]);
  const receipts = new Map(found.map(({ id, on }) => [id, on]));
  return rows.map(({ row, shareFen }) => {
    const [from, to] = isDown(row) ? [row.upperId, row.lowerId] : [row.lowerId, row.upperId];
    const receipt = receipts.get(from);
    return {
      from,
      to,
      amountFen: row.shown ? `${shareFen ?? row.amountFen}` : null,
      occurredOn: row.occurredOn,
      documentNo: row.documentNo,
      voucherNo: row.voucherNo,
      daysSincePrevious:
        receipt === undefined || !row.shown ? null : daysBetween(receipt, row.occurredOn),
      eventId: row.eventId,
      estimate: shareFen !== null,
    };
  });
}
