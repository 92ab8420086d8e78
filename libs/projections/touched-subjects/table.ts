import { type AgeLine, type Origins, originsOf } from '@fundflow/domain/rules/age';
import { CENTRE, type RegionCode } from '@fundflow/domain/region';
import { FINISHED_KINDS } from '../movements/table.js';
import { LINEAGE, READ_SCHEMA } from '../read-table.js';
import { loadAgeLines, type Run } from '../rule-facts/table.js';

/** Ids of the holdings and projects about which a rule may say something else than before. */
export interface TouchedSubjects {
  readonly holdings: readonly string[];
  readonly projects: readonly string[];
}

/** More than this and it is cheaper to look at everything than to know what changed. */
const TOUCHED_MAX = 100_000;

const S = READ_SCHEMA;

const MOVED = `
  SELECT DISTINCT holding_id AS id FROM ${LINEAGE}_days
  WHERE position > $1::bigint AND position <= $2::bigint LIMIT ${TOUCHED_MAX + 1}`;

const between = (position: string): string =>
  `(${position} > $1::bigint AND ${position} <= $2::bigint)`;

/** Only supplements make a holding older or younger after it began. */
const SUPPLEMENTED = `
  SELECT DISTINCT holding_id AS id FROM ${LINEAGE}_lines
  WHERE holding_id = ANY ($3::text[]) AND id <> holding_id
    AND (${between('received_position')} OR ${between('reversed_position')})`;

const BELOW = `
  WITH RECURSIVE below (id) AS (
    SELECT one COLLATE "C" FROM unnest($1::text[]) AS one
    UNION
    SELECT l.holding_id FROM below CROSS JOIN LATERAL (
      SELECT holding_id FROM ${LINEAGE}_lines WHERE giver_id = below.id OFFSET 0) AS l
  )
  SELECT id FROM below LIMIT ${TOUCHED_MAX + 1}`;

const FINISHED = `
  SELECT DISTINCT project_id AS id FROM ${LINEAGE}_movements
  WHERE position > $1::bigint AND position <= $2::bigint
    AND kind IN (${FINISHED_KINDS.join(', ')}) LIMIT ${TOUCHED_MAX + 1}`;

const PROJECTS_OF = `
  SELECT DISTINCT project_id AS id FROM ${LINEAGE}_holdings
  WHERE id = ANY ($1::text[]) AND project_id IS NOT NULL`;

const LIMITED_REGIONS = `
  SELECT DISTINCT region FROM ${S}.rule_limits
  WHERE position > $1::bigint AND position <= $2::bigint`;

/** Prefix search that an index in "C" order serves: the digits end before `:`. */
const inRegion = (column: string): string =>
  `($1::text IS NULL OR ${column} >= $1::text AND ${column} < $1::text || ':')`;

const HOLDINGS_IN = `
  SELECT id FROM ${S}.holdings WHERE ${inRegion('region')} LIMIT ${TOUCHED_MAX + 1}`;
const PROJECTS_IN = `
  SELECT id FROM ${S}.projects WHERE ${inRegion('county')} LIMIT ${TOUCHED_MAX + 1}`;

type Id = { readonly id: string };

/**
 * The subjects touched by the records after one position up to another (both checkpoints of the same generation):
 * - holdings something moved on or whose lines changed;
 * - everything below a holding whose age a supplement changed;
 * - projects of the former, and projects accepted or closed;
 * - all subjects in a region for which a limit was set.
 *
 * Answers `everything` when they are more than `TOUCHED_MAX`.
 */
export async function touchedSubjects(
  run: Run,
  after: bigint,
  upTo: bigint,
): Promise<TouchedSubjects | 'everything'> {
  const span = [after.toString(), upTo.toString()];
  const ids = async (sql: string, values: unknown[]): Promise<string[]> =>
    (await run<Id>(sql, values)).map(({ id }) => id);
  const holdings = new Set(await ids(MOVED, span));
  const projects = new Set(await ids(FINISHED, span));
  if (holdings.size > TOUCHED_MAX) return 'everything';
  const moved = [...holdings];
  for (const id of await ids(PROJECTS_OF, [moved])) projects.add(id);
  const aged = await changedAge(run, await ids(SUPPLEMENTED, [...span, moved]), after, upTo);
  if (aged.length > 0) for (const id of await ids(BELOW, [aged])) holdings.add(id);
  for (const { region } of await run<{ region: RegionCode }>(LIMITED_REGIONS, span)) {
    const prefix = [region === CENTRE ? null : region];
    for (const id of await ids(HOLDINGS_IN, prefix)) holdings.add(id);
    for (const id of await ids(PROJECTS_IN, prefix)) projects.add(id);
  }
  if (Math.max(holdings.size, projects.size) > TOUCHED_MAX) return 'everything';
  return { holdings: [...holdings], projects: [...projects] };
}

/**
 * Of the holdings whose supplements changed those whose age did. Money that is added is mostly younger than what is
 * there; then nothing below needs to be looked at, and below the region's allocations lies the whole ledger.
 *
 * It is enough to compare with the lines above as they are now: where one of those changed its age, it is found itself
 * and so is everything below it. In a circle of lines of different days that is not so, hence its holdings always count.
 */
async function changedAge(
  run: Run,
  supplemented: readonly string[],
  after: bigint,
  upTo: bigint,
): Promise<string[]> {
  if (supplemented.length === 0) return [];
  const now = await loadAgeLines(run, supplemented, { upTo, recordedUpTo: null });
  const before = await loadAgeLines(run, supplemented, { upTo: after, recordedUpTo: null });
  return supplemented.filter((id) => {
    if (isAboveItself(id, now)) return true;
    const earlier = originsOf(id, (holdingId) => (holdingId === id ? before : now).get(holdingId));
    return !sameOrigins(
      earlier,
      originsOf(id, (holdingId) => now.get(holdingId)),
    );
  });
}

function isAboveItself(id: string, lines: ReadonlyMap<string, readonly AgeLine[]>): boolean {
  const above = new Set<string>();
  const add = (holdingId: string): void => {
    for (const { giverId } of lines.get(holdingId) ?? []) if (giverId !== null) above.add(giverId);
  };
  add(id);
  for (const holdingId of above) add(holdingId);
  return above.has(id);
}

const sameOrigins = (a: Origins, b: Origins): boolean =>
  a.length === b.length &&
  a.every(
    (step, at) => step.from === b[at]?.from && step.originalIssuedOn === b[at]?.originalIssuedOn,
  );
