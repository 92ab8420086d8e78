import type { RowKind } from '@fundflow/domain/rows';
import { regionTable } from '../../test/support/handed-in-files.js';
import { type Cells, VALID_ROWS } from '../../test/support/valid-rows.js';
import { FUND_TYPES } from './enumerations.js';
import { parseRow } from './keyed-rows.js';
import type { RowOutcome } from './parsed-row.js';

const parse = (kind: RowKind, changes: Cells = {}): RowOutcome =>
  parseRow(kind, { ...VALID_ROWS[kind], ...changes }, { regionTable });
describe('fund types and closed lists', () => {
  it.each(FUND_TYPES)('$chinese is $value', ({ value, chinese }) => {
    for (const text of [value, chinese, value.toUpperCase()]) {
      expect(parse('allocations', { fund_type: text }).row).toMatchObject({ fundType: value });
    }
  });

  it.each<[RowKind, string, string, object]>([
    ['payments', 'method', 'authorised', { method: 'authorised' }],
    ['payments', 'method', '报账', { method: 'reimbursement' }],
    ['payments', 'payee_kind', 'person', { payee: expect.objectContaining({ kind: 'person' }) }],
    ['returns', 'kind', 'recall', { returnKind: 'recall' }],
    ['notices', 'level', 'township', { level: 'township' }],
    ['notices', 'level', '县级', { level: 'county' }],
  ])('%s %s %s', (kind, name, text, expected) => {
    expect(parse(kind, { [name]: text }).row).toMatchObject(expected);
  });

  it('refuses a fund type nobody knows', () => {
    expect(parse('allocations', { fund_type: '省级资金' }).error).toMatchObject({
      code: 'unknown-fund-type',
      field: 'fund_type',
      value: '省级资金',
    });
  });
});

describe('the one error of a row is the first in order of precedence', () => {
  const unknownRegion = { receiver_region: '459999' };
  const unknownType = { fund_type: '未知资金' };
  it.each([
    ['bad-value', { ...unknownRegion, ...unknownType, remark: 'x'.repeat(1001) }],
    ['unknown-region', { ...unknownRegion, ...unknownType }],
    ['unknown-fund-type', unknownType],
  ])('%s', (code, changes) => {
    expect(parse('allocations', changes).error?.code).toBe(code);
  });

  it('comes with every warning of the row', () => {
    const { error, warnings } = parse('allocations', { ...unknownRegion, doc_no: '未载明' });
    expect(error?.code).toBe('unknown-region');
    expect(warnings.map((warning) => warning.code)).toEqual(['doc-not-stated']);
  });
});

describe('what stands below a list is no record, however much of it is filled in', () => {
  it.each([
    '合计',
    ' 合 计',
    '总计：',
    '本页小计',
    '累计（万元）',
    '注：金额以万元计',
    '填表人: 韦某',
  ])('such as %p', (text) => {
    expect(parse('allocations', { allocation_id: text }).error).toMatchObject({
      ...{ code: 'bad-value', field: 'allocation_id' },
      expected: '记录的编号；合计、附注等不是记录，请删去此行',
    });
  });

  it('also where the word stands behind empty cells', () => {
    const { error } = parse('disbursements', { disbursement_id: '', allocation_id: '合计' });
    expect(error?.expected).toContain('请删去此行');
  });

  it.each(['合计村-01', '总计划2018-1', '注资-1'])('an id may begin alike: %p', (id) => {
    expect(parse('allocations', { allocation_id: id }).error).toBeNull();
  });
});

describe('warnings block nothing', () => {
  it.each<[RowKind, Cells, string, string]>([
    ['allocations', { doc_no: '未载明' }, 'doc-not-stated', 'doc_no'],
    ['allocations', { doc_no: '莆城农扶〔20176号' }, 'doc-unreadable', 'doc_no'],
    ['projects', { unit_code: '91350100M000100Y44' }, 'check-digit', 'unit_code'],
    ['payments', { payee_code: '110105194912310021' }, 'check-digit', 'payee_code'],
    ['payments', { payee_code: '1101051949' }, 'check-digit', 'payee_code'],
    ['payments', { payee_account: '4111111111111112' }, 'check-digit', 'payee_account'],
    [
      'disbursements',
      { recipient_account: '6222021234567890123' },
      'check-digit',
      'recipient_account',
    ],
    ['allocations', { receiver_region: '450331' }, 'region-vintage', 'receiver_region'],
    ['projects', { county: '450331', approved_on: '2019-01-01' }, 'region-vintage', 'county'],
    ['payments', { payee_region: '450181' }, 'region-vintage', 'payee_region'],
  ])('%s %p: %s', (kind, changes, code, field) => {
    const { row, error, warnings } = parse(kind, changes);
    expect({ error, hasRow: row !== null }).toEqual({ error: null, hasRow: true });
    expect(warnings).toEqual([expect.objectContaining({ code, field, severity: 'warning' })]);
  });

  it.each<[RowKind, Cells]>([
    ['payments', { payee_code: '110105491231002' }],
    ['payments', { payee_code: 'E12345678' }],
    ['payments', { payee_account: '12345678' }],
    ['disbursements', { recipient_account: '2102110109300012346' }],
    ['projects', { county: '450331', approved_on: '' }],
    ['projects', { county: '450331', library_on: '2017-12-31', approved_on: '' }],
  ])('and are not raised where nothing is wrong: %s %p', (kind, changes) => {
    expect(parse(kind, changes).warnings).toEqual([]);
  });
});

describe('personal data', () => {
  it.each<[RowKind, string]>([
    ['payments', 'purpose'],
    ['payments', 'remark'],
    ['payments', 'voucher_no'],
    ['payments', 'payment_id'],
    ['allocations', 'receiver_name'],
    ['projects', 'performance_target'],
    ['reversals', 'reason'],
    ['notices', 'place'],
    ['disbursements', 'recipient_code'],
    ['disbursements', 'recipient_account'],
  ])('may not stand in %s %s, and is masked in the finding', (kind, name) => {
    const bare = name.endsWith('_id') || name.includes('code') || name.includes('account');
    const text = bare ? '11010519491231002X' : '补助韦某１１０１０５１９４９１２３１００２X';
    const { row, error } = parse(kind, { [name]: text });
    expect(row).toBeNull();
    expect(error).toMatchObject({ code: 'bad-value', field: name });
    expect(JSON.stringify(error)).not.toContain('19491231');
    expect(JSON.stringify(error)).not.toContain('１９４９１２３１');
  });

  it.each<[RowKind, string, string, string]>([
    ['payments', 'purpose', '补发至6228480402564890019', '银行卡号'],
    ['payments', 'remark', '电话139 7718 1234', '手机号码'],
    ['projects', 'unit_name', '韦某13977181234', '手机号码'],
    ['returns', 'reason', '退回 62284804 0256 4890 019', '银行卡号'],
  ])('words may have no number of a person in them: %s %s %s', (kind, name, text, what) => {
    const { row, error } = parse(kind, { [name]: text });
    expect(row).toBeNull();
    expect(error).toMatchObject({ code: 'bad-value', field: name, expected: `不得含有${what}` });
    expect(JSON.stringify(error)).not.toMatch(/4890|13977|139 7/);
  });

  it('what is a number by its column may look like a telephone', () => {
    const { row } = parse('payments', { payment_id: '13977181234', voucher_no: '13977181234' });
    expect(row).not.toBeNull();
  });

  it.each([
    ['economic_code', '13977181234'],
    ['economic_code', '韦小某'],
    ['payee_region', '45012419660101123X'],
    ['amount', '6228480402564890019'],
    ['amount', '13977181234元整'],
    ['method', '一卡通6228480402564890019'],
  ])('is masked where it was typed into another column: %s %s', (name, text) => {
    const { error } = parse('payments', { [name]: text });
    expect(error).toMatchObject({ code: 'bad-value', field: name });
    expect(JSON.stringify(error)).not.toContain(/[\dX]{11,}/.exec(text)?.[0] ?? text);
    expect(error?.value).toContain('*');
  });

  it('an amount of eleven digits is shown as it is', () => {
    const { error } = parse('payments', { amount: '13977181234.567' });
    expect(error?.value).toBe('13977181234.567');
  });

  it('may not be a unit that is really a person', () => {
    const { error } = parse('payments', { payee_kind: '单位' });
    expect(error).toMatchObject({ code: 'bad-value', field: 'payee_code' });
    expect(JSON.stringify(error)).not.toContain('19491231');
  });

  it.each([
    ['payee_name', '韦'.repeat(201)],
    ['payee_account', '6228480402564890019元'.replace('元', '/')],
    ['payee_code', '4501241980'.repeat(7)],
  ])('is masked in every finding: %s', (name, text) => {
    const { error } = parse('payments', { [name]: text });
    expect(error).toMatchObject({ code: 'bad-value', field: name });
    expect(error?.value).toMatch(/^.{0,6}\*+.{0,4}$/u);
  });

  it('is masked too while the row does not say who is paid', () => {
    const { error, warnings } = parse('payments', {
      payee_kind: '',
      payee_code: '110105194912310021',
    });
    expect(error?.field).toBe('payee_kind');
    expect(warnings[0]?.value).toBe('110105********0021');
  });
});
