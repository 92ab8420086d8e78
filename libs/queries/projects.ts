import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Question } from './question.js';
import { seenPair, type Snapshot, withSnapshot } from './snapshot.js';

/** A project of the library, as of the day; fen as decimal text. */
export interface ProjectAnswer {
  readonly id: string;
  readonly name: string;
  readonly county: string;
  readonly township: string | null;
  readonly village: string | null;
  readonly category: string | null;
  readonly unitName: string;
  readonly unitCode: string | null;
  readonly plannedFen: string | null;
  readonly plannedStart: string | null;
  readonly plannedEnd: string | null;
  readonly performanceTarget: string | null;
  /** Dates that lie behind the day asked about are null. */
  readonly libraryOn: string | null;
  readonly approvedOn: string | null;
  readonly acceptedOn: string | null;
  readonly closedOn: string | null;
  readonly notices: readonly NoticeAnswer[];
}

export interface NoticeAnswer {
  readonly id: string;
  readonly subjectId: string;
  readonly level: string;
  readonly place: string | null;
  readonly postedOn: string;
  readonly removedOn: string | null;
}

export type ProjectResult =
  | { readonly outcome: 'found'; readonly position: bigint; readonly project: ProjectAnswer }
  | { readonly outcome: 'not-found'; readonly position: bigint };

const dateOf = (prefix: string, name: string): string =>
  `CASE WHEN ${seenPair(`p.${prefix}_on`, `p.${prefix}_at`)} THEN p.${prefix}_on::text END AS "${name}"`;

const PROJECT = `
  SELECT p.id, p.name, p.county, p.township, p.village, p.category, p.unit_name AS "unitName",
         p.unit_code AS "unitCode", p.planned_fen::text AS "plannedFen",
         p.planned_start::text AS "plannedStart", p.planned_end::text AS "plannedEnd",
         p.performance_target AS "performanceTarget", ${dateOf('library', 'libraryOn')},
         ${dateOf('approved', 'approvedOn')}, ${dateOf('accepted', 'acceptedOn')},
         ${dateOf('closed', 'closedOn')}
  FROM ${READ_SCHEMA}.projects p
  WHERE p.id = $3 AND ($2::timestamptz IS NULL OR p.registered_at <= $2::timestamptz)`;

const NOTICES = `
  SELECT n.id, n.subject_id AS "subjectId", n.level, n.place, n.posted_on::text AS "postedOn",
         CASE WHEN ${seenPair('n.removed_on', 'n.removed_at')} THEN n.removed_on::text END
           AS "removedOn"
  FROM ${READ_SCHEMA}.notices n
  WHERE n.subject_id = ANY ($3::text[]) AND ${seenPair('n.posted_on', 'n.posted_at')}
  ORDER BY n.posted_on, n.position`;

/** The project, its dates and the notices about it. A registration has no date: it exists once it is known. */
export function askProject(
  reads: ScopedReads,
  { id, question }: { readonly id: string; readonly question: Question },
): Promise<ProjectResult> {
  return withSnapshot(reads, { question }, async (snapshot) => {
    const position = snapshot.upTo;
    const rows = await snapshot.askPair<Omit<ProjectAnswer, 'notices'>>(PROJECT, [id]);
    const found = rows[0];
    if (!found) return { outcome: 'not-found', position };
    const project = { ...found, notices: await noticesAbout(snapshot, [id]) };
    return { outcome: 'found', position, project };
  });
}

/** Notices about any of the subjects, oldest first. */
const noticesAbout = (snapshot: Snapshot, subjectIds: readonly string[]): Promise<NoticeAnswer[]> =>
  snapshot.askPair<NoticeAnswer>(NOTICES, [subjectIds]);
