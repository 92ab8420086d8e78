import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import { ROW_KINDS } from '@fundflow/domain/rows';
import type { ReadRow } from '@fundflow/intake/batches';
import { COLUMNS } from '@fundflow/intake/columns';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { type BrokenFile, generateBrokenFile } from './broken-file.js';

const regionTable = loadDivisions();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-broken-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read({ name, text }: BrokenFile): Promise<ReadRow[]> {
  const path = join(folder, name);
  await writeFile(path, text);
  const rows: ReadRow[] = [];
  const file = { source: { path }, fileName: name, regionTable };
  for await (const batch of readSubmissionFile(file)) rows.push(...batch.rows);
  return rows;
}

describe('a broken file', () => {
  it.each(ROW_KINDS)('of %s has a defect in every column, and no other', async (kind) => {
    for (const seed of [1, 2, 3]) {
      const file = generateBrokenFile(seed, kind);
      expect(file.defects.map(({ field }) => field)).toEqual(COLUMNS[kind].map(({ name }) => name));
      const rows = await read(file);
      const found = rows.flatMap(({ error, warnings }) =>
        [...(error ? [error] : []), ...warnings].map(({ row, field, code, severity }) => ({
          ...{ row, field, code, severity },
        })),
      );
      const expected = file.defects.map(({ row, field, code, severity }) => ({
        ...{ row, field, code, severity },
      }));
      expect(found).toEqual(expected);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    expect(generateBrokenFile(4, 'payments')).toEqual(generateBrokenFile(4, 'payments'));
    expect(generateBrokenFile(5, 'payments').text).not.toBe(generateBrokenFile(4, 'payments').text);
  });
});
