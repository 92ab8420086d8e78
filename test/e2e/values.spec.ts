import { dayInShanghai } from '@fundflow/domain/calendar';
import { allocation, disbursement, onItsWay, payment, project } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();

/** What a row of this kind would come to with another value in one column. */
const said = async (column: string, values: readonly string[], rest = {}) =>
  ledger.verdicts(
    'allocations',
    values.map((value, index) => allocation(`try-${index}`, { ...rest, [column]: value })),
  );

/** Posts one allocation a value and gives back what the log has under each. */
async function recorded(prefix: string, column: string, values: readonly string[], rest = {}) {
  const rows = values.map((value, index) =>
    allocation(`${prefix}-${index}`, { ...rest, [column]: value }),
  );
  const { firstPosition } = await ledger.post('allocations', ...rows);
  const { entries } = await ledger.events({ after: Number(firstPosition) - 1, limit: 1000 });
  const issued = entries.filter(({ envelope }) => envelope['type'] === 'AllocationIssued');
  return issued.map(({ envelope }) => (envelope['data'] as { row: Record<string, unknown> }).row);
}

describe('§1 money', () => {
  it('JSON: a decimal string of whole fen, never a number, in every answer', async () => {
    await ledger.post('allocations', allocation('M-1', { amount: '12500' }));
    await ledger.post('disbursements', disbursement('M-2', 'M-1', { amount: '0.01' }));
    const answers = await Promise.all([
      ledger.holding('M-1'),
      ledger.summary('450124'),
      ledger.trail('450124'),
      ledger.down('M-1'),
      ledger.up('M-2'),
      ledger.alerts(),
      ledger.trialBalance(),
    ]);
    const amounts = [...JSON.stringify(answers).matchAll(/"\w*Fen":("?-?[\d.]+"?|null)/g)];
    expect(amounts.length).toBeGreaterThan(50);
    for (const [, amount] of amounts) expect(amount).toMatch(/^"-?\d+"$|^null$/);
    expect((answers[0] as { amountFen: string }).amountFen).toBe('1250000');
  });

  it('“724.712484 万元 is 724712484 fen”, also with thousands separators and full-width digits', async () => {
    const cases: [string, string, string][] = [
      ['724.712484', '万元', '724712484'],
      ['7,247,124.84', '元', '724712484'],
      ['７２４．７１２４８４', '万元', '724712484'],
      ['７，２４７，１２４．８４', '元', '724712484'],
      ['7.16', '亿元', '71600000000'],
      ['0.0000000001', '亿元', '1'],
      ['0.01', '元', '1'],
      ['1.2300', '元', '123'],
      ['92233720368547758.07', '元', '9223372036854775807'],
    ];
    const rows = cases.map(([amount, unit], index) =>
      allocation(`MU-${index}`, { amount, unit, ...onItsWay }),
    );
    // The largest amount would not fit beside others in any sum: it is only read.
    const report = await ledger.report('allocations', rows);
    expect(report).toEqual([]);
    await ledger.post('allocations', ...rows.slice(0, -1));
    for (const [index, [, , amountFen]] of cases.slice(0, -1).entries()) {
      expect(await ledger.holding(`MU-${index}`)).toMatchObject({ amountFen });
    }
  });

  it('“finer than one fen is a row error, never rounded”; so is what is no amount', async () => {
    expect(
      await said('amount', ['0.001', '1.999', '1e3', '12.', '.5', '1,00', 'NaN', '壹佰']),
    ).toEqual(Array(8).fill('bad-value'));
    expect(await said('amount', ['0.0000001'], { unit: '万元' })).toEqual(['bad-value']);
    expect(await said('amount', ['92233720368547758.08', '12345678901234567890123456'])).toEqual([
      'bad-value',
      'bad-value',
    ]);
  });

  it('an amount of nothing or less is read, and refused for what it is', async () => {
    expect(await said('amount', ['0', '0.00', '-1'])).toEqual(Array(3).fill('amount-not-positive'));
  });

  it('the unit stands in its column or in the header; both must agree, one must be there', async () => {
    const { amount: _amount, unit: _unit, ...rest } = allocation('MH-1', onItsWay);
    const rows = [
      { ...rest, '金额(万元)': '1' },
      { ...rest, 'amount(亿元)': '1', unit: '亿元' },
      { ...rest, '金额（元）': '1', unit: '万元' },
      { ...rest, amount: '1' },
      { ...rest, amount: '1', unit: '块' },
    ];
    const verdicts = await Promise.all(
      rows.map((row) => ledger.verdicts('allocations', [row as Record<string, string>])),
    );
    expect(verdicts.flat()).toEqual(['ok', 'ok', 'bad-value', 'bad-value', 'bad-value']);
  });

  it('“the text as handed in is kept beside the parsed value”', async () => {
    const [row] = await recorded('MT', 'amount', ['７，２４７．５０'], onItsWay);
    expect(row).toMatchObject({ amountFen: '724750', amountText: '７，２４７．５０ 元' });
  });
});

describe('§1 business date', () => {
  it('has five spellings, one meaning', async () => {
    const spellings = ['2018-06-01', '2018/6/1', '20180601', '2018年6月1日', '2018-6-1'];
    const rows = await recorded('D', 'issued_on', spellings, onItsWay);
    expect(rows.map(({ issuedOn }) => issuedOn)).toEqual(Array(5).fill('2018-06-01'));
  });

  it('a day that does not exist is no date', async () => {
    const days = ['2018-02-29', '2018-13-01', '2018-06-31', '18-06-01', '01/06/2018', '昨天', ''];
    expect(await said('issued_on', days, onItsWay)).toEqual(Array(7).fill('bad-value'));
    expect(await said('issued_on', ['2020-02-29'], onItsWay)).toEqual(['ok']);
  });

  it('is one of Asia/Shanghai: what happens tomorrow there is not yet in the books of today', async () => {
    const today = dayInShanghai(Date.now());
    const tomorrow = dayInShanghai(Date.now() + 86_400_000);
    await ledger.post(
      'allocations',
      allocation('DT-1', { issued_on: today, received_on: today, receiver_region: '450125' }),
      allocation('DT-2', { issued_on: today, received_on: tomorrow, receiver_region: '450125' }),
    );
    expect(await ledger.summary('450125')).toMatchObject({
      receivedFen: '10000',
      inTransitFen: '10000',
    });
    expect(await ledger.summary('450125', { asOf: tomorrow })).toMatchObject({
      receivedFen: '20000',
      inTransitFen: '0',
    });
  });
});

describe('§1 moment of record', () => {
  it('is RFC 3339 UTC, stamped by the ledger', async () => {
    const before = new Date().toISOString();
    const { certifiedAt } = await ledger.post('allocations', allocation('R-1'));
    const after = new Date().toISOString();
    const [entry] = (await ledger.trail('450124')).filter(({ recordId }) => recordId === 'R-1');
    expect(entry?.recordedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(entry?.recordedAt).toBe(certifiedAt);
    expect(before <= String(certifiedAt) && String(certifiedAt) <= after).toBe(true);
  });
});

describe('§1 region', () => {
  it('has 2, 4, 6, 9 or 12 digits, and padded forms are the same region', async () => {
    const codes = ['45', '450000', '4501', '450100', '450124', '450124000', '450124000000'];
    const places = ['450124100', '450124100000', '450124100001'];
    const rows = await recorded('G', 'receiver_region', [...codes, ...places], onItsWay);
    expect(rows.map(({ receiverRegion }) => receiverRegion)).toEqual([
      ...['45', '45', '4501', '4501', '450124', '450124', '450124'],
      ...['450124100', '450124100', '450124100001'],
    ]);
  });

  it('“000000 is the central government”; so is 100000', async () => {
    const rows = await recorded('GC', 'issuer_region', ['000000', '100000'], onItsWay);
    expect(rows.map(({ issuerRegion }) => issuerRegion)).toEqual(['000000', '000000']);
  });

  it('a malformed code is bad-value, one of no table unknown-region', async () => {
    expect(
      await said('receiver_region', ['4', '45012', '4501241', '马山县', '', '450124A']),
    ).toEqual(Array(6).fill('bad-value'));
    expect(await said('receiver_region', ['99', '450199', '450124999', '450124100999'])).toEqual(
      Array(4).fill('unknown-region'),
    );
  });

  it('“one that the record’s own year does not know gets the warning region-vintage”', async () => {
    // 荔浦县 became 荔浦市 in 2018.
    const rows = [
      allocation('GV-1', { receiver_region: '450331', issued_on: '2017-03-01', ...onItsWay }),
      allocation('GV-2', { receiver_region: '450331', issued_on: '2019-03-01', ...onItsWay }),
      allocation('GV-3', { receiver_region: '450381', issued_on: '2019-03-01', ...onItsWay }),
      allocation('GV-4', { receiver_region: '450381', issued_on: '2017-03-01', ...onItsWay }),
    ];
    const lines = await ledger.report('allocations', rows);
    expect(lines.map(({ id, code, severity, field }) => [id, code, severity, field])).toEqual([
      ['GV-2', 'region-vintage', 'warning', 'receiver_region'],
      ['GV-4', 'region-vintage', 'warning', 'receiver_region'],
    ]);
  });

  it('“units with no code of their own carry the code of the county they lie in plus their own name”', async () => {
    const [row] = await recorded('GN', 'receiver_name', ['南宁高新技术产业开发区'], {
      receiver_region: '450100',
      ...onItsWay,
    });
    expect(row).toMatchObject({ receiverName: '南宁高新技术产业开发区', receiverRegion: '4501' });
  });
});

describe('§1 document number', () => {
  it('brackets 〔〕﹝﹞【】[]() are the same thing, normalised to 〔〕', async () => {
    const brackets = ['〔〕', '﹝﹞', '【】', '[]', '()', '（）', '［］'];
    const numbers = brackets.map(([open, close]) => `桂财农${open}2018${close}123号`);
    const rows = await recorded('N', 'doc_no', numbers, onItsWay);
    expect(rows.map(({ documentNo }) => documentNo)).toEqual(
      brackets.map(() => '桂财农〔2018〕123号'),
    );
  });

  it('“an unreadable one is kept as handed in and flagged, never guessed”', async () => {
    const lines = await ledger.report('allocations', [
      allocation('NU-1', { doc_no: '桂财农2018年第?号', ...onItsWay }),
      allocation('NU-2', { doc_no: '未载明', ...onItsWay }),
      allocation('NU-3', { doc_no: '', ...onItsWay }),
    ]);
    expect(lines.map(({ id, code, severity }) => [id, code, severity])).toEqual([
      ['NU-1', 'doc-unreadable', 'warning'],
      ['NU-2', 'doc-not-stated', 'warning'],
      ['NU-3', 'bad-value', 'error'],
    ]);
    const [row] = await recorded('NU', 'doc_no', ['桂财农2018年第?号'], onItsWay);
    expect(row).toMatchObject({ documentNo: '桂财农2018年第?号' });
  });
});

describe('§1 unified social credit code, resident ID, bank account', () => {
  beforeAll(() => ledger.post('allocations', allocation('C-1')));

  it('“check digits warn, they do not block”', async () => {
    const lines = [
      ...(await ledger.report('projects', [
        project('C-P1', { unit_code: '91350100M000100Y43' }),
        project('C-P2', { unit_code: '91350100M000100Y44' }),
      ])),
      ...(await ledger.report('disbursements', [
        disbursement('C-D1', 'C-1', { amount: '1', recipient_code: '91350100M000100Y40' }),
        disbursement('C-D2', 'C-1', { amount: '1', recipient_account: '2102110109300123456' }),
      ])),
      ...(await ledger.report('payments', [
        person('C-Y1', { payee_code: '11010519491231002X', payee_account: '4111111111111111' }),
        person('C-Y2', { payee_code: '110105194912310021' }),
        person('C-Y3', { payee_account: '4111111111111112' }),
      ])),
    ];
    expect(lines.map(({ id, code, severity, field }) => [id, code, severity, field])).toEqual([
      ['C-P2', 'check-digit', 'warning', 'unit_code'],
      ['C-D1', 'check-digit', 'warning', 'recipient_code'],
      ['C-Y2', 'check-digit', 'warning', 'payee_code'],
      ['C-Y3', 'check-digit', 'warning', 'payee_account'],
    ]);
  });

  const person = (id: string, over: Record<string, string>) =>
    payment(id, 'C-1', { amount: '1', payee_kind: 'person', payee_name: '韦某某', ...over });
});
