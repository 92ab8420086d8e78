import type { Books, PostedRecord } from '../books.js';
import type { Day } from '../calendar.js';
import { daysBetween } from '../calendar.js';
import { refuse, type Refused } from '../decision.js';
import { type Fen, ZERO } from '../money.js';
import type { PostingContext } from '../posting-context.js';
import type { RegionCode } from '../region.js';
import { firstLine, type Holding } from './holding.js';

type Check = Refused | null;

/** out-of-jurisdiction unless the submitter's unit contains the region (a code equals its successor there). */
export function outsideJurisdiction(
  region: RegionCode,
  field: string,
  { jurisdiction, regions }: PostingContext,
): Check {
  if (regions.liesInEitherName(region, jurisdiction)) return null;
  return refuse('out-of-jurisdiction', field, region, { expected: jurisdiction });
}

/**
 * out-of-jurisdiction for a line out of a parent: its issuer is the parent's receiver, and who receives it lies inside that.
 *
 * @param receiver with the column that says where it is
 */
export function outsideParent(
  { issuerRegion }: { readonly issuerRegion: RegionCode },
  receiver: { readonly region: RegionCode; readonly field: string },
  parent: Holding,
  { regions }: PostingContext,
): Check {
  const expected = parent.region;
  if (!regions.sameRegion(issuerRegion, expected)) {
    return refuse('out-of-jurisdiction', 'issuer_region', issuerRegion, { expected });
  }
  if (regions.liesInEitherName(receiver.region, expected)) return null;
  return refuse('out-of-jurisdiction', receiver.field, receiver.region, { expected });
}

/** The record under `id` when it is of one of these kinds. */
export function recordOfKind(
  books: Books,
  id: string,
  kinds: readonly PostedRecord['kind'][],
): PostedRecord | null {
  const record = books.record(id);
  return record && kinds.includes(record.kind) ? record : null;
}

/**
 * What every draw asks of the holding it is drawn on, in order: source-not-received, source-closed. A project closes its
 * holdings for later dates only.
 */
export function closedSource(books: Books, holding: Holding, field: string, on: Day): Check {
  if (firstLine(holding).receivedOn === null) {
    return refuse('source-not-received', field, holding.id);
  }
  if (holding.reversed) return refuse('source-closed', field, holding.id);
  const closedOn = books.projectClosedOn(holding.projectId);
  if (closedOn !== null && on > closedOn) {
    return refuse('source-closed', field, holding.id, { expected: closedOn });
  }
  return null;
}

export function unknownProject(books: Books, projectId: string | null): Check {
  if (projectId === null || books.hasProject(projectId)) return null;
  return refuse('unknown-project', 'project_id', projectId);
}

/** date-before-source: `difference` is in days. */
export function beforeSource(on: Day, sourceOn: Day | null, field: string): Check {
  if (sourceOn === null || on >= sourceOn) return null;
  const difference = `${daysBetween(on, sourceOn)}`;
  return refuse('date-before-source', field, on, { expected: sourceOn, difference });
}

export function notPositive(amount: Fen): Check {
  return amount > ZERO ? null : refuse('amount-not-positive', 'amount', amount.toString());
}

/** exceeds-available: against the lowest end-of-day balance on or after the date (contract §6). Amounts in fen. */
export function exceedsAvailable(holding: Holding, amount: Fen, on: Day, field: string): Check {
  const lowest = holding.timeline.lowestFrom(on);
  if (amount <= lowest) return null;
  return refuse('exceeds-available', field, amount.toString(), {
    expected: lowest.toString(),
    difference: (amount - lowest).toString(),
  });
}

/** exceeds-original: more than what is left of the movement it refers to. Amounts in fen. */
export function exceedsOriginal(amount: Fen, left: Fen, field: string): Check {
  if (amount <= left) return null;
  return refuse('exceeds-original', field, amount.toString(), {
    expected: left.toString(),
    difference: (amount - left).toString(),
  });
}

/** The first refusal of a list in order of precedence; later ones are not computed once one holds. */
export function firstRefusal(...checks: readonly (() => Check)[]): Check {
  for (const check of checks) {
    const refused = check();
    if (refused) return refused;
  }
  return null;
}

export function holdingOf(books: Books, id: string): Holding {
  const holding = books.holding(id);
  if (!holding) throw new Error(`holding ${id} is not loaded`);
  return holding;
}
