import { CENTRE, liesIn, type RegionCode } from '@fundflow/domain/region';
import { type AlertSpell, alertSpells } from '@fundflow/domain/rules/alerts';
import type { Facts } from '@fundflow/domain/rules/facts';
import type { LimitBook } from '@fundflow/domain/rules/limits';
import {
  type Known,
  loadHoldings,
  loadLimits,
  loadProjects,
  type Run,
} from '@fundflow/projections/rule-facts/table';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { TouchedSubjects } from '@fundflow/projections/touched-subjects/table';
import { alertAnswer } from './alerts-answer.js';
import {
  type AlertPlace,
  type AlertsAsked,
  byPlace,
  comparePlaces,
  type PlacedAlert,
} from './alerts-list.js';
import { rangeOf } from './region-range.js';

/** Facts of so many subjects are in memory at once. */
const CHUNK_MAX = 500;

const nextIn = (table: 'holdings' | 'projects', region: 'region' | 'county'): string => `
  SELECT id FROM ${READ_SCHEMA}.${table}
  WHERE ${region} >= $1::text AND ${region} < $2::text AND id > $3::text
  ORDER BY id LIMIT ${CHUNK_MAX}`;

/** The holding a line belongs to; a holding's first line has its own id. */
const HOLDING_OF = `SELECT holding_id AS id FROM ${READ_SCHEMA}.lines WHERE id = $1::text`;

/**
 * Alerts from the facts known at a position and a moment, in order: evaluates every subject asked about, keeping no more
 * of them than a chunk and no more alerts than asked for.
 */
export async function computedAlerts(
  run: Run,
  asked: AlertsAsked,
  subjects: TouchedSubjects | 'everything',
): Promise<PlacedAlert[]> {
  const upTo: Known = { upTo: asked.upTo, recordedUpTo: asked.recordedUpTo };
  const limits = await loadLimits(run, upTo);
  const first = new First(asked.count);
  const { holdings, projects } = await chunksOf(run, asked, subjects);
  for await (const ids of holdings) {
    for (const facts of await loadHoldings(run, ids, upTo)) collect(first, asked, facts, limits);
  }
  for await (const ids of projects) {
    for (const facts of await loadProjects(run, ids, upTo)) collect(first, asked, facts, limits);
  }
  return first.sorted();
}

/** The first so many in the order of the list. */
class First {
  #found: PlacedAlert[] = [];
  /** So many are known to come before this place. */
  #behind: AlertPlace | null = null;

  constructor(private readonly count: number) {}

  /** Whether something at this place could still be among them. */
  takes(place: AlertPlace): boolean {
    return this.#behind === null || comparePlaces(place, this.#behind) < 0;
  }

  add(alert: PlacedAlert): void {
    this.#found.push(alert);
    if (this.#found.length < 2 * this.count) return;
    this.#found = this.sorted();
    this.#behind = this.#found.at(-1)?.place ?? null;
  }

  sorted(): PlacedAlert[] {
    return this.#found.sort(byPlace).slice(0, this.count);
  }
}

function collect(first: First, asked: AlertsAsked, facts: Facts, limits: LimitBook): void {
  for (const spell of alertSpells(facts, limits)) {
    if (!isAsked(asked, spell) || !first.takes(spell)) continue;
    const { since, id } = spell;
    first.add({ place: { since, id }, alert: alertAnswer(spell, asked.asOf, facts, limits) });
  }
}

function isAsked({ filter, asOf, after }: AlertsAsked, spell: AlertSpell): boolean {
  const { county, rule, status, subjectId } = filter;
  const closed = spell.closesOn !== null && spell.closesOn <= asOf;
  return (
    spell.opensOn <= asOf &&
    (status === 'all' || (status === 'closed') === closed) &&
    (county === null || liesIn(spell.region, county)) &&
    (rule === null || spell.rule === rule) &&
    (subjectId === null || spell.subjectId === subjectId) &&
    (after === null || comparePlaces(spell, after) > 0)
  );
}

type Chunks = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

async function chunksOf(
  run: Run,
  { filter }: AlertsAsked,
  subjects: TouchedSubjects | 'everything',
): Promise<{ readonly holdings: Chunks; readonly projects: Chunks }> {
  const { subjectId } = filter;
  if (subjectId !== null) {
    const owners = (await run<{ id: string }>(HOLDING_OF, [subjectId])).map(({ id }) => id);
    const touched = (ids: readonly string[], among: readonly string[] | null): string[] =>
      ids.filter((id) => among === null || among.includes(id));
    const among = subjects === 'everything' ? null : subjects;
    return {
      holdings: [touched(owners, among?.holdings ?? null)],
      projects: [touched([subjectId], among?.projects ?? null)],
    };
  }
  if (subjects !== 'everything') {
    return { holdings: chunked(subjects.holdings), projects: chunked(subjects.projects) };
  }
  const region = filter.county ?? CENTRE;
  return {
    holdings: pages(run, nextIn('holdings', 'region'), region),
    projects: pages(run, nextIn('projects', 'county'), region),
  };
}

async function* pages(
  run: Run,
  sql: string,
  region: RegionCode,
): AsyncGenerator<readonly string[]> {
  const { from, below } = rangeOf(region);
  let last = '';
  for (;;) {
    const ids = (await run<{ id: string }>(sql, [from, below, last])).map(({ id }) => id);
    if (ids.length === 0) return;
    yield ids;
    last = ids.at(-1) as string;
  }
}

function* chunked(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += CHUNK_MAX) yield ids.slice(at, at + CHUNK_MAX);
}
