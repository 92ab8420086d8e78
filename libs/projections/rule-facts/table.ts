import type { Day } from '@fundflow/domain/calendar';
import { type Fen, fen } from '@fundflow/domain/money';
import type { RegionCode } from '@fundflow/domain/region';
import { type AgeLine, type Origins, originsOf } from '@fundflow/domain/rules/age';
import {
  type DayDelta,
  type HoldingFacts,
  type LineFacts,
  type ProjectFacts,
  runningBalances,
} from '@fundflow/domain/rules/facts';
import { LimitBook, type LimitSetting } from '@fundflow/domain/rules/limits';
import { FINISHED_KINDS } from '../movements/table.js';
import { LINEAGE, READ_SCHEMA } from '../read-table.js';

/**
 * The read tables as the supervision rules see them: whoever computes alerts, ahead of time or for a moment in the past,
 * reads the facts here, so that both get the same.
 */
export type Run = <Row>(sql: string, values: unknown[]) => Promise<Row[]>;

/** Which part of the record counts: everything up to a position *and* recorded not after a moment. */
export interface Known {
  /** A position the tables once stood at (a checkpoint), in this generation of them. */
  readonly upTo: bigint;
  /** RFC 3339, inclusive; null = any. */
  readonly recordedUpTo: string | null;
}

const S = READ_SCHEMA;

/** `$2` and `$3` of every statement here. */
const knownValues = ({ upTo, recordedUpTo }: Known): unknown[] => [upTo.toString(), recordedUpTo];
const known = (position: string, moment: string): string =>
  `(${position} <= $2::bigint AND ($3::timestamptz IS NULL OR ${moment} <= $3::timestamptz))`;
const fact = (name: 'received' | 'reversed'): string => `
  CASE WHEN ${known(`l.${name}_position`, `l.${name}_at`)} THEN l.${name}_on::text END`;

const LINE_COLUMNS = `
  l.id, l.holding_id AS "holdingId", l.giver_id AS "giverId", l.amount_fen::text AS "amountFen",
  l.document_no AS "documentNo", l.issued_on::text AS "issuedOn",
  ${fact('received')} AS "receivedOn", ${fact('reversed')} AS "reversedOn"`;

/**
 * The lines of holdings and of everything above them. `OFFSET 0` keeps one index look-up a holding: the planner expects
 * far more of a recursion and would read the whole table for every few holdings.
 */
const LINES_ABOVE = `
  WITH RECURSIVE above (id) AS (
    SELECT one COLLATE "C" FROM unnest($1::text[]) AS one
    UNION
    SELECT l.giver_id FROM above CROSS JOIN LATERAL (
      SELECT giver_id FROM ${LINEAGE}_lines
      WHERE holding_id = above.id AND giver_id IS NOT NULL OFFSET 0) AS l
  )
  SELECT ${LINE_COLUMNS}
  FROM above CROSS JOIN LATERAL (
    SELECT * FROM ${LINEAGE}_lines WHERE holding_id = above.id OFFSET 0) AS l
  WHERE ${known('l.issued_position', 'l.issued_at')}`;

const FIRST_LINES = `
  SELECT ${LINE_COLUMNS} FROM ${LINEAGE}_lines l
  WHERE l.id = ANY ($1::text[]) AND ${known('l.issued_position', 'l.issued_at')}`;

const HOLDINGS = `
  SELECT id, kind, region, fund_type AS "fundType", project_id AS "projectId"
  FROM ${S}.holdings WHERE id = ANY ($1::text[])`;

const HOLDINGS_OF_PROJECTS = `
  SELECT id, project_id AS "projectId" FROM ${LINEAGE}_holdings
  WHERE project_id = ANY ($1::text[])`;

/** A row a holding, its days as one text: a row a day costs the driver more than the rules. */
const DAYS = `
  SELECT "holdingId", string_agg(day || ' ' || delta, ' ' ORDER BY day) AS days
  FROM (
    SELECT holding_id AS "holdingId", occurred_on AS day,
      sum(amount_in_fen - passed_down_fen - disbursed_fen - paid_fen - returned_up_fen) AS delta
    FROM ${LINEAGE}_days
    WHERE holding_id = ANY ($1::text[]) AND ${known('position', 'recorded_at')}
    GROUP BY holding_id, occurred_on) AS daily
  GROUP BY "holdingId"`;

const PROJECTS = `
  SELECT id, county,
    CASE WHEN $3::timestamptz IS NULL OR accepted_at <= $3::timestamptz THEN accepted_on::text END
      AS "acceptedOn",
    CASE WHEN $3::timestamptz IS NULL OR closed_at <= $3::timestamptz THEN closed_on::text END
      AS "closedOn"
  FROM ${S}.projects
  WHERE id = ANY ($1::text[]) AND ${known('position', 'registered_at')}`;

/** A project knows the moments of its dates and not their positions: these were recorded later than asked for. */
const LATER_PROJECT_DATES = `
  SELECT project_id AS id, kind FROM ${LINEAGE}_movements
  WHERE position > $2::bigint AND kind IN (${FINISHED_KINDS.join(', ')})
    AND project_id = ANY ($1::text[])`;

const LIMITS = `
  SELECT rule, region, fund_types AS "fundTypes", valid_from::text AS "validFrom",
    limit_days AS "limitDays"
  FROM ${S}.rule_limits
  WHERE $1::text IS NULL AND ${known('position', 'recorded_at')} ORDER BY position`;

interface StoredLine extends Omit<LineFacts, 'amountFen'> {
  readonly holdingId: string;
  readonly giverId: string | null;
  readonly amountFen: string;
}

interface StoredHolding {
  readonly id: string;
  readonly kind: HoldingFacts['kind'];
  readonly region: RegionCode;
  readonly fundType: string;
}

const amount = (text: string): Fen => fen(BigInt(text));

const lineFacts = ({ holdingId: _holding, giverId: _giver, ...line }: StoredLine): LineFacts => ({
  ...line,
  amountFen: amount(line.amountFen),
});

/** Groups by a key, in the order the rows came. */
function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

async function deltasOf(
  run: Run,
  ids: readonly string[],
  upTo: Known,
): Promise<Map<string, DayDelta[]>> {
  const rows = await run<{ holdingId: string; days: string }>(DAYS, [ids, ...knownValues(upTo)]);
  return new Map(rows.map(({ holdingId, days }) => [holdingId, deltasIn(days)]));
}

/** Day and change in turn. */
function deltasIn(text: string): DayDelta[] {
  const parts = text.split(' ');
  const deltas: DayDelta[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    deltas.push({ day: parts[at] as Day, deltaFen: amount(parts[at + 1] as string) });
  }
  return deltas;
}

const ageLine = (line: StoredLine): AgeLine => ({
  first: line.id === line.holdingId,
  giverId: line.giverId,
  issuedOn: line.issuedOn,
  receivedOn: line.receivedOn,
  reversedOn: line.reversedOn,
});

async function linesAbove(
  run: Run,
  ids: readonly string[],
  upTo: Known,
): Promise<Map<string, StoredLine[]>> {
  const rows = await run<StoredLine>(LINES_ABOVE, [ids, ...knownValues(upTo)]);
  return grouped(rows, (line) => line.holdingId);
}

/**
 * The lines of holdings and of everything above them, by holding, as `rules/age` asks for them. Lines of one holding in
 * no order.
 */
export async function loadAgeLines(
  run: Run,
  ids: readonly string[],
  upTo: Known,
): Promise<Map<string, AgeLine[]>> {
  const lines = await linesAbove(run, ids, upTo);
  return new Map(Array.from(lines, ([id, own]) => [id, own.map(ageLine)]));
}

function originsFrom(
  ids: readonly string[],
  lines: ReadonlyMap<string, readonly StoredLine[]>,
): Map<string, Origins> {
  const memo = new Map<string, Origins>();
  for (const id of ids) originsOf(id, (holdingId) => lines.get(holdingId)?.map(ageLine), memo);
  return memo;
}

/** The facts of holdings, in no order; a holding nobody knew of at that point is left out. */
export async function loadHoldings(
  run: Run,
  ids: readonly string[],
  upTo: Known,
): Promise<HoldingFacts[]> {
  if (ids.length === 0) return [];
  const holdings = await run<StoredHolding>(HOLDINGS, [ids]);
  const lines = await linesAbove(run, ids, upTo);
  const deltas = await deltasOf(run, ids, upTo);
  const there = holdings.filter(({ id }) => lines.get(id)?.some((line) => line.id === id));
  const origins = originsFrom(
    there.map(({ id }) => id),
    lines,
  );
  return there.map(({ id, kind, region, fundType }) => {
    const own = lines.get(id) as StoredLine[];
    const supplements = own.filter((line) => line.id !== id);
    return {
      subject: 'holding',
      id,
      kind,
      region,
      fundType,
      firstLine: lineFacts(own.find((line) => line.id === id) as StoredLine),
      supplements: supplements.map(lineFacts).sort((a, b) => (a.id < b.id ? -1 : 1)),
      balances: runningBalances(deltas.get(id) ?? []),
      origins: origins.get(id) as Origins,
    };
  });
}

interface StoredProject {
  readonly id: string;
  readonly county: RegionCode;
  readonly acceptedOn: Day | null;
  readonly closedOn: Day | null;
}

/** The facts of projects, in no order; a project nobody knew of at that point is left out. */
export async function loadProjects(
  run: Run,
  ids: readonly string[],
  upTo: Known,
): Promise<ProjectFacts[]> {
  if (ids.length === 0) return [];
  const projects = await datedProjects(run, ids, upTo);
  const members = await run<{ id: string; projectId: string }>(HOLDINGS_OF_PROJECTS, [ids]);
  const memberIds = members.map(({ id }) => id);
  const firstLines = await run<StoredLine>(FIRST_LINES, [memberIds, ...knownValues(upTo)]);
  const lineOf = new Map(firstLines.map((line) => [line.id, lineFacts(line)]));
  const deltas = await deltasOf(run, memberIds, upTo);
  const byProject = grouped(members, ({ projectId }) => projectId);
  return projects.map((project) => ({
    subject: 'project',
    ...project,
    holdings: (byProject.get(project.id) ?? []).flatMap(({ id }) => {
      const firstLine = lineOf.get(id);
      return firstLine ? [{ id, firstLine, balances: runningBalances(deltas.get(id) ?? []) }] : [];
    }),
  }));
}

async function datedProjects(
  run: Run,
  ids: readonly string[],
  upTo: Known,
): Promise<StoredProject[]> {
  const projects = await run<StoredProject>(PROJECTS, [ids, ...knownValues(upTo)]);
  const [accepted, closed] = FINISHED_KINDS;
  const position = upTo.upTo.toString();
  const later = await run<{ id: string; kind: number }>(LATER_PROJECT_DATES, [ids, position]);
  const isLater = (id: string, code: number): boolean =>
    later.some((date) => date.id === id && date.kind === code);
  return projects.map(({ id, county, acceptedOn, closedOn }) => ({
    id,
    county,
    acceptedOn: isLater(id, accepted) ? null : acceptedOn,
    closedOn: isLater(id, closed) ? null : closedOn,
  }));
}

/** All limits ever set, in order of record. */
export async function loadLimits(run: Run, upTo: Known): Promise<LimitBook> {
  return new LimitBook(await run<LimitSetting>(LIMITS, [null, ...knownValues(upTo)]));
}
