import { regionTable } from '../../test/support/handed-in-files.js';
import { parseRow, readJsonRows } from './keyed-rows.js';

const valid = {
  payment_id: 'P1',
  source_id: 'D1',
  payee_kind: 'unit',
  payee_name: '马山县扶贫办',
  amount: '500',
  unit: '元',
  paid_on: '2018-06-10',
  method: 'direct',
  voucher_no: 'PZ-2',
};
const read = (...rows: unknown[]) => readJsonRows('payments', rows, { regionTable });

describe('rows of a JSON body', () => {
  it('are counted as if they stood below a header', () => {
    const rows = read(valid, { ...valid, payment_id: 'P2' });
    expect(rows.map((row) => [row.rowNumber, row.id, row.error])).toEqual([
      [2, 'P1', null],
      [3, 'P2', null],
    ]);
  });

  it('may have Chinese keys, and each row its own', () => {
    const chinese = { ...valid, 支付编号: 'P2', 备注: '注' } as Record<string, unknown>;
    delete chinese['payment_id'];
    expect(read(valid, chinese).map((row) => row.row?.id)).toEqual(['P1', 'P2']);
  });

  it.each<[string, unknown, object]>([
    ['amount', 500, { amountFen: 500_00n }],
    ['amount', 0, { amountFen: 0n }],
    ['amount', -0, { amountFen: 0n }],
    ['already_happened', false, { alreadyHappened: false }],
    ['purpose', null, { purpose: null }],
    ['remark', undefined, { remark: null }],
    ['economic_code', 30310, { economicCode: '30310' }],
  ])('take %s %p where it is exact', (name, value, expected) => {
    const [row] = read({ ...valid, [name]: value });
    expect(row?.error).toBeNull();
    expect(row?.row).toMatchObject(expected);
  });

  it.each<[string, unknown]>([
    ['amount', 500.5],
    ['amount', Number.MAX_SAFE_INTEGER + 1],
    ['amount', Number.NaN],
    ['amount', true],
    ['payee_name', true],
    ['payee_name', { toString: 'x' }],
    ['payee_name', ['x']],
    ['purpose', 'a\u0000b'],
    ['purpose', '\ud800'],
    ['unknown_key', 'x'],
    ['__proto__x', 'x'],
  ])('refuse %s %p', (name, value) => {
    const [row] = read({ ...valid, [name]: value });
    expect(row).toMatchObject({ id: 'P1', row: null, error: { code: 'bad-value', field: name } });
  });

  it('repeat no key that may be a name or a number of somebody', () => {
    for (const key of ['覃秀英', '单雄', '13977181234', '45012419660101123X 覃某']) {
      const [row] = read({ ...valid, [key]: '1' });
      expect(row?.error).toMatchObject({
        code: 'bad-value',
        field: expect.stringMatching(/^第\d+列$/),
      });
      expect(JSON.stringify(row)).not.toContain(key);
    }
  });

  it('refuse a column that is given under two names', () => {
    const [row] = read({ ...valid, 金额: '600' });
    expect(row?.error).toMatchObject({ code: 'bad-value', field: '金额' });
  });

  it.each([[null], ['text'], [7], [[valid]], [undefined]])(
    'refuse %p, which is no row',
    (value) => {
      const [row] = read(value);
      expect(row).toMatchObject({ id: null, row: null, error: { code: 'bad-value', row: 2 } });
    },
  );

  it('refuse a row of a thousand keys', () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`flex_${i}`, 'x']));
    expect(read({ ...valid, ...wide })[0]?.error?.code).toBe('bad-value');
  });

  it('mean the same keys for every kind anew, and for ever new sets of keys', () => {
    const asReturns = readJsonRows('returns', [valid], { regionTable });
    expect(asReturns[0]).toMatchObject({ kind: 'returns', error: { code: 'bad-value' } });
    for (let at = 0; at < 450; at += 1) {
      const [row] = read({ ...valid, payment_id: `P${at}`, [`flex_${at}`]: 'x' });
      expect(row).toMatchObject({ id: `P${at}`, flex: { [`flex_${at}`]: 'x' }, error: null });
    }
    expect(read(valid)[0]).toMatchObject({ id: 'P1', error: null, flex: {} });
  });

  it('are not confused by the names every object has', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"payment_id": "P9"}, "constructor": "x"}');
    expect(read(hostile)[0]).toMatchObject({ id: null, error: { code: 'bad-value' } });
  });
});

describe('one row by columns', () => {
  it('is read from a map as from an object', () => {
    const context = { regionTable, rowNumber: 9 };
    const fromMap = parseRow('payments', new Map(Object.entries(valid)), context);
    expect(fromMap).toEqual(parseRow('payments', valid, context));
    expect(parseRow('payments', {}, context).error).toMatchObject({ row: 9, code: 'bad-value' });
  });
});
