import fc from 'fast-check';
import { ROW_KINDS, type RowKind } from '@fundflow/domain/rows';
import { COLUMNS } from './columns.js';
import { FileRefused } from './file-refusal.js';
import { detectKind, nearestHeader, readHeader, resolveHeader } from './headers.js';

const chinese = (kind: RowKind): string[] => COLUMNS[kind].map((column) => column.header);
const english = (kind: RowKind): string[] => COLUMNS[kind].map((column) => column.name);
const required = (kind: RowKind): string[] =>
  COLUMNS[kind].filter((column) => column.required).map((column) => column.header);

function refusalOf(kind: RowKind, cells: string[]): { code: string; message: string } {
  try {
    readHeader(kind, cells);
  } catch (error) {
    if (error instanceof FileRefused) return error.refusal;
    throw error;
  }
  throw new Error('the header was read');
}

describe('a first line that is no header of the kind', () => {
  it('is a title, or a row: nothing of it is repeated', () => {
    const title = ['2018年拨付表（填报人：韦建国）', '', ''];
    expect(refusalOf('disbursements', title)).toMatchObject({
      code: 'bad-header',
      message: '第1行：此行须为列名，表名、单位、填表日期等请勿写在列名之上',
    });
  });

  it('is that of another kind, which is named', () => {
    expect(refusalOf('payments', chinese('disbursements'))).toMatchObject({
      code: 'bad-header',
      message: expect.stringMatching(/^第1行：列名属于拨付表，而此处应为支付表/),
    });
  });
});

describe('the table of columns', () => {
  it.each(ROW_KINDS)('%s has no header that means two columns', (kind) => {
    const all = COLUMNS[kind].flatMap(({ name, header, aliases }) => [
      ...new Set([name, header, ...aliases]),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(ROW_KINDS)('%s has a Chinese explanation of every column', (kind) => {
    for (const column of COLUMNS[kind]) expect(column.help).toMatch(/[\u4e00-\u9fff]/);
  });
});

describe('a header', () => {
  it.each<[RowKind, string, string, string | null]>([
    ['allocations', '指标编号', 'allocation_id', null],
    ['allocations', 'allocation_id', 'allocation_id', null],
    ['allocations', ' Allocation_ID* ', 'allocation_id', null],
    ['allocations', '*指标编号', 'allocation_id', null],
    ['allocations', '金额(万元)', 'amount', '万元'],
    ['allocations', '金额（亿元）', 'amount', '亿元'],
    ['allocations', '金额 (单位：元)', 'amount', '元'],
    ['allocations', '金额*【万元】', 'amount', '万元'],
    ['projects', 'planned_amount(万元)', 'planned_amount', '万元'],
    ['allocations', 'cor_bgt_doc_no', 'doc_no', null],
    ['allocations', 'exp_func_code', 'function_code', null],
    ['payments', 'gov_bgt_eco_code', 'economic_code', null],
    ['payments', 'pro_code', 'project_id', null],
    ['projects', '项目\n名称', 'name', null],
  ])('%s %p is %s (%s)', (kind, text, name, unit) => {
    expect(resolveHeader(kind, text)).toMatchObject({ is: 'column', column: { name }, unit });
  });

  it.each(['flex_assumed', 'FLEX_备注', 'agency_code', 'budget_level'])('%s is kept', (text) => {
    expect(resolveHeader('allocations', text)).toEqual({ is: 'flex', name: text });
  });

  it.each(['flex_', '下达日期(万元)', '金额(千元)', '序号', `flex_${'x'.repeat(100)}`])(
    '%s is unknown',
    (text) => expect(resolveHeader('allocations', text)).toEqual({ is: 'unknown' }),
  );

  it.each([
    ['notices', '公示地址', '公示地点'],
    ['allocations', 'alocation_id', 'allocation_id'],
    ['payments', 'paid_no', 'paid_on'],
    ['payments', '全然无关的一列文字', null],
  ] as const)('%s %s is nearest to %s', (kind, text, name) => {
    expect(nearestHeader(kind, text)).toBe(name);
  });
});

describe('a header row', () => {
  it.each(ROW_KINDS)(
    'of %s is told by itself, in Chinese, in English, and with the least',
    (kind) => {
      expect(detectKind(chinese(kind))).toBe(kind);
      expect(detectKind(english(kind))).toBe(kind);
      expect(detectKind(required(kind))).toBe(kind);
      expect(readHeader(kind, english(kind)).width).toBe(COLUMNS[kind].length);
    },
  );

  it('of nothing we know is of no kind', () => {
    expect(detectKind(['a', 'b'])).toBeNull();
    expect(detectKind([])).toBeNull();
    expect(detectKind(['备注', '单位'])).toBeNull();
  });

  it('names the nearest column for one it does not know', () => {
    const refusal = refusalOf('notices', [...chinese('notices'), '公示地址']);
    expect(refusal).toMatchObject({ code: 'bad-header', row: 1 });
    expect(refusal.message).toContain('公示地点');
  });

  it.each([[['公示编号', 'notice_id']], [['flex_a', 'flex_a']], [['公示编号', '公示编号 *']]])(
    'refuses %p twice',
    (twice) => {
      const others = chinese('notices').filter((header) => header !== '公示编号');
      expect(refusalOf('notices', [...others, ...twice])).toMatchObject({
        code: 'duplicate-header',
      });
    },
  );

  it('refuses an amount under two units', () => {
    const cells = [
      ...english('returns').filter((name) => name !== 'amount'),
      '金额(元)',
      '金额(万元)',
    ];
    expect(refusalOf('returns', cells)).toMatchObject({ code: 'duplicate-header' });
  });

  it('names every required column that is missing', () => {
    const { code, message } = refusalOf('reversals', ['冲销编号', '冲销日期']);
    expect(code).toBe('missing-header');
    expect(message).toContain('对应编号(of_id)、原因(reason)');
  });

  it('refuses more columns than a table can have', () => {
    const many = Array.from({ length: 201 }, (_, i) => `flex_${i}`);
    expect(refusalOf('notices', many)).toMatchObject({ code: 'too-many-columns' });
  });

  it('answers any headers without another error', () => {
    const cells = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 20 });
    fc.assert(
      fc.property(cells, fc.constantFrom(...ROW_KINDS), (texts, kind) => {
        detectKind(texts);
        expect(refusalOf(kind, texts).code).toMatch(/-/);
      }),
    );
  });
});
