import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Question } from './question.js';
import { seenPair, withSnapshot } from './snapshot.js';

/** What everybody may know of a project: nothing below the township, and no payment. Fen as decimal text. */
export interface PublicProject {
  readonly id: string;
  readonly name: string;
  readonly county: string;
  readonly township: string | null;
  readonly category: string | null;
  readonly unitName: string;
  readonly plannedFen: string | null;
  readonly approvedOn: string | null;
  readonly acceptedOn: string | null;
  /** The day it was first put up. */
  readonly postedOn: string;
}

const dateOf = (prefix: string, name: string): string =>
  `CASE WHEN ${seenPair(`p.${prefix}_on`, `p.${prefix}_at`)} THEN p.${prefix}_on::text END AS "${name}"`;

// Lists of whom was paid are notices about payments or holdings, never about a project.
const PROJECTS = `
  SELECT p.id, p.name, p.county, p.township, p.category, p.unit_name AS "unitName",
         p.planned_fen::text AS "plannedFen", ${dateOf('approved', 'approvedOn')},
         ${dateOf('accepted', 'acceptedOn')}, posted.first::text AS "postedOn"
  FROM ${READ_SCHEMA}.projects p
  CROSS JOIN LATERAL (
    SELECT min(n.posted_on) AS first FROM ${READ_SCHEMA}.notices n
    WHERE n.subject_id = p.id AND ${seenPair('n.posted_on', 'n.posted_at')}) posted
  WHERE posted.first IS NOT NULL AND p.id > $4
    AND EXISTS (SELECT FROM unnest($3::text[]) place
      WHERE p.county >= place AND p.county < place || ':')
  ORDER BY p.id LIMIT $5`;

/** Of one page. */
export const PUBLIC_PROJECTS_MAX = 200;

/**
 * Projects that have been put up for everybody to see (公告公示): what nobody has put up is not told here either, since the name
 * of a project may be that of a household.
 *
 * @param places every code of the places asked about
 * @param after id of the last one of the page before; empty: none
 */
export function askPublicProjects(
  reads: ScopedReads,
  asked: {
    readonly places: readonly string[];
    readonly after: string;
    readonly question: Question;
  },
): Promise<{ readonly position: bigint; readonly projects: readonly PublicProject[] }> {
  const { places, after, question } = asked;
  return withSnapshot(reads, { question }, async (snapshot) => ({
    position: snapshot.upTo,
    projects: await snapshot.askPair<PublicProject>(PROJECTS, [places, after, PUBLIC_PROJECTS_MAX]),
  }));
}
