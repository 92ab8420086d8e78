import type { TrailAnswer } from './support/answers.js';
import { IN_JULY, IN_MAY, postEveryMovement } from './support/every-movement.js';
import { allocation, disbursement, notice, payment, project } from './support/rows.js';
import { type Asked, expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
beforeAll(() => postEveryMovement(ledger));

/** `occurredOn type record amount effect accountable`, amounts in 元. */
async function trail(region: string, asked: Asked = {}): Promise<string[]> {
  const entries = await ledger.trail(region, asked);
  return entries.map(({ occurredOn, type, recordId, amountFen, effect, accountableFen }) =>
    [occurredOn, type, recordId, inYuan(amountFen), effect, inYuan(accountableFen)].join(' '),
  );
}

const inYuan = (amountFen: string | null): string => amountFen?.replace(/00$/, '') ?? 'null';

const MASHAN = [
  '2018-02-01 AllocationIssued M 300 none 0',
  '2018-02-01 AllocationIssued L 20 none 0',
  '2018-02-01 AllocationReceived L 20 in 20',
  '2018-02-05 AllocationReceived M 300 in 320',
  '2018-02-10 AllocationIssued T 80 within 320',
  '2018-02-12 AllocationReceived T 80 within 320',
  '2018-02-15 AllocationIssued W 50 none 320',
  '2018-03-01 SupplementIssued U 40 none 320',
  '2018-03-05 SupplementReceived U 40 in 360',
  '2018-03-10 CashDisbursed D1 150 within 360',
  '2018-03-12 CashCredited D1 150 within 360',
  '2018-03-15 CashDisbursed D3 6 within 360',
  '2018-03-16 CashCredited D3 6 within 360',
  '2018-04-01 PaymentMade P1 90 out 270',
  '2018-04-02 PaymentMade P2 30 out 240',
  '2018-04-03 PaymentMade P3 10 out 230',
  '2018-04-10 PaymentReturned B1 15 in 245',
  '2018-04-12 PaymentReturned B2 5 in 250',
  '2018-05-01 CashReturned CR1 25 within 250',
  '2018-05-02 CashReturned CR2 5 within 250',
  '2018-05-03 CashReturnReceived CR1 25 within 250',
  '2018-05-05 AuthorityRecalled RC1 35 out 215',
  '2018-05-07 AuthorityRecalled RC3 8 out 207',
  '2018-05-08 RecallReceived RC1 35 none 207',
  '2018-05-09 RecallReceived RC3 8 none 207',
  '2018-05-10 AuthorityRecalled RC4 3 out 204',
  '2018-05-10 RecallReceived RC4 3 none 204',
  '2018-05-12 CashReturned CR3 4 within 204',
  '2018-05-13 CashReturnReceived CR3 4 within 204',
  '2018-06-01 MovementReversed Z-P3 10 in 214',
  '2018-06-02 MovementReversed Z-B2 5 out 209',
  '2018-07-01 MovementReversed Z-W 50 none 209',
  '2018-07-05 MovementReversed Z-RC1 35 in 244',
  '2018-07-06 MovementReversed Z-CR2 5 within 244',
  '2018-07-07 MovementReversed Z-RC4 3 in 247',
  '2018-07-10 MovementReversed Z-D3 6 within 247',
  '2018-07-11 MovementReversed Z-CR3 4 within 247',
];

describe('§6 Trail', () => {
  it('“every record that names the county or a place in it, oldest first”, with the running balance', async () => {
    expect(await trail('450124', IN_JULY)).toEqual(MASHAN);
  });

  it('as of a day it ends there; its last balance is that of the summary', async () => {
    const asOf = '2018-05-31';
    expect(await trail('450124', IN_MAY)).toEqual(MASHAN.filter((line) => line <= asOf));
    for (const region of ['450124', '450125', '450124100', '4501', '45', '000000']) {
      for (const asked of [IN_MAY, IN_JULY, { asOf: '2018-03-11' }]) {
        const last = (await ledger.trail(region, asked)).at(-1)?.accountableFen;
        const { accountableFen } = await ledger.summary(region, asked);
        expect([region, asked, last ?? '0']).toEqual([region, asked, accountableFen]);
      }
    }
  });

  it('“with `from`, accountableFen starts at the true balance before it”; `to` is inclusive', async () => {
    const between = MASHAN.filter((line) => line >= '2018-05-03' && line < '2018-05-09');
    const asked = { ...IN_JULY, from: '2018-05-03', to: '2018-05-08' };
    expect(await trail('450124', asked)).toEqual(between);
    expect(await trail('450124', { ...IN_MAY, from: '2018-06-01' })).toEqual([]);
  });

  it('the city sees the same movements from further away', async () => {
    const seen = await trail('4501', IN_JULY);
    expect(seen.filter((line) => / (C|M|W|U|RC1|RC3|V|Z-V|Z-W|S1|D2) /.test(line))).toEqual([
      '2018-01-15 AllocationIssued C 600 none 0',
      '2018-01-20 AllocationReceived C 600 in 600',
      '2018-02-01 AllocationIssued M 300 within 600',
      '2018-02-01 AllocationIssued S1 100 within 600',
      '2018-02-05 AllocationReceived M 300 within 620',
      '2018-02-10 AllocationReceived S1 100 within 620',
      '2018-02-15 AllocationIssued W 50 none 620',
      '2018-03-01 AllocationIssued V 7 within 620',
      '2018-03-01 SupplementIssued U 40 none 620',
      '2018-03-02 AllocationReceived V 7 within 620',
      '2018-03-05 SupplementReceived U 40 in 660',
      '2018-03-10 CashDisbursed D2 60 within 660',
      '2018-05-05 AuthorityRecalled RC1 35 within 550',
      '2018-05-07 AuthorityRecalled RC3 8 out 542',
      '2018-05-08 RecallReceived RC1 35 within 542',
      '2018-05-09 RecallReceived RC3 8 none 542',
      '2018-07-01 MovementReversed Z-W 50 none 544',
      '2018-07-09 MovementReversed Z-V 7 within 547',
    ]);
  });

  it('and the region', async () => {
    const seen = await trail('45', IN_JULY);
    expect(seen).toHaveLength(MASHAN.length + 12);
    expect(seen.filter((line) => !line.includes(' within ')).map((line) => line.slice(11))).toEqual(
      [
        ...['AllocationIssued R 1000 none 0', 'AllocationReceived R 1000 in 1000'],
        ...['AllocationIssued L 20 none 1000', 'AllocationReceived L 20 in 1020'],
        ...['PaymentMade P1 90 out 930', 'PaymentMade P2 30 out 900', 'PaymentMade P3 10 out 890'],
        ...['PaymentReturned B1 15 in 905', 'PaymentReturned B2 5 in 910'],
        ...['AuthorityRecalled RC4 3 out 907', 'RecallReceived RC4 3 none 907'],
        ...['MovementReversed Z-P3 10 in 917', 'MovementReversed Z-B2 5 out 912'],
        ...['MovementReversed Z-RC4 3 in 915'],
      ],
    );
  });

  it('a township sees its own', async () => {
    expect(await trail('450124100', IN_JULY)).toEqual([
      '2018-02-10 AllocationIssued T 80 none 0',
      '2018-02-12 AllocationReceived T 80 in 80',
      '2018-04-02 PaymentMade P2 30 out 50',
      '2018-04-12 PaymentReturned B2 5 in 55',
      '2018-06-02 MovementReversed Z-B2 5 out 50',
    ]);
  });

  it('“holdingId is the holding created, drawn on or returned to”', async () => {
    const entries = await ledger.trail('450124', IN_MAY);
    const of = (id: string) => entries.find(({ recordId }) => recordId === id)?.holdingId;
    const ids = ['M', 'U', 'T', 'D1', 'P1', 'P2', 'B1', 'CR1', 'RC1', 'RC3'];
    expect(ids.map((id) => [id, of(id)].join(' '))).toEqual([
      ...['M M', 'U M', 'T T', 'D1 D1', 'P1 D1', 'P2 T'],
      ...['B1 D1', 'CR1 M', 'RC1 C', 'RC3 R'],
    ]);
  });

  it('documents, vouchers, who received it, and what a reversal reverses', async () => {
    const entries = await ledger.trail('450124', IN_JULY);
    const of = (id: string) => entries.find(({ recordId }) => recordId === id);
    expect(of('M')).toMatchObject({
      documentNo: '桂财农〔2018〕1号',
      voucherNo: null,
      reversalOf: null,
    });
    expect(of('P1')).toMatchObject({ voucherNo: 'V-P1', counterparty: '广西路桥有限公司' });
    expect(of('Z-P3')).toMatchObject({ reversalOf: 'P3', voucherNo: 'V-P3' });
    const { actor, eventId, position } = of('P1') ?? {};
    const { entries: found } = await ledger.events({ after: Number(position) - 1, limit: 1 });
    expect(found[0]?.envelope).toMatchObject({ eventId, actor, type: 'PaymentMade' });
  });

  it('“a region without money: zeros and an empty trail”', async () => {
    expect(await trail('440000', IN_JULY)).toEqual([]);
  });
});

describe('§6 “a project gives trail entries for its library, approval, acceptance and closing dates”', () => {
  beforeAll(async () => {
    const place = { county: '451021', township: '451021100', village: '451021100001' };
    const dates = { library_on: '2018-02-01', approved_on: '2018-02-02' };
    await ledger.post('projects', project('X-1', { ...place, ...dates }));
    await ledger.post(
      'projects',
      project('X-1', { ...place, ...dates, accepted_on: '2018-11-01' }),
    );
    await ledger.post(
      'projects',
      project('X-1', { ...place, ...dates, accepted_on: '2018-11-01', closed_on: '2018-12-01' }),
    );
    const shown = { posted_on: '2018-03-01', removed_on: '2018-03-11' };
    await ledger.post('notices', notice('N-1', 'X-1', shown));
  });

  const PROJECT = [
    '2018-02-01 ProjectEnteredLibrary X-1 null none 0',
    '2018-02-02 ProjectApproved X-1 null none 0',
    '2018-03-01 NoticePosted N-1 null none 0',
    '2018-03-11 NoticeRemoved N-1 null none 0',
    '2018-11-01 ProjectAccepted X-1 null none 0',
    '2018-12-01 ProjectClosed X-1 null none 0',
  ];

  it.each(['451021', '451021100', '451021100001', '4510'])('in %s', async (region) => {
    expect(await trail(region, { asOf: '2019-01-01' })).toEqual(PROJECT);
  });

  it('not in the township beside it', async () => {
    expect(await trail('451021101', { asOf: '2019-01-01' })).toEqual([]);
  });

  it('“records that only name the place: none”: paid elsewhere to a payee who lives there', async () => {
    await ledger.post('allocations', allocation('payer', { receiver_region: '450902' }));
    await ledger.post('disbursements', disbursement('payer-D', 'payer'));
    await ledger.post('payments', payment('payee-P', 'payer-D', { payee_region: '451021101' }));
    expect(await trail('451021101')).toEqual(['2018-04-01 PaymentMade payee-P 40 none 0']);
  });
});

describe('§4 “lists page by an opaque cursor that pins the snapshot”', () => {
  it('new postings, also back-dated ones, do not enter the pages that follow', async () => {
    const asked = { ...IN_JULY, limit: 10 };
    const first = expectOk(
      await ledger.as('checker').get<TrailAnswer>('/api/v1/counties/450124/trail', asked),
    );
    const early = { issued_on: '2018-01-01', received_on: '2018-06-15', amount: '1' };
    await ledger.post('allocations', allocation('late-news', early));
    const found = [...first.entries];
    let { next } = first;
    while (next !== null) {
      const page = { limit: 10, cursor: next };
      const answer = await ledger
        .as('checker')
        .get<TrailAnswer>('/api/v1/counties/450124/trail', page);
      const { entries, next: following } = expectOk(answer);
      found.push(...entries);
      next = following;
    }
    expect(found.map(({ recordId }) => recordId)).toEqual(MASHAN.map((line) => line.split(' ')[2]));
    expect(found.at(-1)?.accountableFen).toBe('24700');
    expect(await trail('450124', IN_JULY)).toHaveLength(MASHAN.length + 2);
  });

  it('a cursor is not for another list, and none that somebody made', async () => {
    const path = '/api/v1/counties/450124/trail';
    const { next } = expectOk(await ledger.as('checker').get<TrailAnswer>(path, { limit: 1 }));
    const foreign = await Promise.all([
      ledger.as('checker').get('/api/v1/counties/450125/trail', { cursor: next ?? '' }),
      ledger.as('checker').get('/api/v1/alerts', { cursor: next ?? '' }),
      ledger.as('checker').get(path, { cursor: `${next}x` }),
      ledger.as('checker').get(path, { cursor: 'e30' }),
    ]);
    for (const { status, body } of foreign) {
      expect([status, body]).toMatchObject([400, { code: 'bad-cursor' }]);
    }
  });
});
