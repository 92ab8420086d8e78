import { type Books, recordKey } from '../books.js';
import { accept, refuse } from '../decision.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { PaymentRow } from '../rows.js';
import {
  beforeSource,
  closedSource,
  exceedsAvailable,
  firstRefusal,
  holdingOf,
  notPositive,
  outsideJurisdiction,
  recordOfKind,
  unknownProject,
} from './drawing.js';
import { receivedOn, streamOf } from './holding.js';

/**
 * Pays out of a disbursement, or directly out of an allocation (直接支付).
 *
 * Refuses, first match wins: out-of-jurisdiction, unknown-source, source-not-received, source-closed, unknown-project,
 * date-before-source, amount-not-positive, exceeds-available. The last is overruled by `alreadyHappened`: a ledger that
 * refuses what really happened loses the finding (contract §3); the holding falls below zero and a lead is raised.
 */
export function decidePayment(books: Books, row: PaymentRow, context: PostingContext): RowDecision {
  const { sourceId, paidOn, amountFen } = row;
  const known = recordOfKind(books, sourceId, ['allocations', 'disbursements']);
  if (!known) return refuse('unknown-source', 'source_id', sourceId);
  const source = holdingOf(books, sourceId);
  const refusal = firstRefusal(
    () => outsideJurisdiction(source.region, 'source_id', context),
    () => closedSource(books, source, 'source_id', paidOn),
    () => unknownProject(books, row.projectId),
    () => beforeSource(paidOn, receivedOn(source), 'paid_on'),
    () => notPositive(amountFen),
    () => (row.alreadyHappened ? null : exceedsAvailable(source, amountFen, paidOn, 'amount')),
  );
  if (refusal) return refusal;
  return accept([
    {
      type: 'PaymentMade',
      streamId: streamOf(sourceId),
      key: recordKey(row.id),
      index: 0,
      occurredOn: paidOn,
      region: source.region,
      data: {
        row,
        holdingRegion: source.region,
        holdingKind: source.kind,
        projectId: row.projectId ?? source.projectId,
      },
    },
  ]);
}
