import { type Books, type PostedRecord, recordKey } from '../books.js';
import { accept, refuse } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import { outsideJurisdiction } from '../holding/drawing.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { RegionCode } from '../region.js';
import type { NoticeRow } from '../rows.js';
import { placesOf } from './decide-project.js';
import type { NoticePosted, NoticeRemoved } from './events.js';

export const noticeStream = (noticeId: string): string => `notice-${noticeId}`;

const SUBJECTS: Readonly<Record<string, NoticePosted['data']['subjectKind']>> = {
  projects: 'project',
  allocations: 'allocation',
  supplements: 'supplement',
  disbursements: 'disbursement',
  payments: 'payment',
};

/** Records a public notice about something known. Refuses: out-of-jurisdiction, unknown-source. */
export function decideNotice(books: Books, row: NoticeRow, context: PostingContext): RowDecision {
  const subject = books.record(row.subjectId);
  const subjectKind = subject ? SUBJECTS[subject.kind] : undefined;
  if (!subject || !subjectKind) return refuse('unknown-source', 'subject_id', row.subjectId);
  const refusal = outsideJurisdiction(subject.region, 'subject_id', context);
  if (refusal) return refusal;
  const places = placesNamed(subject);
  const { projectId, region } = subject;
  const posted: LedgerEvent = {
    type: 'NoticePosted',
    streamId: noticeStream(row.id),
    key: recordKey(row.id),
    index: 0,
    occurredOn: row.postedOn,
    region,
    data: { row, subjectKind, places, projectId },
  };
  if (row.removedOn === null) return accept([posted]);
  return accept([posted, removed(row, region, places, projectId)]);
}

/** The notice was taken down. Refuses: out-of-jurisdiction. */
export function completeNotice(books: Books, row: NoticeRow, context: PostingContext): RowDecision {
  const subject = books.record(row.subjectId);
  if (!subject) throw new Error(`notice ${row.id} is about nothing loaded`);
  const refusal = outsideJurisdiction(subject.region, 'subject_id', context);
  if (refusal) return refusal;
  return accept([removed(row, subject.region, placesNamed(subject), subject.projectId)]);
}

function removed(
  row: NoticeRow,
  region: RegionCode,
  places: readonly string[],
  projectId: string | null,
): NoticeRemoved {
  return {
    type: 'NoticeRemoved',
    streamId: noticeStream(row.id),
    key: recordKey(row.id),
    index: 1,
    occurredOn: row.removedOn,
    region,
    data: { noticeId: row.id, subjectId: row.subjectId, places, projectId },
  };
}

function placesNamed({ row, region, payeeRegion }: PostedRecord): string[] {
  if (row.kind === 'projects') return placesOf(row);
  const other = 'issuerRegion' in row ? row.issuerRegion : payeeRegion;
  return other === null || other === region ? [region] : [region, other];
}
