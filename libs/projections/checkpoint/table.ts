import { EntitySchema } from 'typeorm';
import type { ReadTable } from '../read-table.js';

/** One row: how far the tables of this copy reflect the log. */
export interface CheckpointRow {
  name: string;
  /** Every event up to and including it is folded. */
  position: string;
  /** Which copy this is: another after every rebuild. */
  generation: string;
  /** Set when a rebuild took this copy out of service: whoever still wants to write to it must not. */
  retired: boolean;
}

/** One checkpoint for the whole read model: its tables always reflect the same position. */
export const CHECKPOINT_NAME = 'read-model';

const checkpoint: ReadTable = {
  name: 'checkpoint',
  create: `
    CREATE TABLE checkpoint (
      name text PRIMARY KEY,
      position bigint NOT NULL,
      generation uuid NOT NULL,
      retired boolean NOT NULL
    )`,
  indexes: [],
  content: 'SELECT name, position FROM checkpoint',
  entity: new EntitySchema<CheckpointRow>({
    name: 'ReadCheckpoint',
    tableName: 'checkpoint',
    schema: 'read_side',
    columns: {
      name: { type: 'text', primary: true },
      position: { type: 'bigint' },
      generation: { type: 'uuid' },
      retired: { type: 'boolean' },
    },
  }),
};

export const checkpointTables: readonly ReadTable[] = [checkpoint];
