import { CENTRE, countyKey, type RegionCode } from '@fundflow/domain/region';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import { rangeOf } from './region-range.js';
import { momentText, seenRow, type Snapshot, type Value } from './snapshot.js';
import type { TrailRow } from './trail-entry.js';

/** Which entries of a trail. */
export interface TrailPlace {
  readonly region: RegionCode;
  readonly from: string | null;
  readonly to: string | null;
  /** Only entries behind this one. */
  readonly behind: { readonly on: string; readonly position: number } | null;
}

const COLUMNS = `
  m.position, m.event_id AS "eventId", m.kind, m.occurred_on::text AS "occurredOn",
  ${momentText('m.recorded_at')} AS "recordedAt", m.record_id AS "recordId",
  m.holding_id AS "holdingId", m.project_id AS "projectId", m.amount_fen::text AS "amountFen",
  m.giver_region AS "giverRegion", m.holding_region AS "holdingRegion",
  m.document_no AS "documentNo", m.voucher_no AS "voucherNo", m.counterparty, m.personal, m.actor,
  m.reversal_of AS "reversalOf"`;

/** Counties of a city are merged in their order; beyond it the index over all days is the shorter way. */
const MERGED_MAX = 40;

/** Entries in the order of the trail, each once, at most `limit`. */
export async function readTrail(
  snapshot: Snapshot,
  place: TrailPlace,
  limit: number,
): Promise<TrailRow[]> {
  const { region } = place;
  const values: Value[] = [limit, place.from, place.to, place.behind?.on ?? null];
  values.push(place.behind?.position ?? null);
  if (region.length > 4 && region !== CENTRE) {
    const own = countyKey(region) as string;
    if (region === own) return snapshot.ask(oneCounty(place), [...values, own]);
    const { from, below } = rangeOf(region);
    return snapshot.ask(oneCounty(place, PLACE_FILTER), [
      ...values,
      own,
      from,
      below,
      `%,${region}%`,
    ]);
  }
  const { from, below } = rangeOf(region);
  const keys = region.length === 4 ? await keysIn(snapshot, from, below) : null;
  if (keys && keys.length <= MERGED_MAX) {
    return keys.length === 0 ? [] : snapshot.ask(merged(place, keys.length), [...values, ...keys]);
  }
  return snapshot.ask(allDays(place), [...values, from, below]);
}

/** What is missing is no condition: one plan serves all questions of a form, and each form goes by its index. */
const which = ({ from, to, behind }: TrailPlace): string => `
  ${seenRow('m')}
  AND ${from === null ? '$5::date IS NULL' : 'm.occurred_on >= $5::date'}
  AND ${to === null ? '$6::date IS NULL' : 'm.occurred_on <= $6::date'}
  AND ${
    behind === null
      ? '($7::date IS NULL AND $8::bigint IS NULL)'
      : '(m.occurred_on, m.position) > ($7::date, $8::bigint)'
  }`;

/** The township or village itself: named as a holding's region or as a place of its own. */
const PLACE_FILTER = `
  AND (m.giver_region >= $10::text AND m.giver_region < $11::text
    OR m.holding_region >= $10::text AND m.holding_region < $11::text OR m.places LIKE $12::text)`;

const oneCounty = (place: TrailPlace, filter = ''): string => `
  SELECT ${COLUMNS} FROM ${READ_SCHEMA}.movements m
  WHERE m.county_key = $9::text AND ${which(place)} ${filter}
  ORDER BY m.occurred_on, m.position LIMIT $4::bigint`;

/** A record between two counties has a row in each: sorted by position the two lie side by side. */
const distinct = (from: string): string => `
  SELECT DISTINCT ON (m.occurred_on, m.position) ${COLUMNS} FROM ${from} m
  ORDER BY m.occurred_on, m.position LIMIT $4::bigint`;

const merged = (place: TrailPlace, counties: number): string =>
  distinct(
    `(${Array.from(
      { length: counties },
      // Each in its own order, no further than the page: left to choose, the planner sorts the whole city.
      (_, at) => `
    (SELECT * FROM ${READ_SCHEMA}.movements m WHERE m.county_key = $${at + 9}::text AND ${which(place)}
     ORDER BY m.occurred_on, m.position LIMIT $4::bigint)`,
    ).join(' UNION ALL ')})`,
  );

const allDays = (place: TrailPlace): string =>
  distinct(`(
  SELECT * FROM ${READ_SCHEMA}.movements m
  WHERE m.county_key >= $9::text AND m.county_key < $10::text AND ${which(place)})`);

/** County keys that have entries, from one index entry to the next. */
const KEYS = `
  WITH RECURSIVE keys (key) AS (
    (SELECT county_key FROM ${READ_SCHEMA}.movements
     WHERE county_key >= $1::text AND county_key < $2::text ORDER BY county_key LIMIT 1)
    UNION ALL
    SELECT (SELECT m.county_key FROM ${READ_SCHEMA}.movements m
            WHERE m.county_key > keys.key AND m.county_key < $2::text
            ORDER BY m.county_key LIMIT 1)
    FROM keys WHERE keys.key IS NOT NULL
  )
  SELECT key FROM keys WHERE key IS NOT NULL LIMIT ${MERGED_MAX + 1}`;

async function keysIn(snapshot: Snapshot, from: string, below: string): Promise<string[]> {
  const rows = await snapshot.run<{ key: string }>(KEYS, [from, below]);
  return rows.map(({ key }) => key);
}
