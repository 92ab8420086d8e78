import { type Books, recordKey } from '../books.js';
import { accept, refuse, type Refused } from '../decision.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { PaymentDraw, PaymentRow } from '../rows.js';
import {
  beforeSource,
  closedSource,
  exceedsAvailable,
  holdingOf,
  notPositive,
  outsideJurisdiction,
  recordOfKind,
  unknownProject,
} from './drawing.js';
import type { PaymentMade } from './events.js';
import { type Holding, receivedOn } from './holding.js';

const HOLDINGS = ['allocations', 'disbursements'] as const;

/** A draw that is allowed, and the holding as it stands before. */
export interface Drawn {
  readonly outcome: 'drawn';
  readonly source: Holding;
}

/**
 * Pays out of a disbursement, or directly out of an allocation (直接支付).
 *
 * Refuses, first match wins: out-of-jurisdiction, unknown-source, source-not-received, source-closed, unknown-project,
 * date-before-source, amount-not-positive, exceeds-available. The last is overruled by `alreadyHappened`: a ledger that
 * refuses what really happened loses the finding (contract §3); the holding falls below zero and a lead is raised.
 */
export function decidePayment(books: Books, row: PaymentRow, context: PostingContext): RowDecision {
  const decision = decideDraw(books, row, context);
  if (decision.outcome === 'refused') return decision;
  const { source } = decision;
  return accept([
    {
      type: 'PaymentMade',
      streamId: source.streamId,
      key: recordKey(row.id),
      index: 0,
      occurredOn: row.paidOn,
      region: source.region,
      data: {
        row,
        holdingRegion: source.region,
        holdingKind: source.kind,
        projectId: effectiveProject(row, source),
      },
    },
  ]);
}

/** The decision of `decidePayment` without the event: refuses as it does. */
export function decideDraw(
  books: Books,
  draw: PaymentDraw,
  context: PostingContext,
): Drawn | Refused {
  const { sourceId, paidOn, amountFen } = draw;
  const known = recordOfKind(books, sourceId, HOLDINGS);
  if (!known) return refuse('unknown-source', 'source_id', sourceId);
  const source = holdingOf(books, sourceId);
  // In this order, and no further than the first: the way of every row of a file, so without a closure for each.
  const refusal =
    outsideJurisdiction(source.region, 'source_id', context) ??
    closedSource(books, source, 'source_id', paidOn) ??
    unknownProject(books, draw.projectId) ??
    beforeSource(paidOn, receivedOn(source), 'paid_on') ??
    notPositive(amountFen) ??
    (draw.alreadyHappened ? null : exceedsAvailable(source, amountFen, paidOn, 'amount'));
  return refusal ?? { outcome: 'drawn', source };
}

/** What the event of a payment says beside its row. */
export const besideRow = (
  row: Pick<PaymentRow, 'projectId'>,
  source: Holding,
): Omit<PaymentMade['data'], 'row'> => ({
  holdingRegion: source.region,
  holdingKind: source.kind,
  projectId: effectiveProject(row, source),
});

const effectiveProject = (
  { projectId }: Pick<PaymentRow, 'projectId'>,
  source: Holding,
): string | null => projectId ?? source.projectId;
