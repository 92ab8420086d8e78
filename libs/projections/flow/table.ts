import { EntitySchema } from 'typeorm';
import type { Measure } from '../movements/effect.js';
import { fenColumn, momentColumn, type ReadTable } from '../read-table.js';

/** What moves between two holdings. */
export type FlowMeasure = Exclude<Measure, 'paid'>;
export const FLOW_MEASURES: readonly FlowMeasure[] = [
  'issued',
  'received',
  'recalled',
  'recallReceived',
];

/**
 * What moved between the region of a giver and that of a holding on one date, recorded at one moment: the measures of
 * movements/effect.ts but `paid`, net of reversals. **Additive**: several rows may stand for one key, and a reader sums them.
 *
 * Payments have no second holding: what a region paid is the sum over its holdings, whose days and months have it.
 */
export interface FlowDayRow {
  /** Null: from outside the ledger, or to outside it. */
  giverRegion: string | null;
  holdingRegion: string;
  occurredOn: string;
  recordedAt: Date;
  issuedFen: string;
  receivedFen: string;
  recalledFen: string;
  recallReceivedFen: string;
}

const flowDays: ReadTable = {
  name: 'flow_days',
  create: `
    CREATE TABLE flow_days (
      giver_region text COLLATE "C",
      holding_region text COLLATE "C" NOT NULL,
      occurred_on date NOT NULL,
      recorded_at timestamptz(3) NOT NULL,
      issued_fen bigint NOT NULL,
      received_fen bigint NOT NULL,
      recalled_fen bigint NOT NULL,
      recall_received_fen bigint NOT NULL
    )`,
  indexes: [
    'CREATE INDEX flow_days_holding ON flow_days (holding_region)',
    'CREATE INDEX flow_days_giver ON flow_days (giver_region) WHERE giver_region IS NOT NULL',
  ],
  content: `
    SELECT giver_region, holding_region, occurred_on, recorded_at, sum(issued_fen),
           sum(received_fen), sum(recalled_fen), sum(recall_received_fen)
    FROM flow_days GROUP BY giver_region, holding_region, occurred_on, recorded_at
    HAVING (sum(issued_fen), sum(received_fen), sum(recalled_fen), sum(recall_received_fen))
      <> (0, 0, 0, 0)`,
  entity: new EntitySchema<FlowDayRow>({
    name: 'ReadFlowDay',
    tableName: 'flow_days',
    schema: 'read_side',
    columns: {
      giverRegion: { name: 'giver_region', type: 'text', primary: true, nullable: true },
      holdingRegion: { name: 'holding_region', type: 'text', primary: true },
      occurredOn: { name: 'occurred_on', type: 'date', primary: true },
      recordedAt: { name: 'recorded_at', ...momentColumn, primary: true },
      issuedFen: { name: 'issued_fen', ...fenColumn },
      receivedFen: { name: 'received_fen', ...fenColumn },
      recalledFen: { name: 'recalled_fen', ...fenColumn },
      recallReceivedFen: { name: 'recall_received_fen', ...fenColumn },
    },
  }),
};

/** Takes out of the table of an earlier program what was paid. */
export const WITHOUT_PAYMENTS: readonly string[] = [
  `DELETE FROM flow_days WHERE issued_fen = 0 AND received_fen = 0
     AND recalled_fen = 0 AND recall_received_fen = 0`,
  'ALTER TABLE flow_days DROP COLUMN paid_fen',
];

export const flowTables: readonly ReadTable[] = [flowDays];
