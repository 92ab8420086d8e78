import { EntitySchema } from 'typeorm';
import { fenColumn, momentColumn, type ReadTable } from '../read-table.js';
import { kindCode } from './effect.js';

/**
 * One entry of the log that names a place, once for every county key (first six digits) it names. It serves the trail,
 * and, in one of its rows, as an edge of the trace: the rows of further counties have no `upperId`.
 */
export interface MovementRow {
  position: string;
  /** `countyKey` of at least one place the record names. */
  countyKey: string;
  occurredOn: string;
  recordedAt: Date;
  /** Code of the kind: `kindOfCode` in effect.ts. */
  kind: number;
  eventId: string;
  /** Id of the row that was handed in, or that the acknowledgement completes. */
  recordId: string;
  /** The holding created, drawn on or returned to. */
  holdingId: string | null;
  projectId: string | null;
  /** Positive; null for projects and notices. */
  amountFen: string | null;
  /** Regions of the holdings as recorded: what the effect on a region is computed from. */
  giverRegion: string | null;
  holdingRegion: string | null;
  /** Further places of this county key the record names, each with a comma before it: `,450124101,450124`. */
  places: string | null;
  /** The edge: between the holding above (or `outside:<region>`) and the record below it. */
  upperId: string | null;
  lowerId: string | null;
  documentNo: string | null;
  voucherNo: string | null;
  /** Name of a unit; never of a person. */
  counterparty: string | null;
  /** The counterparty is a person: the vault knows it under the event id. */
  personal: boolean;
  actor: string;
  /** Id of the record it reverses. */
  reversalOf: string | null;
}

/** The node of a source that lies outside the ledger. */
export const outsideNode = (region: string): string => `outside:${region}`;

/** The dates from which what is left over of a project counts: acceptance and closing. */
export const FINISHED_KINDS = [kindCode('project-accepted'), kindCode('project-closed')] as const;

/** Edges between a payment and the holding it was drawn on: a trace of a project begins with them. */
export const PAYMENT_KINDS = [
  kindCode('payment-made'),
  kindCode('payment-returned'),
  kindCode('payment-reversed'),
  kindCode('payment-return-reversed'),
] as const;

const movements: ReadTable = {
  name: 'movements',
  create: `
    CREATE TABLE movements (
      position bigint NOT NULL,
      amount_fen bigint,
      recorded_at timestamptz(3) NOT NULL,
      occurred_on date NOT NULL,
      kind smallint NOT NULL,
      personal boolean NOT NULL,
      event_id uuid NOT NULL,
      county_key text COLLATE "C" NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      holding_id text COLLATE "C",
      project_id text COLLATE "C",
      giver_region text COLLATE "C",
      holding_region text COLLATE "C",
      places text COLLATE "C",
      upper_id text COLLATE "C",
      lower_id text COLLATE "C",
      document_no text,
      voucher_no text,
      counterparty text,
      actor text NOT NULL,
      reversal_of text COLLATE "C"
    )`,
  indexes: [
    'CREATE INDEX movements_trail ON movements (county_key, occurred_on, position)',
    // Trails of a province or of the whole ledger, whose counties are too many to merge.
    'CREATE INDEX movements_day ON movements (occurred_on, position)',
    'CREATE INDEX movements_upper ON movements (upper_id, position) WHERE upper_id IS NOT NULL',
    'CREATE INDEX movements_lower ON movements (lower_id, position) WHERE lower_id IS NOT NULL',
    `CREATE INDEX movements_project ON movements (project_id, position)
       WHERE project_id IS NOT NULL AND kind IN (${PAYMENT_KINDS.join(', ')})
         AND upper_id IS NOT NULL`,
    // Which projects were finished by the records after a position: the alerts follow by it.
    `CREATE INDEX movements_finished ON movements (position)
       WHERE kind IN (${FINISHED_KINDS.join(', ')})`,
  ],
  content: 'SELECT * FROM movements',
  entity: new EntitySchema<MovementRow>({
    name: 'ReadMovement',
    tableName: 'movements',
    schema: 'read_side',
    columns: {
      position: { type: 'bigint', primary: true },
      countyKey: { name: 'county_key', type: 'text', primary: true },
      occurredOn: { name: 'occurred_on', type: 'date' },
      recordedAt: { name: 'recorded_at', ...momentColumn },
      kind: { type: 'smallint' },
      eventId: { name: 'event_id', type: 'uuid' },
      recordId: { name: 'record_id', type: 'text' },
      holdingId: { name: 'holding_id', type: 'text', nullable: true },
      projectId: { name: 'project_id', type: 'text', nullable: true },
      amountFen: { name: 'amount_fen', ...fenColumn, nullable: true },
      giverRegion: { name: 'giver_region', type: 'text', nullable: true },
      holdingRegion: { name: 'holding_region', type: 'text', nullable: true },
      places: { type: 'text', nullable: true },
      upperId: { name: 'upper_id', type: 'text', nullable: true },
      lowerId: { name: 'lower_id', type: 'text', nullable: true },
      documentNo: { name: 'document_no', type: 'text', nullable: true },
      voucherNo: { name: 'voucher_no', type: 'text', nullable: true },
      counterparty: { type: 'text', nullable: true },
      personal: { type: 'boolean' },
      actor: { type: 'text' },
      reversalOf: { name: 'reversal_of', type: 'text', nullable: true },
    },
  }),
};

export const movementTables: readonly ReadTable[] = [movements];
