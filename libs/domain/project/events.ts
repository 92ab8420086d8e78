import type { Day } from '../calendar.js';
import type { EventHead } from '../holding/events.js';
import type { NoticeRow, ProjectRow } from '../rows.js';

/** Projects and notices move no money. Streams: `project-<id>`, `notice-<id>`. */
export type ProjectEvent =
  | ProjectRegistered
  | ProjectEnteredLibrary
  | ProjectApproved
  | ProjectAccepted
  | ProjectClosed
  | NoticePosted
  | NoticeRemoved;

/** Index 0, without a date of its own: the row whole. The dated facts follow as events of their own. */
export interface ProjectRegistered extends EventHead<'ProjectRegistered'> {
  readonly data: { readonly row: ProjectRow };
}

interface ProjectDateData {
  readonly projectId: string;
  /** Every place the project names: county, township, village. */
  readonly places: readonly string[];
  /** The project's two closing dates as of this posting: one of the states a row may equal. */
  readonly acceptedOn: Day | null;
  readonly closedOn: Day | null;
}

/** Index 3. */
export interface ProjectEnteredLibrary extends EventHead<'ProjectEnteredLibrary'> {
  readonly data: ProjectDateData;
}
/** Index 4. */
export interface ProjectApproved extends EventHead<'ProjectApproved'> {
  readonly data: ProjectDateData;
}
/** Index 1. */
export interface ProjectAccepted extends EventHead<'ProjectAccepted'> {
  readonly data: ProjectDateData;
}
/** Index 2. */
export interface ProjectClosed extends EventHead<'ProjectClosed'> {
  readonly data: ProjectDateData;
}

/** Index 0. */
export interface NoticePosted extends EventHead<'NoticePosted'> {
  readonly data: {
    readonly row: NoticeRow;
    readonly subjectKind: 'project' | 'allocation' | 'supplement' | 'disbursement' | 'payment';
    /** The places the subject names. */
    readonly places: readonly string[];
    readonly projectId: string | null;
  };
}

/** Index 1. */
export interface NoticeRemoved extends EventHead<'NoticeRemoved'> {
  readonly data: {
    readonly noticeId: string;
    readonly subjectId: string;
    readonly places: readonly string[];
    readonly projectId: string | null;
  };
}
