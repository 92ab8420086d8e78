import { EntitySchema } from 'typeorm';
import { momentColumn, type ReadTable } from '../read-table.js';

/**
 * Alerts follow the read model with a checkpoint of their own and lie in a schema of their own: a rebuild that swaps the
 * read tables leaves them in service, and the other generation of the checkpoint makes them look at everything again.
 */
export const ALERT_SCHEMA = 'alert_side';

/**
 * A spell of a rule on a subject, `[opensOn, closesOn)`, also one still to come. What changes from day to day within it
 * (days, amount, severity, evidence) is evaluated when asked.
 */
export interface AlertRow {
  /** `alertId` of rules/alerts. */
  id: string;
  rule: string;
  subjectId: string;
  subjectKind: 'holding' | 'supplement' | 'project';
  /** The holding or project whose facts decide: for a supplement the allocation that grows. */
  ownerId: string;
  /** The subject's own region; for a project its county. */
  region: string;
  /** The start as of the day it opens; lists are ordered by it. */
  since: string;
  opensOn: string;
  closesOn: string | null;
}

/** One row: how far the alerts reflect the read model, and which copy of it. */
export interface AlertCheckpointRow {
  name: string;
  position: string;
  /** Generation of the read model it was computed from; null before the first time. */
  generation: string | null;
  /** No record up to the position was made later: a `knownAt` from here on excludes nothing. Null: none yet. */
  latestRecordedAt: Date | null;
}

export const ALERT_CHECKPOINT_NAME = 'alerts';

const alerts: ReadTable = {
  name: 'alerts',
  create: `
    CREATE TABLE alerts (
      id text COLLATE "C" PRIMARY KEY,
      rule text COLLATE "C" NOT NULL,
      subject_id text COLLATE "C" NOT NULL,
      subject_kind text NOT NULL,
      owner_id text COLLATE "C" NOT NULL,
      region text COLLATE "C" NOT NULL,
      since date NOT NULL,
      opens_on date NOT NULL,
      closes_on date
    )`,
  indexes: [
    'CREATE INDEX alerts_owner ON alerts (owner_id)',
    'CREATE INDEX alerts_subject ON alerts (subject_id)',
    // Lists of a county or city: what is over is left out without touching it, the rest is sorted.
    `CREATE INDEX alerts_region ON alerts (region, (coalesce(closes_on, 'infinity')), opens_on)`,
    // Lists of a province or of the whole ledger go along the order until the page is full.
    'CREATE INDEX alerts_since ON alerts (since, id)',
  ],
  content: 'SELECT * FROM alerts',
  entity: new EntitySchema<AlertRow>({
    name: 'Alert',
    tableName: 'alerts',
    schema: ALERT_SCHEMA,
    columns: {
      id: { type: 'text', primary: true },
      rule: { type: 'text' },
      subjectId: { name: 'subject_id', type: 'text' },
      subjectKind: { name: 'subject_kind', type: 'text' },
      ownerId: { name: 'owner_id', type: 'text' },
      region: { type: 'text' },
      since: { type: 'date' },
      opensOn: { name: 'opens_on', type: 'date' },
      closesOn: { name: 'closes_on', type: 'date', nullable: true },
    },
  }),
};

const checkpoint: ReadTable = {
  name: 'alert_checkpoint',
  create: `
    CREATE TABLE alert_checkpoint (
      name text PRIMARY KEY,
      position bigint NOT NULL,
      generation uuid,
      latest_recorded_at timestamptz(3)
    )`,
  indexes: [],
  content: 'SELECT name, position FROM alert_checkpoint',
  entity: new EntitySchema<AlertCheckpointRow>({
    name: 'AlertCheckpoint',
    tableName: 'alert_checkpoint',
    schema: ALERT_SCHEMA,
    columns: {
      name: { type: 'text', primary: true },
      position: { type: 'bigint' },
      generation: { type: 'uuid', nullable: true },
      latestRecordedAt: { name: 'latest_recorded_at', ...momentColumn, nullable: true },
    },
  }),
};

export const alertTables: readonly ReadTable[] = [checkpoint, alerts];

export const alertEntities: readonly EntitySchema[] = alertTables.map(({ entity }) => entity);
