import { allocation, bankReturn, onItsWay, payment, recall } from './support/rows.js';
import { reversal, supplement } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

/*
 *   old 1000 (45, issued 2016) ── S1 ─┐
 *   new 1000 (45, issued 2018) ──────►A 0.10 (451027) ── P
 *   from outside ────────────── S2 ──┘│
 *   new ── S3, never acknowledged ────┘
 */
const ledger = theLedger();
beforeAll(async () => {
  const region = { issuer_region: '000000', receiver_region: '450000', amount: '1000' };
  const grown = { parent_id: 'new', receiver_region: '451027', amount: '0.10' };
  await ledger.post(
    'allocations',
    allocation('old', { ...region, issued_on: '2016-05-01', received_on: '2017-12-01' }),
    allocation('new', region),
    allocation('A', { ...grown, issued_on: '2018-02-01', received_on: '2018-02-03' }),
  );
  const line = (id: string, parent_id: string, amount: string, received_on: string) =>
    supplement(id, 'A', { parent_id, amount, issued_on: '2018-03-01', received_on });
  await ledger.post(
    'supplements',
    line('S1', 'old', '0.10', '2018-03-05'),
    line('S2', '', '0.10', '2018-04-05'),
    line('S3', 'new', '0.07', ''),
  );
});

const on = (asOf: string) => ledger.holding('A', { asOf });

describe('§6 “Supplements and several lines”', () => {
  it('“amountFen = the first line plus the supplements acknowledged on the day and not reversed”', async () => {
    const days = ['2018-02-28', '2018-03-04', '2018-03-05', '2018-04-04', '2018-04-05'];
    const amounts = await Promise.all(days.map(async (asOf) => (await on(asOf)).amountFen));
    expect(amounts).toEqual(['10', '10', '20', '20', '30']);
  });

  it('“receivedOn is the first line’s receipt”; “path follows the first line”; “age looks at all lines of all ancestors as of the day”', async () => {
    const same = { receivedOn: '2018-02-03', issuedOn: '2018-02-01', path: ['new', 'A'] };
    expect(await on('2018-03-04')).toMatchObject({ ...same, originalIssuedOn: '2018-01-10' });
    expect(await on('2018-03-05')).toMatchObject({ ...same, originalIssuedOn: '2016-05-01' });
  });

  it('“lastMovementOn counts issue and receipt of every line”, “a child’s acknowledgement is none”', async () => {
    const moved = async (asOf: string) => (await on(asOf)).lastMovementOn;
    expect([await moved('2018-02-28'), await moved('2018-03-01')]).toEqual([
      ...['2018-02-03', '2018-03-01'],
    ]);
    expect([await moved('2018-03-05'), await moved('2018-04-10')]).toEqual([
      ...['2018-03-05', '2018-04-05'],
    ]);
    const giver = await ledger.holding('old', { asOf: '2018-04-10' });
    expect(giver.lastMovementOn).toBe('2018-03-01');
  });

  it('what each line brought is drawn from its own parent', async () => {
    const asked = { asOf: '2018-04-10' };
    expect(await ledger.holding('old', asked)).toMatchObject({ passedDownFen: '10' });
    // The line on its way has left its giver.
    expect(await ledger.holding('new', asked)).toMatchObject({ passedDownFen: '17' });
    expect(await ledger.summary('451027', asked)).toMatchObject({
      ...{ receivedFen: '30', inTransitFen: '7' },
    });
  });

  it('“its holdingId is the allocation that grows”', async () => {
    const entries = await ledger.trail('451027', { asOf: '2018-04-10' });
    const lines = entries.filter(({ type }) => type.startsWith('Supplement'));
    expect(lines.map((e) => `${e.occurredOn} ${e.type} ${e.recordId} ${e.holdingId}`)).toEqual([
      ...['S1', 'S2', 'S3'].map((id) => `2018-03-01 SupplementIssued ${id} A`),
      '2018-03-05 SupplementReceived S1 A',
      '2018-04-05 SupplementReceived S2 A',
    ]);
  });

  it('“leans on its parent and on the allocation that grows”', async () => {
    const row = (id: string, over = {}) =>
      supplement(id, 'A', {
        ...{ parent_id: 'new', issued_on: '2018-02-20', ...onItsWay },
        ...over,
      });
    expect(
      await ledger.verdicts('supplements', [
        supplement('x-1', 'nobody', { parent_id: 'new' }),
        row('x-2', { parent_id: 'nobody' }),
        row('x-3', { issuer_region: '440000' }),
        row('x-4', { issued_on: '2018-02-02' }),
        row('x-5', { issued_on: '2018-01-19' }),
        row('x-6', { amount: '1000' }),
        row('x-7', { amount: '999.73' }),
      ]),
    ).toEqual([
      ...['unknown-source', 'unknown-source', 'out-of-jurisdiction', 'date-before-source'],
      ...['date-before-source', 'exceeds-available', 'ok'],
    ]);
  });

  it('“one that would close a circle is unknown-source”', async () => {
    const within = { receiver_region: '450000' };
    await ledger.post(
      'allocations',
      allocation('B', { ...within, amount: '5' }),
      allocation('C', {
        ...{ ...within, parent_id: 'B', amount: '2' },
        ...{ issued_on: '2018-01-21', received_on: '2018-01-22' },
      }),
    );
    const row = (parent_id: string, allocation_id: string) =>
      supplement('circle', allocation_id, { ...onItsWay, parent_id, amount: '0.01' });
    const verdicts = [row('C', 'B'), row('B', 'B'), row('B', 'C')].map((one) =>
      ledger.verdicts('supplements', [one]),
    );
    expect((await Promise.all(verdicts)).flat()).toEqual([
      ...['unknown-source', 'unknown-source', 'ok'],
    ]);
  });

  it('“收回 names an allocation (at most what its first line brought net) or a supplement (likewise)”', async () => {
    const back = (id: string, of: string, amount: string) =>
      recall(id, of, { amount, returned_on: '2018-05-01' });
    expect(
      await ledger.verdicts('returns', [
        back('r-1', 'A', '0.11'),
        back('r-2', 'S1', '0.11'),
        back('r-3', 'S1', '0.04'),
        back('r-4', 'S1', '0.07'),
        back('r-5', 'A', '0.10'),
        back('r-6', 'A', '0.01'),
      ]),
    ).toEqual([
      ...['exceeds-original', 'exceeds-original', 'ok', 'exceeds-original', 'ok'],
      'exceeds-original',
    ]);
  });

  it('each of them goes back to the parent of its own line', async () => {
    const back = { amount: '0.02', returned_on: '2018-05-01', received_on: '2018-05-02' };
    await ledger.post('returns', recall('RA', 'A', back), recall('RS', 'S1', back));
    const passedDown = async (id: string) =>
      (await ledger.holding(id, { asOf: '2018-05-02' })).passedDownFen;
    expect([await passedDown('old'), await passedDown('new')]).toEqual(['8', '15']);
    expect(await on('2018-05-02')).toMatchObject({ amountFen: '30', returnedUpFen: '4' });
  });

  it('“reversing an allocation that still has supplements: exceeds-available”; reversing a line takes it away', async () => {
    expect(await ledger.verdicts('reversals', [reversal('Z', 'A')])).toEqual(['exceeds-available']);
    await ledger.post('reversals', reversal('Z-2', 'S2', { reversed_on: '2018-06-01' }));
    expect(await on('2018-05-31')).toMatchObject({ amountFen: '30', availableFen: '26' });
    expect(await on('2018-06-01')).toMatchObject({ amountFen: '20', availableFen: '16' });
  });

  it('reversing a line that was drawn on since is refused', async () => {
    await ledger.post('payments', payment('P', 'A', { amount: '0.13', method: 'direct' }));
    expect(await ledger.verdicts('reversals', [reversal('Z-3', 'S1')])).toEqual([
      'exceeds-available',
    ]);
    const more = bankReturn('P-back', 'P', { amount: '0.14', returned_on: '2018-06-02' });
    expect(await ledger.verdicts('returns', [more])).toEqual(['exceeds-original']);
  });
});
