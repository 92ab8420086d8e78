import { parseRegion, type RegionCode } from '@fundflow/domain/region';
import { ROW_KINDS, type RowKind } from '@fundflow/domain/rows';
import { regionTable } from '../../test/support/handed-in-files.js';
import { type Cells, VALID_ROWS } from '../../test/support/valid-rows.js';
import { COLUMNS } from './columns.js';
import { parseRow } from './keyed-rows.js';
import type { RowOutcome } from './parsed-row.js';

const parse = (kind: RowKind, changes: Cells = {}): RowOutcome =>
  parseRow(kind, { ...VALID_ROWS[kind], ...changes }, { regionTable });
const region = (text: string): RegionCode => parseRegion(text) as RegionCode;

describe('a row of every kind', () => {
  it.each(ROW_KINDS)('%s is read without a finding', (kind) => {
    const { row, error, warnings } = parse(kind);
    expect({ error, warnings }).toEqual({ error: null, warnings: [] });
    expect(row).toMatchObject({ kind, id: Object.values(VALID_ROWS[kind])[0] });
  });

  it.each(ROW_KINDS)('%s means the same under its Chinese headers', (kind) => {
    const chinese = Object.fromEntries(
      Object.entries(VALID_ROWS[kind]).map(([name, text]) => [
        COLUMNS[kind].find((column) => column.name === name)?.header ?? name,
        text,
      ]),
    );
    expect(parseRow(kind, chinese, { regionTable })).toEqual(parse(kind));
  });

  it('is an allocation with its amount in fen beside the text', () => {
    expect(parse('allocations').row).toEqual({
      kind: 'allocations',
      id: 'GX18-1',
      parentId: null,
      documentNo: '桂财农〔2018〕123号',
      fundType: 'central-special',
      fiscalYear: 2018,
      issuerRegion: '45',
      receiverRegion: '450124',
      receiverName: null,
      amountFen: 7_247_124_84n,
      amountText: '724.712484 万元',
      issuedOn: '2018-06-01',
      receivedOn: null,
      functionCode: null,
      projectId: null,
      purpose: null,
      remark: null,
    });
  });

  it('is a payment whose person stands in clear, to be sealed later', () => {
    expect(parse('payments').row).toMatchObject({
      payee: {
        kind: 'person',
        name: '韦小某',
        code: '11010519491231002X',
        account: '4111111111111111',
      },
      method: 'card',
      alreadyHappened: false,
    });
  });

  it('is a project whose planned amount may be empty', () => {
    expect(parse('projects', { planned_amount: '', unit: '' }).row).toMatchObject({
      planned: null,
      closedOn: null,
    });
  });
});

describe('a required cell', () => {
  const required = ROW_KINDS.flatMap((kind) =>
    COLUMNS[kind].filter((column) => column.required).map(({ name }) => [kind, name] as const),
  );
  it.each(required)('of %s may not be empty: %s', (kind, name) => {
    for (const empty of ['', '   ', '\u3000']) {
      const { row, error } = parse(kind, { [name]: empty });
      expect(row).toBeNull();
      expect(error).toMatchObject({ code: 'bad-value', field: name, value: null, row: 2 });
      expect(error?.message).toContain('不能为空');
    }
  });
});

describe('what is no value of its column is bad-value', () => {
  it.each<[RowKind, string, string]>([
    ['allocations', 'allocation_id', 'a b'],
    ['allocations', 'allocation_id', 'x'.repeat(65)],
    ['allocations', 'parent_id', 'a\u200bb'],
    ['allocations', 'fiscal_year', '18'],
    ['allocations', 'fiscal_year', '2018.0'],
    ['allocations', 'fiscal_year', '1949'],
    ['allocations', 'issuer_region', '45012'],
    ['allocations', 'receiver_region', '马山县'],
    ['allocations', 'amount', '五百'],
    ['allocations', 'amount', '724.7124841'],
    ['allocations', 'amount', '12345678901234567890123456'],
    ['allocations', 'unit', '千元'],
    ['allocations', 'issued_on', '2018-06-31'],
    ['allocations', 'issued_on', '6/1/2018'],
    ['allocations', 'issued_on', '43252'],
    ['allocations', 'received_on', '2018-05-31'],
    ['allocations', 'function_code', '2130'],
    ['allocations', 'purpose', 'x'.repeat(1001)],
    ['allocations', 'receiver_name', 'x'.repeat(201)],
    ['allocations', 'receiver_name', '马山\u0007县'],
    ['allocations', 'receiver_name', '马山\u202e县'],
    ['allocations', 'receiver_name', '马山\ud800县'],
    ['allocations', 'receiver_name', '马山\n县'],
    ['supplements', 'received_on', '2018-06-30'],
    ['disbursements', 'credited_on', '2018-06-04'],
    ['disbursements', 'recipient_account', '6.22848E+18'],
    ['payments', 'payee_kind', '村民'],
    ['payments', 'method', '微信'],
    ['payments', 'economic_code', '3031001'],
    ['payments', 'already_happened', '可能'],
    ['returns', 'kind', '退款'],
    ['returns', 'received_on', '2018-06-11'],
    ['notices', 'level', '屯'],
    ['notices', 'removed_on', '2018-05-31'],
    ['projects', 'closed_on', '2018-02-28'],
    ['projects', 'accepted_on', '2018-02-28'],
  ])('%s %s %p', (kind, name, text) => {
    const { row, error } = parse(kind, { [name]: text });
    expect(row).toBeNull();
    expect(error).toMatchObject({ code: 'bad-value', severity: 'error', field: name, sheet: kind });
  });

  it('is a column the kind does not have, with the nearest one named', () => {
    const { error } = parse('notices', { 公示地址: '村委会' });
    expect(error).toMatchObject({ code: 'bad-value', field: '公示地址' });
    expect(error?.expected).toContain('公示地点');
  });

  it('is a project whose plan or whose dates run backwards, each on its own', () => {
    const plan = { planned_start: '2018-07-01', planned_end: '2018-06-30' };
    expect(parse('projects', plan).error?.field).toBe('planned_end');
    expect(parse('projects', { library_on: '2018-03-02' }).error?.field).toBe('approved_on');
    const early = { planned_end: '2018-12-31', accepted_on: '2018-11-30' };
    expect(parse('projects', early).error).toBeNull();
  });
});

describe('an amount and its unit', () => {
  it('needs a unit, in its column or in the header', () => {
    expect(parse('returns', { unit: '' }).error).toMatchObject({ field: 'unit', value: null });
    const cells = { ...VALID_ROWS.returns, unit: '' };
    const context = { regionTable, headerUnits: { amount: '万元' as const } };
    expect(parseRow('returns', cells, context).row).toMatchObject({ amountFen: 5_000_000_00n });
  });

  it('may not say one unit in the header and another in the row', () => {
    const { amount, ...rest } = VALID_ROWS.returns;
    const stated = { ...rest, '金额（万元）': amount ?? '' };
    expect(parseRow('returns', stated, { regionTable }).error).toMatchObject({
      code: 'bad-value',
      field: 'unit',
      value: '元',
    });
    const same = { ...stated, unit: '万元' };
    expect(parseRow('returns', same, { regionTable }).row).toMatchObject({
      amountText: '500 万元',
    });
  });

  it.each([
    ['0', 0n],
    ['-1.5', -1_50n],
  ])('may be %s: whether it can be posted is decided later', (amount, amountFen) => {
    expect(parse('payments', { amount }).row).toMatchObject({ amountFen });
  });
});

describe('a payment that has already happened', () => {
  it.each(['是', 'yes', 'YES', 'true', '1', 'Y'])('says so: %s', (text) => {
    const { row } = parse('payments', { already_happened: text, reason: '抢险' });
    expect(row).toMatchObject({ alreadyHappened: true, reason: '抢险' });
  });

  it.each(['否', 'no', 'false', '0', ''])('or not: %p', (text) => {
    expect(parse('payments', { already_happened: text }).row).toMatchObject({
      alreadyHappened: false,
    });
  });

  it('needs a reason', () => {
    expect(parse('payments', { already_happened: '是' }).error).toMatchObject({
      code: 'bad-value',
      field: 'reason',
    });
  });
});

describe('texts are cleaned, and nothing else is changed', () => {
  it('trims, composes and joins the lines of a remark', () => {
    const changes = { receiver_name: ' \u3000e\u0301办 ', remark: '第一行\r\n第二行\t完' };
    expect(parse('allocations', changes).row).toMatchObject({
      receiverName: 'é办',
      remark: '第一行 第二行 完',
    });
  });

  it.each([
    ['2018-06-01 00:00:00', '2018-06-01'],
    ['２０１８-０６-０１', '2018-06-01'],
    ['2018/6/1 0:00', '2018-06-01'],
  ])('reads the day %s', (text, day) => {
    expect(parse('reversals', { reversed_on: text }).row).toMatchObject({ reversedOn: day });
  });

  it('reads an ID in full width, its X too, as the ID it is', () => {
    const { row, warnings } = parse('payments', {
      ...{ payee_kind: '个人', payee_code: '１１０１０５１９４９１２３１００２Ｘ' },
    });
    expect(row).toMatchObject({ payee: { code: '11010519491231002X' } });
    expect(warnings.map(({ code }) => code)).not.toContain('check-digit');
  });

  it('reads regions of the centre, and in full width', () => {
    const { row } = parse('allocations', {
      issuer_region: '100000',
      receiver_region: '４５０１２４',
    });
    expect(row).toMatchObject({ issuerRegion: region('000000'), receiverRegion: region('450124') });
  });

  it('keeps flex columns outside the row', () => {
    const { row, flex } = parse('notices', { flex_note: ' 自用 ', flex_empty: '' });
    expect(flex).toEqual({ flex_note: '自用' });
    expect(row).not.toHaveProperty('flex');
  });

  it('keeps a record far below the 65,535 bytes of a log entry', () => {
    const widest = Object.fromEntries(
      COLUMNS.projects
        .filter(({ type }) => type === 'text' || type === 'line')
        .map(({ name, lengthMax }) => [name, '𠮷'.repeat(lengthMax / 2)]),
    );
    const { row, error } = parse('projects', widest);
    expect(error).toBeNull();
    const json = JSON.stringify(row, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(Buffer.byteLength(json)).toBeLessThan(16_384);
  });
});
