import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { ReadRow } from './batches.js';
import { readSampleRows } from './sample-rows.js';

describe('made-up rows', () => {
  it('are read without a finding, to persons and to units, and each is another payment', async () => {
    const rows: ReadRow[] = [];
    for await (const batch of readSampleRows(loadDivisions())) rows.push(...batch.rows);
    expect(rows.filter(({ row, error, warnings }) => !row || error || warnings.length > 0)).toEqual(
      [],
    );
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4_000);
    const kinds = new Set(rows.map(({ row }) => row?.kind === 'payments' && row.payee.kind));
    expect(kinds).toEqual(new Set(['person', 'unit']));
  });
});
