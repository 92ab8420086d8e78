import { REFUSALS, WARNINGS } from '@fundflow/domain/decision';
import { findingOf, shownValue } from './findings.js';
import { messageFor } from './messages.js';

const parts = { field: 'amount', value: '125000', expected: '100000', difference: '25000' };

describe('the messages', () => {
  it.each([...REFUSALS, ...WARNINGS, 'already-posted' as const])(
    '%s has one in Chinese',
    (code) => {
      const message = messageFor(code, parts);
      expect(message).toMatch(/[\u4e00-\u9fff]/);
      expect(message).not.toMatch(/undefined|null/);
      const bare = { field: 'of_id', value: null, expected: null, difference: null };
      expect(messageFor(code, bare)).not.toMatch(/undefined|null/);
    },
  );

  it('show fen in yuan', () => {
    expect(messageFor('exceeds-available', parts)).toBe(
      '金额1,250.00元超过可用余额1,000.00元，超出250.00元',
    );
    expect(messageFor('exceeds-original', parts)).toContain('超出250.00元');
    expect(messageFor('amount-not-positive', { ...parts, value: '-100' })).toContain('-1.00元');
  });

  it('say what stands below where there is no difference', () => {
    const below = { field: 'of_id', value: 'A1', expected: 'S1、S2', difference: null };
    expect(messageFor('exceeds-available', below)).toBe(
      '对应编号“A1”之下还有其他记录，须先冲销：S1、S2',
    );
  });

  it('count days', () => {
    const early = {
      field: 'paid_on',
      value: '2018-05-30',
      expected: '2018-06-01',
      difference: '2',
    };
    expect(messageFor('date-before-source', early)).toBe(
      '支付日期“2018-05-30”早于来源日期“2018-06-01”，相差2天',
    );
  });

  it('call a field as its kind of file does', () => {
    const none = { field: 'received_on', value: 'x', expected: null, difference: null };
    expect(messageFor('bad-value', { ...none, kind: 'returns' })).toContain('收到日期');
    expect(messageFor('bad-value', { ...none, kind: 'allocations' })).toContain('收文日期');
    const id = { ...none, field: 'id' };
    expect(messageFor('bad-value', { ...id, kind: 'payments' })).toContain('支付编号');
    expect(messageFor('bad-value', id)).toContain('编号');
  });
});

describe('a value in a finding', () => {
  it.each([
    ['short', 'short'],
    ['x'.repeat(200), `${'x'.repeat(120)}…`],
    ['a\nb\u0000', 'a·b·'],
    ['号11010519491231002X止', '号110105********002X止'],
  ])('%p is shown as %p', (value, shown) => expect(shownValue(value)).toBe(shown));

  it('is masked by what it is', () => {
    expect(shownValue('韦小某', 'name')).toBe('韦*某');
    expect(shownValue('6228480402564890018', 'account')).toBe('***************0018');
    expect(shownValue('11010519491231002X', 'code')).toBe('110105********002X');
  });

  it('stands in a finding with its message, and an id is made fit too', () => {
    const finding = findingOf({
      sheet: 'payments',
      row: 7,
      id: 'P-11010519491231002X',
      field: 'source_id',
      severity: 'error',
      code: 'unknown-source',
      value: 'D9',
    });
    expect(finding).toEqual({
      sheet: 'payments',
      row: 7,
      id: 'P-110105********002X',
      field: 'source_id',
      severity: 'error',
      code: 'unknown-source',
      message: '资金来源编号“D9”没有对应的有效记录',
      value: 'D9',
      expected: null,
      difference: null,
    });
  });
});
