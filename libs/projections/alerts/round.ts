import type { ClientBase } from 'pg';
import { CHECKPOINT_NAME } from '../checkpoint/table.js';
import { FINISHED_KINDS } from '../movements/table.js';
import { READ_SCHEMA } from '../read-table.js';
import {
  type Known,
  loadHoldings,
  loadLimits,
  loadProjects,
  type Run,
} from '../rule-facts/table.js';
import { touchedSubjects } from '../touched-subjects/table.js';
import { replaceAlerts } from './replace.js';
import { ALERT_CHECKPOINT_NAME, ALERT_SCHEMA } from './table.js';

/** What a round did: the alerts reflect `position` afterwards. */
export interface AlertRound {
  readonly outcome: 'advanced' | 'up-to-date' | 'overtaken';
  readonly position: bigint;
  /** Holdings and projects looked at. */
  readonly subjects: number;
  /** Rows of alerts that differed. */
  readonly changed: number;
}

/** Facts of so many subjects are in memory at once. */
const CHUNK_MAX = 500;

const S = READ_SCHEMA;
const CHECKPOINT = `${ALERT_SCHEMA}.alert_checkpoint`;

/**
 * The two positions, and the identity of the tables. A rebuild renames schemas: a statement after the swap finds the new
 * tables by name, with rows an older transaction does not see. The object id tells. It is read before the transaction
 * begins, which then holds no lock on the checkpoint: a long round does not keep a rebuild from swapping.
 */
const POSITIONS = `
  SELECT r.position::text AS "upTo", r.generation, a.position::text AS after,
    coalesce(a.generation = r.generation, false) AS "sameCopy",
    '${S}.holding_days'::regclass::oid::text AS tables
  FROM ${S}.checkpoint r, ${CHECKPOINT} a
  WHERE r.name = '${CHECKPOINT_NAME}' AND a.name = '${ALERT_CHECKPOINT_NAME}'`;

const TABLES_NOW = `SELECT '${S}.holding_days'::regclass::oid::text AS tables`;

/** Moved first: the row is the lock under which one of several processes works. */
const MOVE = `
  UPDATE ${CHECKPOINT} SET position = $1, generation = $2,
    latest_recorded_at = greatest(
      CASE WHEN generation = $2 THEN latest_recorded_at END,
      (SELECT max(recorded_at) FROM ${S}.holding_days WHERE position > $3::bigint),
      (SELECT max(recorded_at) FROM ${S}.rule_limits WHERE position > $3::bigint),
      (SELECT max(recorded_at) FROM ${S}.movements
       WHERE position > $3::bigint AND kind IN (${FINISHED_KINDS.join(', ')})))
  WHERE name = '${ALERT_CHECKPOINT_NAME}' AND position = $4::bigint
    AND coalesce(generation = $2, false) = $5::boolean
  RETURNING name`;

const STANDS_AT = `
  SELECT name FROM ${CHECKPOINT}
  WHERE name = '${ALERT_CHECKPOINT_NAME}' AND position = $1::bigint AND generation = $2::uuid`;

const NEXT_HOLDINGS = `
  SELECT id FROM ${S}.holdings WHERE id > $1 COLLATE "C" ORDER BY id LIMIT ${CHUNK_MAX}`;
const NEXT_PROJECTS = `
  SELECT id FROM ${S}.projects WHERE id > $1 COLLATE "C" ORDER BY id LIMIT ${CHUNK_MAX}`;

const ORPHANS = `
  DELETE FROM ${ALERT_SCHEMA}.alerts a WHERE NOT EXISTS (
    SELECT FROM ${S}.holdings h WHERE h.id = a.owner_id AND a.subject_kind <> 'project'
    UNION ALL
    SELECT FROM ${S}.projects p WHERE p.id = a.owner_id AND a.subject_kind = 'project')
  RETURNING id`;

interface Positions {
  readonly upTo: string;
  readonly generation: string;
  readonly after: string;
  readonly sameCopy: boolean;
  readonly tables: string;
}

/**
 * Brings the alerts to where the read model is, in one transaction: each touched subject is looked at once, however far
 * behind the alerts are. With another generation of the read model, or with `everything`, all subjects are.
 *
 * @param client idle; is idle again afterwards
 * @throws whatever the database says; nothing was written then
 */
export async function alertRound(
  client: ClientBase,
  { everything = false }: { readonly everything?: boolean } = {},
): Promise<AlertRound> {
  const run: Run = async (sql, values) => (await client.query(sql, values)).rows;
  const positions = await positionsOf(run);
  const { upTo, generation, after, sameCopy } = positions;
  const position = BigInt(upTo);
  if (sameCopy && after === upTo && !everything) {
    return { outcome: 'up-to-date', position, subjects: 0, changed: 0 };
  }
  const all = everything || !sameCopy;
  const done = await transaction(client, positions, 'COMMIT', async () => {
    const moved = await run(MOVE, [upTo, generation, sameCopy ? after : '0', after, sameCopy]);
    if (moved.length === 0) return null;
    const touched = all ? 'everything' : await touchedSubjects(run, BigInt(after), position);
    if (touched === 'everything') return replaceAll(run, position);
    return replaceEach(run, position, touched);
  });
  return done ? { outcome: 'advanced', position, ...done } : OVERTAKEN;
}

const OVERTAKEN: AlertRound = { outcome: 'overtaken', position: 0n, subjects: 0, changed: 0 };

export interface AlertComparison {
  /** The position for which the alerts were compared. */
  readonly position: bigint;
  /** Rows that differ from what the facts say; null: they could not be compared, now or with these tables. */
  readonly differing: number | null;
}

/** Computes all alerts from the read model as it was at their position, and compares. Changes nothing. */
export async function verifyAlerts(client: ClientBase): Promise<AlertComparison> {
  const run: Run = async (sql, values) => (await client.query(sql, values)).rows;
  const positions = await positionsOf(run);
  const position = BigInt(positions.after);
  if (!positions.sameCopy) return { position, differing: null };
  const done = await transaction(client, positions, 'ROLLBACK', async () => {
    const there = await run(STANDS_AT, [positions.after, positions.generation]);
    return there.length > 0 ? replaceAll(run, position) : null;
  });
  return { position, differing: done?.changed ?? null };
}

async function positionsOf(run: Run): Promise<Positions> {
  const [positions] = await run<Positions>(POSITIONS, []);
  if (!positions) throw new Error('the read model or the alerts have no checkpoint');
  return positions;
}

/** Null: somebody else moved the checkpoint, or the read tables are others meanwhile; nothing was written. */
async function transaction(
  client: ClientBase,
  { tables }: Positions,
  end: 'COMMIT' | 'ROLLBACK',
  work: () => Promise<Done | null>,
): Promise<Done | null> {
  try {
    await client.query(
      'BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL synchronous_commit TO off',
    );
    const done = await work();
    const now = await client.query<{ tables: string }>(TABLES_NOW);
    const kept = done !== null && now.rows[0]?.tables === tables;
    await client.query(kept ? end : 'ROLLBACK');
    return kept ? done : null;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === SERIALIZATION_FAILURE) return null;
    throw error;
  }
}

/** Somebody else moved the checkpoint after this transaction began. */
const SERIALIZATION_FAILURE = '40001';

interface Done {
  readonly subjects: number;
  readonly changed: number;
}

type Chunks = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

async function replaceAll(run: Run, position: bigint): Promise<Done> {
  const chunks = { holdings: pages(run, NEXT_HOLDINGS), projects: pages(run, NEXT_PROJECTS) };
  const done = await replace(run, position, chunks);
  const orphans = await run(ORPHANS, []);
  return { ...done, changed: done.changed + orphans.length };
}

const replaceEach = (
  run: Run,
  position: bigint,
  touched: { readonly holdings: readonly string[]; readonly projects: readonly string[] },
): Promise<Done> =>
  replace(run, position, {
    holdings: chunked(touched.holdings),
    projects: chunked(touched.projects),
  });

async function replace(
  run: Run,
  position: bigint,
  chunks: { readonly holdings: Chunks; readonly projects: Chunks },
): Promise<Done> {
  const upTo: Known = { upTo: position, recordedUpTo: null };
  const limits = await loadLimits(run, upTo);
  let [subjects, changed] = [0, 0];
  for await (const ids of chunks.holdings) {
    changed += await replaceAlerts(run, ids, await loadHoldings(run, ids, upTo), limits);
    subjects += ids.length;
  }
  for await (const ids of chunks.projects) {
    changed += await replaceAlerts(run, ids, await loadProjects(run, ids, upTo), limits);
    subjects += ids.length;
  }
  return { subjects, changed };
}

async function* pages(run: Run, sql: string): AsyncGenerator<readonly string[]> {
  let last = '';
  for (;;) {
    const ids = (await run<{ id: string }>(sql, [last])).map(({ id }) => id);
    if (ids.length === 0) return;
    yield ids;
    last = ids.at(-1) as string;
  }
}

function* chunked(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += CHUNK_MAX) yield ids.slice(at, at + CHUNK_MAX);
}
