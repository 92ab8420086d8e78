import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import { type MoneyUnit, parseMoney } from '@fundflow/domain/money';
import type { AllocationRow } from '@fundflow/domain/rows';
import { parse } from 'csv-parse/sync';
import type { ReadRow } from './batches.js';
import { readSubmissionFile } from './read-submission-file.js';

const ROOT = 'test/real';
const regionTable = loadDivisions();
const SETS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

async function readSet(set: string): Promise<Map<string, ReadRow[]>> {
  const files = readdirSync(join(ROOT, set)).filter((name) => name.endsWith('.csv'));
  const found = new Map<string, ReadRow[]>();
  for (const fileName of files) {
    const rows: ReadRow[] = [];
    const source = { path: join(ROOT, set, fileName) };
    for await (const batch of readSubmissionFile({ source, fileName, regionTable })) {
      rows.push(...batch.rows);
    }
    found.set(fileName, rows);
  }
  return found;
}

const sets = new Map<string, Map<string, ReadRow[]>>();
beforeAll(async () => {
  for (const set of SETS) sets.set(set, await readSet(set));
});
const rowsOf = (set: string): ReadRow[] => [...(sets.get(set)?.values() ?? [])].flat();

describe('the public notices', () => {
  it('are 33 sets with 278 allocations and 44 projects', () => {
    const kinds = SETS.flatMap(rowsOf).map((row) => row.kind);
    expect(SETS).toHaveLength(33);
    expect(kinds.filter((kind) => kind === 'allocations')).toHaveLength(278);
    expect(kinds.filter((kind) => kind === 'projects')).toHaveLength(44);
  });

  it.each(SETS)('%s parses without an error', (set) => {
    const errors = rowsOf(set).flatMap((row) => (row.error ? [row.error] : []));
    expect(errors).toEqual([]);
  });

  it('are told apart by their headers, each file by its own', () => {
    const kinds = SETS.flatMap((set) =>
      [...(sets.get(set) ?? [])].map(([name, rows]) => [name, rows[0]?.kind] as const),
    );
    for (const [name, kind] of kinds) expect(name).toContain(kind);
  });

  it('warn of documents that are not stated, and of the two that are damaged or no number at all', () => {
    const warnings = SETS.flatMap((set) => rowsOf(set).flatMap((row) => row.warnings));
    const values = (code: string): Set<string | null> =>
      new Set(warnings.filter((warning) => warning.code === code).map(({ value }) => value));
    expect(new Set(warnings.map((warning) => warning.code))).toEqual(
      new Set(['doc-not-stated', 'doc-unreadable']),
    );
    expect(values('doc-not-stated')).toEqual(new Set(['未载明']));
    expect(values('doc-unreadable')).toEqual(
      new Set(['莆城农扶〔20176号', '海东市人民政府专题会议纪要105号']),
    );
  });

  it('give back what was filled in, in its flex column', () => {
    expect(rowsOf('bazhong-2019')[0]?.flex).toEqual({
      flex_assumed: 'doc_no|issued_on|received_on',
    });
  });

  it('keep the amount as printed beside the fen', () => {
    const [first] = rowsOf('fengqiu-2018');
    expect(first?.row).toMatchObject({
      amountFen: 20_699_858_98n,
      amountText: '2069.985898 万元',
      documentNo: '未载明',
      fundType: 'bond',
      issuerRegion: '41',
      receiverRegion: '410727',
      issuedOn: '2018-11-01',
    });
  });

  it('read a GB18030 file as the UTF-8 ones', () => {
    expect(rowsOf('liling-2019').map((row) => row.row)).toContainEqual(
      expect.objectContaining({
        id: 'LL19-03',
        receiverName: '枫林镇',
        purpose: '发展农村旅游扶贫资金',
      }),
    );
  });

  it('keep a misprinted number as it is and only change its brackets', () => {
    const misprinted = rowsOf('zhengzhou-2018').find((row) => row.id === 'ZZ18-06x');
    expect(misprinted?.row).toMatchObject({ documentNo: '郑财预〔2016〕833号' });
  });
});

interface Check {
  readonly set: string;
  readonly selection: string;
  readonly rows: string;
  readonly total: string;
  readonly unit: MoneyUnit;
  readonly basis: string;
}
const checks = parse(readFileSync(join(ROOT, 'totals.csv')), { columns: true }) as Check[];

/** Over all allocation files of the set: `roots`, `children:ID…`, `ids:…`, `prefix:…`. */
function selected(set: string, selection: string): AllocationRow[] {
  const allocations = rowsOf(set).flatMap(({ row }) => (row?.kind === 'allocations' ? [row] : []));
  const [how, list = ''] = selection.split(':');
  const names = list.split(' ');
  return allocations.filter((row) => {
    if (how === 'roots') return row.parentId === null;
    if (how === 'children') return row.parentId !== null && names.includes(row.parentId);
    if (how === 'ids') return names.includes(row.id);
    return names.some((name) => row.id.startsWith(name));
  });
}

describe('the totals of the notices', () => {
  it('are 66, most of them printed', () => {
    expect(checks).toHaveLength(66);
    expect(checks.filter(({ basis }) => basis === 'printed').length).toBeGreaterThan(50);
  });

  it.each(checks)('$set $selection is $total $unit', ({ set, selection, rows, total, unit }) => {
    const allocations = selected(set, selection);
    expect(allocations).toHaveLength(Number(rows));
    const sum = allocations.reduce((a, row) => a + row.amountFen, 0n);
    expect({ ok: true, amountFen: sum }).toEqual(parseMoney(total, unit));
  });
});
