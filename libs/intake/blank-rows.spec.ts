import { testRegions } from '../../test/support/regions.js';
import { batchesOf, type Table } from './batches.js';
import { readHeader } from './headers.js';
import { BLANK_ROWS_MAX } from './limits.js';

const PIECE_ROWS = 4_096;

/** A table of a row, so many blank ones behind it, and a row. */
async function* tableWith(blankRows: number): AsyncGenerator<Table> {
  const row = (rowNumber: number, ...texts: string[]) => ({ rowNumber, texts, problems: null });
  async function* pieces() {
    yield [row(2, 'R-1', 'P-1', '2018-03-01', '重复支付')];
    for (let at = 0; at < blankRows; at += PIECE_ROWS) {
      const count = Math.min(PIECE_ROWS, blankRows - at);
      yield Array.from({ length: count }, (_, i) => row(3 + at + i, '', ' '));
    }
    yield [row(3 + blankRows, 'R-2', 'P-2', '2018-03-01', '重复支付')];
  }
  const layout = readHeader('reversals', ['reversal_id', 'of_id', 'reversed_on', 'reason']);
  yield { layout, pieces: pieces(), progress: () => ({ bytesRead: 0, bytesTotal: 0 }) };
}

async function idsIn(blankRows: number): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  for await (const { rows } of batchesOf(tableWith(blankRows), testRegions(), [])) {
    ids.push(...rows.map(({ id }) => id));
  }
  return ids;
}

describe('blank rows', () => {
  it('are passed over, as many as a sheet can hold', async () => {
    expect(await idsIn(BLANK_ROWS_MAX)).toEqual(['R-1', 'R-2']);
  });

  it('end the reading when one more of them follows, with the row', async () => {
    await expect(idsIn(BLANK_ROWS_MAX + 1)).rejects.toMatchObject({
      refusal: { code: 'too-many-blank-rows', row: BLANK_ROWS_MAX + 3 },
    });
  });
});
