import type { RowShape } from '../new-rows.js';

export const HOLDINGS: RowShape = {
  table: 'holdings',
  columns: {
    ...{ id: 'text', kind: 'text', region: 'text', fund_type: 'text', fiscal_year: 'integer' },
    ...{ project_id: 'text', first_parent_id: 'text', label: 'text', position: 'bigint' },
  },
};

const LATER_FACTS: RowShape['columns'] = {
  ...{ received_on: 'date', received_at: 'moment', received_position: 'bigint' },
  ...{ reversed_on: 'date', reversed_at: 'moment', reversed_position: 'bigint' },
};

export const LINES: RowShape = {
  table: 'lines',
  columns: {
    ...{ id: 'text', holding_id: 'text', giver_id: 'text', giver_region: 'text' },
    ...{ holding_region: 'text', issuer_region: 'text', amount_fen: 'bigint' },
    ...{ document_no: 'text', issued_on: 'date', issued_at: 'moment', issued_position: 'bigint' },
    ...LATER_FACTS,
  },
};

export const RETURNS: RowShape = {
  table: 'returns',
  columns: {
    ...{ id: 'text', kind: 'text', line_id: 'text', from_id: 'text', to_id: 'text' },
    ...{ amount_fen: 'bigint', sent_on: 'date', sent_at: 'moment', sent_position: 'bigint' },
    ...LATER_FACTS,
  },
};

export const HOLDING_DAYS: RowShape = {
  table: 'holding_days',
  columns: {
    ...{ holding_id: 'text', occurred_on: 'date', recorded_at: 'moment', position: 'bigint' },
    ...{ amount_in_fen: 'bigint', passed_down_fen: 'bigint', disbursed_fen: 'bigint' },
    ...{ paid_fen: 'bigint', returned_up_fen: 'bigint' },
  },
};

/** Of days on which nothing but payments changed a holding: most rows. */
export const PAID_DAYS: RowShape = {
  table: 'holding_days',
  rowsOf: 'payments',
  columns: {
    ...{ holding_id: 'text', occurred_on: 'date', recorded_at: 'moment', position: 'bigint' },
    paid_fen: 'bigint',
  },
  others: { amount_in_fen: '0', passed_down_fen: '0', disbursed_fen: '0', returned_up_fen: '0' },
};

const DELTAS = [
  ...['amount_in_fen', 'passed_down_fen', 'disbursed_fen', 'paid_fen', 'returned_up_fen'],
];

export const HOLDING_MONTHS: RowShape = {
  table: 'holding_months',
  columns: {
    ...{ holding_id: 'text', month: 'date', amount_in_fen: 'bigint', passed_down_fen: 'bigint' },
    ...{ disbursed_fen: 'bigint', paid_fen: 'bigint', returned_up_fen: 'bigint', last_on: 'date' },
  },
  onConflict: `(holding_id, month) DO UPDATE SET
    ${DELTAS.map((delta) => `${delta} = holding_months.${delta} + excluded.${delta}`).join(', ')},
    last_on = greatest(holding_months.last_on, excluded.last_on)`,
};
