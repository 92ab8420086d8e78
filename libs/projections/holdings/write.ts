import type { ClientBase } from 'pg';
import { completeRows } from '../complete-rows.js';
import { copyRows } from '../copy-rows.js';
import type { PageFold, Projection } from '../projection.js';
import { type Completions, HoldingsFold, type HoldingsPage } from './apply.js';
import { holdingTables } from './table.js';

const HOLDING_COLUMNS = [
  ...['id', 'kind', 'region', 'fund_type', 'fiscal_year', 'project_id', 'first_parent_id'],
  ...['label', 'position'],
];
const LATER_FACTS = [
  ...['received_on', 'received_at', 'received_position'],
  ...['reversed_on', 'reversed_at', 'reversed_position'],
];
const LINE_COLUMNS = [
  ...['id', 'holding_id', 'giver_id', 'giver_region', 'holding_region', 'issuer_region'],
  ...['amount_fen', 'document_no', 'issued_on', 'issued_at', 'issued_position', ...LATER_FACTS],
];
const RETURN_COLUMNS = [
  ...['id', 'kind', 'line_id', 'from_id', 'to_id', 'amount_fen'],
  ...['sent_on', 'sent_at', 'sent_position', ...LATER_FACTS],
];
const DAY_COLUMNS = [
  ...['holding_id', 'occurred_on', 'recorded_at', 'position'],
  ...['amount_in_fen', 'passed_down_fen', 'disbursed_fen', 'paid_fen', 'returned_up_fen'],
];

/** Holdings, their lines, what was sent back, and their days. */
export const holdingsProjection: Projection = {
  name: 'holdings',
  tables: holdingTables,
  beginPage(): PageFold {
    const fold = new HoldingsFold();
    return {
      add: (recorded) => fold.add(recorded),
      write: (_, client) => write(fold.page(), client),
    };
  },
};

async function write(page: HoldingsPage, client: ClientBase): Promise<void> {
  const { holdings, lines, returns, days } = page;
  await copyRows(client, 'holdings', HOLDING_COLUMNS, holdings);
  await copyRows(client, 'lines', LINE_COLUMNS, lines.begun);
  await completeBoth(client, 'lines', lines);
  await copyRows(client, 'returns', RETURN_COLUMNS, returns.begun);
  await completeBoth(client, 'returns', returns);
  await copyRows(client, 'holding_days', DAY_COLUMNS, days);
}

async function completeBoth(
  client: ClientBase,
  table: string,
  { received, reversed }: Completions,
): Promise<void> {
  const withPosition = true;
  await completeRows(client, { table, prefix: 'received', withPosition }, received);
  await completeRows(client, { table, prefix: 'reversed', withPosition }, reversed);
}
