import { EntitySchema } from 'typeorm';
import { fenColumn, momentColumn, type ReadTable } from '../read-table.js';
import { holdingDays, holdingMonths } from './sums-table.js';

/** What never changes of an allocation or disbursement. Written once, with its issue. */
export interface HoldingRow {
  id: string;
  kind: 'allocation' | 'disbursement';
  /** Unpadded code: the receiver's; for a disbursement that of its allocation. */
  region: string;
  fundType: string;
  fiscalYear: number;
  /** Effective: its own, else its source's. */
  projectId: string | null;
  /** Giver of the first line; null: the money entered the ledger here. */
  firstParentId: string | null;
  /** Receiver or recipient as recorded. */
  label: string | null;
  /** Position of the issue. */
  position: string;
}

/**
 * A line into a holding: the first (id = the holding's), or a supplement (id = the supplement's). Each of its three
 * facts has its business date, its moment of record and its position; all three are null together.
 */
export interface LineRow {
  id: string;
  holdingId: string;
  giverId: string | null;
  giverRegion: string | null;
  holdingRegion: string;
  issuerRegion: string;
  amountFen: string;
  /** Null for a disbursement. */
  documentNo: string | null;
  issuedOn: string;
  issuedAt: Date;
  issuedPosition: string;
  receivedOn: string | null;
  receivedAt: Date | null;
  receivedPosition: string | null;
  reversedOn: string | null;
  reversedAt: Date | null;
  reversedPosition: string | null;
}

/** Money sent back between two holdings, or out of the ledger: 退回 and 收回 (a 退票 is never in transit). */
export interface ReturnTransferRow {
  id: string;
  kind: 'cash-return' | 'recall';
  /** The disbursement, allocation or supplement it names. */
  lineId: string;
  fromId: string;
  /** Null: authority leaves the ledger. */
  toId: string | null;
  amountFen: string;
  sentOn: string;
  sentAt: Date;
  sentPosition: string;
  receivedOn: string | null;
  receivedAt: Date | null;
  receivedPosition: string | null;
  reversedOn: string | null;
  reversedAt: Date | null;
  reversedPosition: string | null;
}

const holdings: ReadTable = {
  name: 'holdings',
  create: `
    CREATE TABLE holdings (
      id text COLLATE "C" PRIMARY KEY,
      kind text NOT NULL,
      region text COLLATE "C" NOT NULL,
      fund_type text NOT NULL,
      fiscal_year integer NOT NULL,
      project_id text COLLATE "C",
      first_parent_id text COLLATE "C",
      label text,
      position bigint NOT NULL
    )`,
  indexes: [
    'CREATE INDEX holdings_region ON holdings (region)',
    'CREATE INDEX holdings_project ON holdings (project_id) WHERE project_id IS NOT NULL',
  ],
  content: 'SELECT * FROM holdings',
  entity: new EntitySchema<HoldingRow>({
    name: 'ReadHolding',
    tableName: 'holdings',
    schema: 'read_side',
    columns: {
      id: { type: 'text', primary: true },
      kind: { type: 'text' },
      region: { type: 'text' },
      fundType: { name: 'fund_type', type: 'text' },
      fiscalYear: { name: 'fiscal_year', type: 'integer' },
      projectId: { name: 'project_id', type: 'text', nullable: true },
      firstParentId: { name: 'first_parent_id', type: 'text', nullable: true },
      label: { type: 'text', nullable: true },
      position: { type: 'bigint' },
    },
  }),
};

const threeFacts = (first: 'issued' | 'sent'): string =>
  [first, 'received', 'reversed']
    .map((fact) => {
      const presence = fact === first ? ' NOT NULL' : '';
      return `
      ${fact}_on date${presence},
      ${fact}_at timestamptz(3)${presence},
      ${fact}_position bigint${presence}`;
    })
    .join(',');

const laterFacts = {
  receivedOn: { name: 'received_on', type: 'date', nullable: true },
  receivedAt: { name: 'received_at', ...momentColumn, nullable: true },
  receivedPosition: { name: 'received_position', type: 'bigint', nullable: true },
  reversedOn: { name: 'reversed_on', type: 'date', nullable: true },
  reversedAt: { name: 'reversed_at', ...momentColumn, nullable: true },
  reversedPosition: { name: 'reversed_position', type: 'bigint', nullable: true },
} as const;

const lines: ReadTable = {
  name: 'lines',
  // Room on each page: a receipt or reversal then updates in place and touches no index.
  create: `
    CREATE TABLE lines (
      id text COLLATE "C" PRIMARY KEY,
      holding_id text COLLATE "C" NOT NULL,
      giver_id text COLLATE "C",
      giver_region text COLLATE "C",
      holding_region text COLLATE "C" NOT NULL,
      issuer_region text COLLATE "C" NOT NULL,
      amount_fen bigint NOT NULL,
      document_no text,${threeFacts('issued')}
    ) WITH (fillfactor = 80)`,
  indexes: [
    'CREATE INDEX lines_holding ON lines (holding_id)',
    'CREATE INDEX lines_giver ON lines (giver_id) WHERE giver_id IS NOT NULL',
  ],
  content: 'SELECT * FROM lines',
  entity: new EntitySchema<LineRow>({
    name: 'ReadLine',
    tableName: 'lines',
    schema: 'read_side',
    columns: {
      id: { type: 'text', primary: true },
      holdingId: { name: 'holding_id', type: 'text' },
      giverId: { name: 'giver_id', type: 'text', nullable: true },
      giverRegion: { name: 'giver_region', type: 'text', nullable: true },
      holdingRegion: { name: 'holding_region', type: 'text' },
      issuerRegion: { name: 'issuer_region', type: 'text' },
      amountFen: { name: 'amount_fen', ...fenColumn },
      documentNo: { name: 'document_no', type: 'text', nullable: true },
      issuedOn: { name: 'issued_on', type: 'date' },
      issuedAt: { name: 'issued_at', ...momentColumn },
      issuedPosition: { name: 'issued_position', type: 'bigint' },
      ...laterFacts,
    },
  }),
};

const returns: ReadTable = {
  name: 'returns',
  create: `
    CREATE TABLE returns (
      id text COLLATE "C" PRIMARY KEY,
      kind text NOT NULL,
      line_id text COLLATE "C" NOT NULL,
      from_id text COLLATE "C" NOT NULL,
      to_id text COLLATE "C",
      amount_fen bigint NOT NULL,${threeFacts('sent')}
    ) WITH (fillfactor = 80)`,
  indexes: ['CREATE INDEX returns_from ON returns (from_id)'],
  content: 'SELECT * FROM returns',
  entity: new EntitySchema<ReturnTransferRow>({
    name: 'ReadReturn',
    tableName: 'returns',
    schema: 'read_side',
    columns: {
      id: { type: 'text', primary: true },
      kind: { type: 'text' },
      lineId: { name: 'line_id', type: 'text' },
      fromId: { name: 'from_id', type: 'text' },
      toId: { name: 'to_id', type: 'text', nullable: true },
      amountFen: { name: 'amount_fen', ...fenColumn },
      sentOn: { name: 'sent_on', type: 'date' },
      sentAt: { name: 'sent_at', ...momentColumn },
      sentPosition: { name: 'sent_position', type: 'bigint' },
      ...laterFacts,
    },
  }),
};

export const holdingTables: readonly ReadTable[] = [
  holdings,
  lines,
  returns,
  holdingDays,
  holdingMonths,
];
