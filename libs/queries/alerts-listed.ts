import type { AlertSpell } from '@fundflow/domain/rules/alerts';
import { CENTRE } from '@fundflow/domain/region';
import { ALERT_SCHEMA } from '@fundflow/projections/alerts/table';
import {
  type Known,
  loadHoldings,
  loadLimits,
  loadProjects,
  type Run,
} from '@fundflow/projections/rule-facts/table';
import { alertAnswer } from './alerts-answer.js';
import type { AlertFilter, AlertsAsked, PlacedAlert } from './alerts-list.js';
import { rangeOf } from './region-range.js';

/** Of the spells that opened by the day; $1 is the day. The expression is that of the index. */
const STATUS: Readonly<Record<AlertFilter['status'], string>> = {
  open: "coalesce(closes_on, 'infinity') > $1::date",
  closed: "coalesce(closes_on, 'infinity') <= $1::date",
  all: 'true',
};

interface ListedSpell extends AlertSpell {
  readonly ownerId: string;
}

/** A province: its spells are too many to sort all of them for a page. */
const SORTED_FROM_DIGITS = 4;

/** Only the conditions asked for: the planner chooses by them. */
function statement({ filter, asOf, after, count }: AlertsAsked, without: readonly string[]) {
  const values: unknown[] = [asOf, count];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const conditions = ['opens_on <= $1::date', STATUS[filter.status]];
  const county = filter.county === CENTRE ? null : filter.county;
  if (county !== null) {
    const { from, below } = rangeOf(county);
    conditions.push(`region >= ${value(from)}::text AND region < ${value(below)}::text`);
  }
  if (filter.rule !== null) conditions.push(`rule = ${value(filter.rule)}::text`);
  if (filter.subjectId !== null) conditions.push(`subject_id = ${value(filter.subjectId)}::text`);
  if (without.length > 0) conditions.push(`owner_id <> ALL (${value(without)}::text[])`);
  if (after) {
    conditions.push(`(since, id) > (${value(after.since)}::date, ${value(after.id)}::text)`);
  }
  const few = county !== null && county.length >= SORTED_FROM_DIGITS;
  const sql = `
    WITH due AS ${few ? 'MATERIALIZED' : 'NOT MATERIALIZED'} (
      SELECT * FROM ${ALERT_SCHEMA}.alerts WHERE ${conditions.join(' AND ')})
    SELECT id, rule, subject_id AS "subjectId", subject_kind AS "subjectKind",
      owner_id AS "ownerId", region, since::text, opens_on::text AS "opensOn",
      closes_on::text AS "closesOn"
    FROM due ORDER BY due.since, due.id LIMIT $2::bigint`;
  return { sql, values };
}

/**
 * Alerts from the spells computed ahead, in order; `asked.upTo` is their checkpoint, or no fact of these subjects was
 * recorded between the two.
 *
 * @param without owners to leave out
 */
export async function listedAlerts(
  run: Run,
  asked: AlertsAsked,
  without: readonly string[],
): Promise<PlacedAlert[]> {
  const { sql, values } = statement(asked, without);
  const spells = await run<ListedSpell>(sql, values);
  if (spells.length === 0) return [];
  const upTo: Known = { upTo: asked.upTo, recordedUpTo: asked.recordedUpTo };
  const owners = (ofProjects: boolean): string[] => [
    ...new Set(
      spells
        .filter(({ subjectKind }) => (subjectKind === 'project') === ofProjects)
        .map(({ ownerId }) => ownerId),
    ),
  ];
  const limits = await loadLimits(run, upTo);
  const facts = [
    ...(await loadHoldings(run, owners(false), upTo)),
    ...(await loadProjects(run, owners(true), upTo)),
  ];
  const factsOf = new Map(facts.map((one) => [one.id, one]));
  return spells.map((spell) => {
    const own = factsOf.get(spell.ownerId);
    if (!own) throw new Error(`alert ${spell.id} is about ${spell.ownerId}, which has no facts`);
    const { since, id } = spell;
    return { place: { since, id }, alert: alertAnswer(spell, asked.asOf, own, limits) };
  });
}
