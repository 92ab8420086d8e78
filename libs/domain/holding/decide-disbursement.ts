import { type Books, recordKey } from '../books.js';
import { accept, refuse } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { DisbursementRow } from '../rows.js';
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
import type { CashCredited } from './events.js';
import { type Holding, receivedOn, streamOf } from './holding.js';

/**
 * Releases cash from an allocation to a unit's account (拨付).
 *
 * Refuses, first match wins: out-of-jurisdiction, unknown-source, source-not-received, source-closed, unknown-project,
 * date-before-source, amount-not-positive, exceeds-available.
 */
export function decideDisbursement(
  books: Books,
  row: DisbursementRow,
  context: PostingContext,
): RowDecision {
  const { allocationId, disbursedOn, amountFen } = row;
  const known = recordOfKind(books, allocationId, ['allocations']);
  if (!known) return refuse('unknown-source', 'allocation_id', allocationId);
  const source = holdingOf(books, allocationId);
  const refusal = firstRefusal(
    () => outsideJurisdiction(source.region, 'allocation_id', context),
    () => closedSource(books, source, 'allocation_id', disbursedOn),
    () => unknownProject(books, row.projectId),
    () => beforeSource(disbursedOn, receivedOn(source), 'disbursed_on'),
    () => notPositive(amountFen),
    () => exceedsAvailable(source, amountFen, disbursedOn, 'amount'),
  );
  if (refusal) return refusal;
  const projectId = row.projectId ?? source.projectId;
  const { region: holdingRegion, fundType, fiscalYear } = source;
  const disbursed: LedgerEvent = {
    type: 'CashDisbursed',
    streamId: streamOf(allocationId),
    key: recordKey(row.id),
    index: 0,
    occurredOn: disbursedOn,
    region: holdingRegion,
    data: { row, holdingRegion, projectId, fundType, fiscalYear },
  };
  if (row.creditedOn === null) return accept([disbursed]);
  return accept([disbursed, credited(row, source, projectId)]);
}

/** The unit confirms a credit. Refuses: out-of-jurisdiction, already-reversed. */
export function creditDisbursement(
  books: Books,
  row: DisbursementRow,
  context: PostingContext,
): RowDecision {
  const holding = holdingOf(books, row.id);
  const refusal = firstRefusal(
    () => outsideJurisdiction(holding.region, 'allocation_id', context),
    () => (holding.reversed ? refuse('already-reversed', 'disbursement_id', row.id) : null),
  );
  return refusal ?? accept([credited(row, holding, holding.projectId)]);
}

function credited(
  row: DisbursementRow,
  { region }: Pick<Holding, 'region'>,
  projectId: string | null,
): CashCredited {
  return {
    type: 'CashCredited',
    streamId: streamOf(row.id),
    key: recordKey(row.id),
    index: 1,
    occurredOn: row.creditedOn,
    region,
    data: {
      disbursementId: row.id,
      allocationId: row.allocationId,
      amountFen: row.amountFen,
      holdingRegion: region,
      disbursedOn: row.disbursedOn,
      voucherNo: row.voucherNo,
      recipientName: row.recipientName,
      projectId,
    },
  };
}
