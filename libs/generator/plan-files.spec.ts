import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headersOf } from './file-columns.js';
import { generatePlan } from './generate-plan.js';
import { fileName, PlanFiles } from './plan-files.js';
import { PAYMENTS_MAX, PAYMENTS_MIN } from './plan-rows.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const row = (id: string): string[] =>
  headersOf('payments').map((_, index) => (index === 0 ? id : ''));

describe('the files of a plan', () => {
  it('are numbered in the order of import, payments in parts', () => {
    expect(fileName('projects', 1)).toBe('01-projects.csv');
    expect(fileName('payments', 12)).toBe('05-payments-012.csv');
    expect(fileName('payments-again', 1)).toBe('08-payments-again-001.csv');
  });

  it('begin with a byte order mark and the header, and are split where they grow too long', async () => {
    const files = await PlanFiles.inFolder(folder, 3);
    for (let i = 1; i <= 7; i += 1) {
      files.write('payments', row(`ZF-${i}`));
      if (i === 4) await files.flush();
    }
    files.write('notices', ['GS-1', 'ZF-1', '村', '一,二“三"', '2018-01-01', '']);
    const written = await files.close();
    expect(written.map(({ name, rows }) => [name, rows])).toEqual([
      ['05-payments-001.csv', 3],
      ['05-payments-002.csv', 3],
      ['05-payments-003.csv', 1],
      ['09-notices.csv', 1],
    ]);
    const last = await readFile(join(folder, '05-payments-003.csv'), 'utf8');
    expect(last).toBe(`\uFEFF${headersOf('payments').join(',')}\n${row('ZF-7').join(',')}\n`);
    expect(Buffer.byteLength(last)).toBe(written[2]?.bytes);
    const notices = await readFile(join(folder, '09-notices.csv'), 'utf8');
    expect(notices).toContain('"一,二“三"""');
  });

  it('of which only one may be written refuse to be split', async () => {
    const files = await PlanFiles.inFolder(folder, 1);
    files.write('notices', ['1', '', '', '', '', '']);
    files.write('notices', ['2', '', '', '', '', '']);
    await expect(files.close()).rejects.toThrow('out of shape');
    await files.abandon();
  });

  it('never mix with an older plan', async () => {
    await writeFile(join(folder, '01-projects.csv'), '');
    const again = generatePlan({ seed: 1, payments: PAYMENTS_MIN, outDir: folder });
    await expect(again).rejects.toMatchObject({
      ...{ name: 'TargetExists', message: expect.stringContaining('目录中已有 CSV 文件') },
    });
    expect(await readdir(folder)).toEqual(['01-projects.csv']);
  });

  it.each([
    [1, PAYMENTS_MIN - 1],
    [1, PAYMENTS_MAX + 1],
    [1, 1_000.5],
    [-1, PAYMENTS_MIN],
    [0.5, PAYMENTS_MIN],
  ])(
    'of seed %s and %s payments are refused before anything is written',
    async (seed, payments) => {
      const run = generatePlan({ seed, payments, outDir: folder });
      await expect(run).rejects.toThrow(RangeError);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('report how far they are', async () => {
    const seen: number[] = [];
    const plan = await generatePlan({
      ...{ seed: 9, payments: PAYMENTS_MIN, outDir: folder },
      onProgress: ({ payments }) => seen.push(payments),
    });
    expect(seen.at(-1)).toBe(PAYMENTS_MIN);
    expect(plan.payments).toBe(PAYMENTS_MIN);
    expect(plan.rows).toBe(plan.files.reduce((sum, { rows }) => sum + rows, 0));
    const names = plan.files.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect((await readdir(folder)).sort()).toEqual(names);
  });
});
