import type { ClientBase } from 'pg';
import { differences } from './checksums.js';
import { readCheckpoint } from '../follow/page-writer.js';
import { READ_SCHEMA } from '../read-table.js';
import { sqlStateOf } from './sql-state.js';
import { checksumsInService, type ReplaySettings, type Shadow, withShadow } from './shadow.js';

const NEXT_SCHEMA = `${READ_SCHEMA}_next`;
/** The copy that was in service before the last rebuild. */
export const PREVIOUS_SCHEMA = `${READ_SCHEMA}_previous`;
const VERIFY_SCHEMA = `${READ_SCHEMA}_verify`;

/** Readers hold their place for milliseconds; one that takes longer must not hold up everybody behind the swap. */
const SWAP_WAIT_MS = 2_000;
const SWAP_TRIES_MAX = 30;

const [LOCK_TIMED_OUT, NO_SCHEMA, NO_TABLE] = ['55P03', '3F000', '42P01'];

export interface Comparison {
  /** The position at which the two copies were compared. */
  readonly position: bigint;
  /** Tables that said something else than the log does; null: they could not be compared. */
  readonly differences: readonly string[] | null;
}

/**
 * Folds the whole log into tables beside those in service, compares the two, and puts the new ones in service in one
 * transaction. Questions are answered all the time. The copy that was in service stays for `restorePrevious`; the one
 * before it is dropped.
 *
 * Tables that differ are put in service all the same: they say what the log says. The answer names them.
 *
 * @throws ReplayRunning, ReplayStopped; the tables in service are untouched then
 */
export function rebuild(settings: ReplaySettings): Promise<Comparison> {
  return withShadow(settings, NEXT_SCHEMA, async (shadow, client) => {
    const compared = await compare(shadow, client);
    await shadow.foldTo(await settings.store.head(), 'folding');
    await shadow.index();
    await shadow.foldTo(null, 'catching-up');
    for (let tries = 1; ; tries += 1) {
      if (await swap(shadow, client)) return compared;
      if (tries === SWAP_TRIES_MAX) throw new TablesBusy();
      await shadow.foldTo(null, 'catching-up');
    }
  });
}

/**
 * Replays the log beside the tables in service, up to where they are, and compares. Changes nothing.
 *
 * @throws ReplayRunning, ReplayStopped
 */
export function verifyProjections(settings: ReplaySettings): Promise<Comparison> {
  return withShadow(settings, VERIFY_SCHEMA, (shadow, client) => compare(shadow, client));
}

async function compare(shadow: Shadow, client: ClientBase): Promise<Comparison> {
  shadow.report('checksums');
  const inService = await checksumsInService(client);
  if (!inService) return { position: 0n, differences: null };
  await shadow.foldTo(inService.position, 'folding');
  shadow.report('checksums');
  const folded = await shadow.checksums();
  return { position: inService.position, differences: differences(folded, inService) };
}

/**
 * @returns false when readers did not let go of the old tables in time; nothing was changed
 */
async function swap(shadow: Shadow, client: ClientBase): Promise<boolean> {
  shadow.report('swapping');
  await client.query(`BEGIN; SET LOCAL lock_timeout TO ${SWAP_WAIT_MS}`);
  try {
    // Nobody moves the tables in service from here on; the shadow draws level with them.
    await client.query(`SELECT 1 FROM ${READ_SCHEMA}.checkpoint FOR UPDATE`);
    const { position } = await readCheckpoint(client, READ_SCHEMA);
    if (shadow.position < position) await shadow.foldTo(position, 'catching-up');
    // Every question reads the checkpoint first: this waits until those under way are answered.
    await client.query(`LOCK TABLE ${READ_SCHEMA}.checkpoint IN ACCESS EXCLUSIVE MODE`);
    await client.query(`
      UPDATE ${READ_SCHEMA}.checkpoint SET retired = true;
      DROP SCHEMA IF EXISTS ${PREVIOUS_SCHEMA} CASCADE;
      ALTER SCHEMA ${READ_SCHEMA} RENAME TO ${PREVIOUS_SCHEMA};
      ALTER SCHEMA ${NEXT_SCHEMA} RENAME TO ${READ_SCHEMA};
      COMMIT`);
    return true;
  } catch (error) {
    await client.query('ROLLBACK');
    if (sqlStateOf(error) === LOCK_TIMED_OUT) return false;
    throw error;
  }
}

const columnsOf = (schema: string): string => `
  SELECT c.relname || '.' || a.attname AS name
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind IN ('r', 'v')
    AND a.attnum > 0 AND NOT a.attisdropped`;
const LACKING = `${columnsOf(READ_SCHEMA)} EXCEPT ${columnsOf(PREVIOUS_SCHEMA)} ORDER BY name`;

/** Questions did not let go of the tables for long enough to exchange them; nothing was changed. */
export class TablesBusy extends Error {
  override readonly name = 'TablesBusy';
  constructor() {
    super('查询表一直在被查询，未能切换；仍用原来的表，请稍后再试。');
  }
}

/** The tables in service are the first ones: no copy was kept. */
export class NoPreviousTables extends Error {
  override readonly name = 'NoPreviousTables';
  constructor() {
    super('没有上次重建之前的查询表：尚未重建过。');
  }
}

/** The copy kept from before lacks tables, views or columns of those in service: it was made by an older version. */
export class PreviousTooOld extends Error {
  override readonly name = 'PreviousTooOld';
  constructor(lacking: readonly string[]) {
    super(`上次重建之前的查询表出自较早的版本，缺少 ${lacking.join('、')}；请改为重建。`);
  }
}

/**
 * Puts the copy that was in service before the last rebuild back; the follower goes on from where it was. The two
 * change places, so doing it again undoes it.
 *
 * @throws PreviousTooOld when it was made before an upgrade, and lacks what is read today; nothing was changed then
 * @throws NoPreviousTables, TablesBusy likewise
 */
export async function restorePrevious(settings: Pick<ReplaySettings, 'pool'>): Promise<void> {
  const client = await settings.pool.connect();
  const aside = `${READ_SCHEMA}_aside`;
  try {
    await client.query(`
      BEGIN;
      SET LOCAL lock_timeout TO ${SWAP_WAIT_MS};
      LOCK TABLE ${READ_SCHEMA}.checkpoint, ${PREVIOUS_SCHEMA}.checkpoint IN ACCESS EXCLUSIVE MODE`);
    const { rows } = await client.query<{ name: string }>(LACKING);
    if (rows.length > 0) throw new PreviousTooOld(rows.map(({ name }) => name));
    await client.query(`
      UPDATE ${READ_SCHEMA}.checkpoint SET retired = true;
      UPDATE ${PREVIOUS_SCHEMA}.checkpoint SET retired = false;
      ALTER SCHEMA ${READ_SCHEMA} RENAME TO ${aside};
      ALTER SCHEMA ${PREVIOUS_SCHEMA} RENAME TO ${READ_SCHEMA};
      ALTER SCHEMA ${aside} RENAME TO ${PREVIOUS_SCHEMA};
      COMMIT`);
  } catch (error) {
    await client.query('ROLLBACK');
    const state = sqlStateOf(error);
    if (state === NO_SCHEMA || state === NO_TABLE) throw new NoPreviousTables();
    throw state === LOCK_TIMED_OUT ? new TablesBusy() : error;
  } finally {
    client.release();
  }
}
