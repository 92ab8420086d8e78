import { type Books, recordKey } from '../books.js';
import { accept, refuse } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { AllocationRow } from '../rows.js';
import {
  beforeSource,
  closedSource,
  exceedsAvailable,
  firstRefusal,
  holdingOf,
  notPositive,
  outsideJurisdiction,
  outsideParent,
  recordOfKind,
  unknownProject,
} from './drawing.js';
import type { AllocationReceived } from './events.js';
import { receivedOn, streamOf } from './holding.js';

/**
 * Issues an allocation: passes authority down from a parent, or lets it enter the ledger from outside.
 *
 * Refuses, first match wins: out-of-jurisdiction (the submitter's unit does not contain the receiver; the issuer is not
 * the parent's receiver; the receiver does not lie inside it), unknown-source, source-not-received, source-closed,
 * unknown-project, date-before-source, amount-not-positive, exceeds-available.
 */
export function decideAllocation(
  books: Books,
  row: AllocationRow,
  context: PostingContext,
): RowDecision {
  const { parentId, issuedOn, amountFen } = row;
  const known = parentId === null ? null : recordOfKind(books, parentId, ['allocations']);
  const parent = known ? holdingOf(books, known.row.id) : null;
  const receiver = { region: row.receiverRegion, field: 'receiver_region' };
  const refusal = firstRefusal(
    () => outsideJurisdiction(row.receiverRegion, 'receiver_region', context),
    () => (parent ? outsideParent(row, receiver, parent, context) : null),
    () => (parentId !== null && !parent ? refuse('unknown-source', 'parent_id', parentId) : null),
    () => (parent ? closedSource(books, parent, 'parent_id', issuedOn) : null),
    () => unknownProject(books, row.projectId),
    () => (parent ? beforeSource(issuedOn, receivedOn(parent), 'issued_on') : null),
    () => notPositive(amountFen),
    () => (parent ? exceedsAvailable(parent, amountFen, issuedOn, 'amount') : null),
  );
  if (refusal) return refusal;
  const projectId = row.projectId ?? parent?.projectId ?? null;
  const giverRegion = parent?.region ?? null;
  const issued: LedgerEvent = {
    type: 'AllocationIssued',
    streamId: streamOf(parentId ?? row.id),
    key: recordKey(row.id),
    index: 0,
    occurredOn: issuedOn,
    region: row.receiverRegion,
    data: { row, giverRegion, projectId },
  };
  if (row.receivedOn === null) return accept([issued]);
  return accept([issued, received(row, giverRegion, projectId)]);
}

/** The receiver acknowledges an allocation posted before. Refuses: out-of-jurisdiction, already-reversed. */
export function receiveAllocation(
  books: Books,
  row: AllocationRow,
  context: PostingContext,
): RowDecision {
  const holding = holdingOf(books, row.id);
  const refusal = firstRefusal(
    () => outsideJurisdiction(row.receiverRegion, 'receiver_region', context),
    () => (holding.reversed ? refuse('already-reversed', 'allocation_id', row.id) : null),
  );
  if (refusal) return refusal;
  const giverRegion = holding.lines[0]?.giverRegion ?? null;
  return accept([received(row, giverRegion, holding.projectId)]);
}

function received(
  row: AllocationRow,
  giverRegion: AllocationReceived['data']['giverRegion'],
  projectId: string | null,
): AllocationReceived {
  return {
    type: 'AllocationReceived',
    streamId: streamOf(row.id),
    key: recordKey(row.id),
    index: 1,
    occurredOn: row.receivedOn,
    region: row.receiverRegion,
    data: {
      allocationId: row.id,
      parentId: row.parentId,
      amountFen: row.amountFen,
      giverRegion,
      holdingRegion: row.receiverRegion,
      issuerRegion: row.issuerRegion,
      issuedOn: row.issuedOn,
      documentNo: row.documentNo,
      projectId,
    },
  };
}
