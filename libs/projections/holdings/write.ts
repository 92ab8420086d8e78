import type { ClientBase } from 'pg';
import { completeRows } from '../complete-rows.js';
import type { PageFold, Projection } from '../projection.js';
import { type Completions, HoldingsFold, type HoldingsPage } from './apply.js';
import { holdingTables } from './table.js';

/** Holdings, their lines, what was sent back, and their days. */
export const holdingsProjection: Projection = {
  name: 'holdings',
  tables: holdingTables,
  beginPage(): PageFold {
    const fold = new HoldingsFold();
    return {
      add: (recorded) => fold.add(recorded),
      addPayment: (payment) => fold.addPayment(payment),
      write: (_, client) => write(fold.page(), client),
    };
  },
};

async function write(page: HoldingsPage, client: ClientBase): Promise<void> {
  const { holdings, lines, returns, days, paidDays, months } = page;
  await holdings.insert(client);
  await lines.begun.insert(client);
  await completeBoth(client, 'lines', lines);
  await returns.begun.insert(client);
  await completeBoth(client, 'returns', returns);
  await days.insert(client);
  await paidDays.insert(client);
  await months.insert(client);
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
