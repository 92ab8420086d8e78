import type { EventStore } from '@fundflow/event-store/event-store';
import type { ClientBase, Pool } from 'pg';
import { CatchUp } from '../follow/catch-up.js';
import { type Checksums, checksumsOf } from './checksums.js';
import type { FoldFailure } from '../follow/fold-page.js';
import { sqlStateOf } from './sql-state.js';
import type { Projection } from '../projection.js';
import { LINEAGE_NAMES, LINEAGE_VIEWS } from '../lineage.js';
import { copyPolicies } from '../protection.js';
import { CHECKPOINT_BEGIN, projections as allProjections, readTables } from '../read-model.js';
import { READ_SCHEMA } from '../read-table.js';

export interface ReplaySettings {
  readonly store: Pick<EventStore, 'readRecordBytes' | 'head'>;
  readonly pool: Pool;
  readonly projections?: readonly Projection[];
  readonly pageSizeMax?: number;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  readonly stage: 'checksums' | 'folding' | 'indexing' | 'catching-up' | 'swapping';
  /** How far the shadow reflects the log, and how far it goes at the moment. */
  readonly position: bigint;
  readonly head: bigint;
}

/** An event of the log cannot be folded; the tables in service were not touched. */
class ReplayStopped extends Error {
  override readonly name = 'ReplayStopped';
  constructor(readonly failure: FoldFailure) {
    super(`重放停在账本第 ${failure.position} 条记录之前，不能处理这条记录：${failure.message}`);
  }
}

/** Another rebuild or verification of this database is under way. */
class ReplayRunning extends Error {
  override readonly name = 'ReplayRunning';
}

const REPLAY_LOCK = 12317_0002;

/** A second copy of the tables, folded from position 0. One at a time in a database. */
export interface Shadow {
  readonly position: bigint;
  /** Folds up to a position, or to the end of the log. */
  foldTo(upTo: bigint | null, stage: ReplayProgress['stage']): Promise<void>;
  checksums(): Promise<Checksums>;
  /** Makes the indexes and the statistics the planner needs. */
  index(): Promise<void>;
  report(stage: ReplayProgress['stage'], head?: bigint): void;
}

/**
 * Makes an empty shadow in `schema` and hands it to `work`. What is left of the shadow afterwards is dropped, unless
 * `work` renamed it.
 *
 * @throws ReplayRunning when another one is under way
 */
export async function withShadow<T>(
  settings: ReplaySettings,
  schema: string,
  work: (shadow: Shadow, client: ClientBase) => Promise<T>,
): Promise<T> {
  const client = await settings.pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS locked',
      [REPLAY_LOCK],
    );
    if (!rows[0]?.locked) throw new ReplayRunning('另一次重建或核验正在进行，请等它结束后再试。');
    try {
      await createShadow(client, schema);
      return await work(shadowIn(settings, schema, client), client);
    } finally {
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await client.query('SELECT pg_advisory_unlock($1)', [REPLAY_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function createShadow(client: ClientBase, schema: string): Promise<void> {
  await client.query(`
    BEGIN;
    DROP SCHEMA IF EXISTS ${schema} CASCADE;
    CREATE SCHEMA ${schema};
    SET LOCAL search_path TO ${schema};
    ${readTables.map(({ create }) => create).join(';')};
    ${LINEAGE_VIEWS.join(';')};
    ${CHECKPOINT_BEGIN};
    COMMIT`);
  await copyGrants(client, schema);
  await copyPolicies(client, schema);
}

/** Whoever may read the tables in service may read these. */
async function copyGrants(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ grant: string }>(
    `SELECT format('GRANT %s ON SCHEMA %I TO %I', a.privilege_type, $2::text, r.rolname) AS grant
     FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = $1 AND a.grantee <> n.nspowner
     UNION ALL
     SELECT format('GRANT %s ON %I.%I TO %I', a.privilege_type, $2::text, c.relname, r.rolname)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
     JOIN pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'v') AND c.relname = ANY ($3::text[])
       AND a.grantee <> c.relowner`,
    [READ_SCHEMA, schema, [...readTables.map(({ name }) => name), ...LINEAGE_NAMES]],
  );
  for (const { grant } of rows) await client.query(grant);
}

function shadowIn(settings: ReplaySettings, schema: string, client: ClientBase): Shadow {
  const { store, pool, pageSizeMax } = settings;
  const projections = settings.projections ?? allProjections;
  const catchUp = new CatchUp({
    ...{ store, pool, schema, projections },
    ...(pageSizeMax === undefined ? {} : { pageSizeMax }),
  });
  let position = 0n;
  const report: Shadow['report'] = (stage, head = position) =>
    settings.onProgress?.({ stage, position, head });
  return {
    get position() {
      return position;
    },
    report,
    async foldTo(upTo, stage) {
      const head = upTo ?? (await store.head());
      for (;;) {
        report(stage, head);
        if (upTo !== null && position >= upTo) return;
        const step = await catchUp.step(position, upTo);
        position = step.position;
        if (step.failure) throw new ReplayStopped(step.failure);
        if (step.outcome === 'overtaken') throw new Error(`somebody else writes to ${schema}`);
        if (step.outcome === 'caught-up') return;
      }
    },
    checksums: () => checksumsOf(client, schema, readTables),
    async index() {
      report('indexing');
      for (const { name, indexes } of readTables) {
        await client.query(
          `BEGIN; SET LOCAL search_path TO ${schema}; ${indexes.join(';')}; COMMIT`,
        );
        await client.query(`ANALYZE ${schema}.${name}`);
      }
    },
  };
}

/** Checksums of the tables in service; null when they have another shape than this program's. */
export async function checksumsInService(client: ClientBase): Promise<Checksums | null> {
  try {
    return await checksumsOf(client, READ_SCHEMA, readTables);
  } catch (error) {
    const code = sqlStateOf(error);
    // Undefined table or column: an earlier program made them, which is a reason to rebuild.
    if (code === '42P01' || code === '42703' || code === '3F000') return null;
    throw error;
  }
}
