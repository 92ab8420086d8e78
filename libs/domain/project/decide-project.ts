import { recordKey } from '../books.js';
import type { Day } from '../calendar.js';
import { accept } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import { outsideJurisdiction } from '../holding/drawing.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { ProjectRow } from '../rows.js';
import type { ProjectEvent } from './events.js';

export const projectStream = (projectId: string): string => `project-${projectId}`;

type DatedType = Exclude<
  ProjectEvent['type'],
  'ProjectRegistered' | 'NoticePosted' | 'NoticeRemoved'
>;

/** Registers a project and the dates known of it. Refuses: out-of-jurisdiction. */
export function decideProject(row: ProjectRow, context: PostingContext): RowDecision {
  const refusal = outsideJurisdiction(row.county, 'county', context);
  if (refusal) return refusal;
  const registered: LedgerEvent = {
    type: 'ProjectRegistered',
    streamId: projectStream(row.id),
    key: recordKey(row.id),
    index: 0,
    occurredOn: null,
    region: row.county,
    data: { row },
  };
  return accept([
    registered,
    ...dated(row, 'ProjectEnteredLibrary', 3, row.libraryOn),
    ...dated(row, 'ProjectApproved', 4, row.approvedOn),
    ...dated(row, 'ProjectAccepted', 1, row.acceptedOn),
    ...dated(row, 'ProjectClosed', 2, row.closedOn),
  ]);
}

/** Fills in the acceptance or closing date. Refuses: out-of-jurisdiction. */
export function completeProject(
  row: ProjectRow,
  filled: readonly string[],
  context: PostingContext,
): RowDecision {
  const refusal = outsideJurisdiction(row.county, 'county', context);
  if (refusal) return refusal;
  return accept([
    ...(filled.includes('acceptedOn') ? dated(row, 'ProjectAccepted', 1, row.acceptedOn) : []),
    ...(filled.includes('closedOn') ? dated(row, 'ProjectClosed', 2, row.closedOn) : []),
  ]);
}

export const placesOf = (row: ProjectRow): string[] =>
  [row.county, row.township, row.village].filter((place) => place !== null);

function dated(row: ProjectRow, type: DatedType, index: number, on: Day | null): LedgerEvent[] {
  if (on === null) return [];
  const { acceptedOn, closedOn } = row;
  return [
    {
      type,
      streamId: projectStream(row.id),
      key: recordKey(row.id),
      index,
      occurredOn: on,
      region: row.county,
      data: { projectId: row.id, places: placesOf(row), acceptedOn, closedOn },
    },
  ];
}
