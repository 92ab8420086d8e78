import { type Books, recordKey } from '../books.js';
import type { Day } from '../calendar.js';
import { accept, refuse, type Refused } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { SupplementRow } from '../rows.js';
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
} from './drawing.js';
import type { SupplementReceived } from './events.js';
import { type Holding, receivedOn, streamOf, supplementOf } from './holding.js';

/** A chain of allocations longer than this is no plan but a mistake. */
const ANCESTORS_MAX = 1_000;

/**
 * Lets an existing allocation grow by a further line, perhaps from another parent (统筹整合, pooling).
 *
 * A supplement leans on its parent *and* on the allocation that grows. Refuses, first match wins: out-of-jurisdiction,
 * unknown-source (also when the line would close a circle), source-not-received, source-closed, date-before-source,
 * amount-not-positive, exceeds-available.
 */
export function decideSupplement(
  books: Books,
  row: SupplementRow,
  context: PostingContext,
): RowDecision {
  const { parentId, allocationId, issuedOn, amountFen } = row;
  const grown = recordOfKind(books, allocationId, ['allocations']);
  const given = parentId === null ? null : recordOfKind(books, parentId, ['allocations']);
  const holding = grown ? holdingOf(books, allocationId) : null;
  const parent = given ? holdingOf(books, given.row.id) : null;
  const grows = holding && { region: holding.region, field: 'allocation_id' };
  const ancestry = parent ? ancestorsOf(books, parent.id, issuedOn) : [];
  const refusal = firstRefusal(
    () => (holding ? outsideJurisdiction(holding.region, 'allocation_id', context) : null),
    () => (grows && parent ? outsideParent(row, grows, parent, context) : null),
    () => (parentId !== null && !parent ? refuse('unknown-source', 'parent_id', parentId) : null),
    () => (holding ? null : refuse('unknown-source', 'allocation_id', allocationId)),
    () =>
      ancestry.includes(allocationId) ? refuse('unknown-source', 'parent_id', parentId) : null,
    () => notReceived(holding, parent),
    () => (parent ? closedSource(books, parent, 'parent_id', issuedOn) : null),
    () => (holding ? closedSource(books, holding, 'allocation_id', issuedOn) : null),
    () => (parent ? beforeSource(issuedOn, receivedOn(parent), 'issued_on') : null),
    () => (holding ? beforeSource(issuedOn, receivedOn(holding), 'issued_on') : null),
    () => notPositive(amountFen),
    () => (parent ? exceedsAvailable(parent, amountFen, issuedOn, 'amount') : null),
  );
  if (refusal) return refusal;
  if (!holding) throw new Error(`supplement ${row.id} passed without an allocation`);
  const events = issue(row, holding, parent);
  // Two supplements posted at once could close a circle between them: every allocation above the giver is guarded.
  return accept(events, ancestry.map(streamOf));
}

function notReceived(holding: Holding | null, parent: Holding | null): Refused | null {
  if (parent && receivedOn(parent) === null) {
    return refuse('source-not-received', 'parent_id', parent.id);
  }
  if (holding && receivedOn(holding) === null) {
    return refuse('source-not-received', 'allocation_id', holding.id);
  }
  return null;
}

/** The allocation itself and everything above it, over all its lines that still stand after `day`. */
function ancestorsOf(books: Books, holdingId: string, day: Day): string[] {
  const found = new Set<string>([holdingId]);
  for (const id of found) {
    for (const { parentId, reversedOn } of holdingOf(books, id).lines) {
      if (parentId !== null && (reversedOn === null || reversedOn > day)) found.add(parentId);
    }
    if (found.size > ANCESTORS_MAX)
      throw new Error(`more than ${ANCESTORS_MAX} above ${holdingId}`);
  }
  return [...found];
}

function issue(row: SupplementRow, holding: Holding, parent: Holding | null): LedgerEvent[] {
  const head = { key: recordKey(row.id), region: holding.region } as const;
  const giverRegion = parent?.region ?? null;
  const { projectId } = holding;
  const holdingRegion = holding.region;
  const events: LedgerEvent[] = [
    {
      ...head,
      type: 'SupplementIssued',
      streamId: streamOf(holding.id),
      index: 0,
      occurredOn: row.issuedOn,
      data: { row, giverRegion, holdingRegion, projectId },
    },
  ];
  if (parent) {
    events.push({
      ...head,
      type: 'SupplementDrawn',
      streamId: streamOf(parent.id),
      index: 2,
      occurredOn: row.issuedOn,
      data: {
        supplementId: row.id,
        holdingId: parent.id,
        allocationId: holding.id,
        amountFen: row.amountFen,
      },
    });
  }
  if (row.receivedOn !== null) events.push(received(row, holding, giverRegion));
  return events;
}

/** The receiver acknowledges a supplement posted before. Refuses: out-of-jurisdiction, already-reversed. */
export function receiveSupplement(
  books: Books,
  row: SupplementRow,
  context: PostingContext,
): RowDecision {
  const holding = holdingOf(books, row.allocationId);
  const line = supplementOf(holding, row.id);
  if (!line) throw new Error(`allocation ${holding.id} has no supplement ${row.id}`);
  const refusal = firstRefusal(
    () => outsideJurisdiction(holding.region, 'allocation_id', context),
    () => (line.reversedOn ? refuse('already-reversed', 'supplement_id', row.id) : null),
  );
  return refusal ?? accept([received(row, holding, line.giverRegion)]);
}

function received(
  row: SupplementRow,
  holding: Holding,
  giverRegion: SupplementReceived['data']['giverRegion'],
): SupplementReceived {
  return {
    type: 'SupplementReceived',
    streamId: streamOf(holding.id),
    key: recordKey(row.id),
    index: 1,
    occurredOn: row.receivedOn,
    region: holding.region,
    data: {
      supplementId: row.id,
      allocationId: holding.id,
      parentId: row.parentId,
      amountFen: row.amountFen,
      giverRegion,
      holdingRegion: holding.region,
      issuerRegion: row.issuerRegion,
      issuedOn: row.issuedOn,
      documentNo: row.documentNo,
      projectId: holding.projectId,
    },
  };
}
