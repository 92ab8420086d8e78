import { type AlertSpell, alertSpells } from '@fundflow/domain/rules/alerts';
import type { Facts } from '@fundflow/domain/rules/facts';
import type { LimitBook } from '@fundflow/domain/rules/limits';
import type { Run } from '../rule-facts/table.js';
import { ALERT_SCHEMA } from './table.js';

const ALERTS = `${ALERT_SCHEMA}.alerts`;

const STANDING = `
  SELECT id, rule, subject_id AS "subjectId", subject_kind AS "subjectKind",
    owner_id AS "ownerId", region, since::text, opens_on::text AS "opensOn",
    closes_on::text AS "closesOn"
  FROM ${ALERTS} WHERE owner_id = ANY ($1::text[])`;

const REMOVE = `DELETE FROM ${ALERTS} WHERE id = ANY ($1::text[])`;

const ADD = `
  INSERT INTO ${ALERTS}
    (id, rule, subject_id, subject_kind, owner_id, region, since, opens_on, closes_on)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::date[], $8::date[], $9::date[])`;

interface OwnedSpell extends AlertSpell {
  readonly ownerId: string;
}

/** In the order of the columns. */
const cells = (spell: OwnedSpell): (string | null)[] => [
  ...[spell.id, spell.rule, spell.subjectId, spell.subjectKind, spell.ownerId, spell.region],
  ...[spell.since, spell.opensOn, spell.closesOn],
];

const sameText = (spell: OwnedSpell): string => cells(spell).join('\n');

/**
 * Makes the alerts of these owners what their facts say; owners without facts lose theirs. Writes only what differs, so
 * that doing it again does nothing.
 *
 * @returns how many rows differed
 */
export async function replaceAlerts(
  run: Run,
  ownerIds: readonly string[],
  facts: readonly Facts[],
  limits: LimitBook,
): Promise<number> {
  const due = new Map<string, OwnedSpell>();
  for (const one of facts) {
    for (const spell of alertSpells(one, limits)) due.set(spell.id, { ...spell, ownerId: one.id });
  }
  const outdated: string[] = [];
  let kept = 0;
  for (const standing of await run<OwnedSpell>(STANDING, [ownerIds])) {
    const wanted = due.get(standing.id);
    if (wanted && sameText(wanted) === sameText(standing)) {
      due.delete(standing.id);
      continue;
    }
    outdated.push(standing.id);
    if (wanted) kept += 1;
  }
  if (outdated.length > 0) await run(REMOVE, [outdated]);
  if (due.size > 0) await run(ADD, columnsOf([...due.values()].map(cells)));
  return outdated.length + due.size - kept;
}

const columnsOf = (rows: readonly (readonly (string | null)[])[]): (string | null)[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as string | null));
