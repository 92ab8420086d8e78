import fc from 'fast-check';
import { histories, rowsOf } from '../../test/support/histories.js';
import { REGION, testRegions } from '../../test/support/regions.js';
import { day } from '../../test/support/rows.js';
import { Books } from './books.js';
import { besideRow } from './holding/decide-payment.js';
import { fen } from './money.js';
import { postDraw, postRow } from './posting.js';
import type { PaymentRow } from './rows.js';

const anyContext = fc
  .constantFrom(REGION.centre, REGION.mashan, REGION.guangdong)
  .map((jurisdiction) => ({ jurisdiction, regions: testRegions() }));

const seldom = <T>(...values: T[]): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, fc.constantFrom(...values));

/** Turns of a payment that a history accepts into ones that may be refused. */
const bend = fc.record({
  sourceId: seldom('P-1', 'nowhere'),
  projectId: seldom('X-1', 'nothing'),
  paidOn: seldom(day('2010-01-01'), day('2035-01-01')),
  times: fc.constantFrom(1n, 1n, 1n, 0n, -1n, 1_000_000n),
  alreadyHappened: fc.boolean(),
});

describe('a payment decided by its draw alone', () => {
  it('is refused and draws as the posted row does, whatever came before', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        histories({ rowsMax: 40 }),
        anyContext,
        fc.array(bend, { minLength: 40, maxLength: 40 }),
        (history, context, bends) => {
          const [whole, drawn] = [new Books(), new Books()];
          rowsOf(history).forEach((row, at) => {
            if (row.kind !== 'payments') {
              for (const books of [whole, drawn]) postRow(books, row, history.context);
              return;
            }
            const { times = 1n, ...values } = bends[at % bends.length] ?? {};
            const given = Object.entries(values).filter(([, value]) => value !== null);
            const bent = Object.fromEntries(given) as Partial<PaymentRow>;
            const payment = { ...row, ...bent, amountFen: fen(row.amountFen * times) };
            const decision = postRow(whole, payment, context);
            const draw = postDraw(drawn, payment, context);
            seen.add(draw.outcome === 'refused' ? draw.refusal.code : draw.outcome);
            if (decision.outcome !== 'accepted' || draw.outcome !== 'drawn') {
              expect(draw).toEqual(decision);
              return;
            }
            const [event] = decision.events;
            // A row that comes later may name it.
            if (event) drawn.register(event);
            expect({ row: payment, ...besideRow(payment, draw.source) }).toEqual(event?.data);
            const days = [payment.paidOn, day('2000-01-01')];
            const [one, other] = [whole, drawn].map((books) => {
              const timeline = books.holding(payment.sourceId)?.timeline;
              return days.map((on) => timeline?.lowestFrom(on));
            });
            expect(one).toEqual(other);
          });
        },
      ),
      { numRuns: 200 },
    );
    const some = ['drawn', 'unknown-source', 'unknown-project', 'date-before-source'];
    const others = ['amount-not-positive', 'exceeds-available', 'out-of-jurisdiction'];
    expect([...seen]).toEqual(expect.arrayContaining([...some, ...others]));
  });

  it('changes nothing of a holding that was borrowed', () => {
    const books = new Books();
    const [history] = fc.sample(histories({ rowsMax: 40 }), { seed: 7, numRuns: 1 });
    const rows = rowsOf(history as NonNullable<typeof history>);
    for (const row of rows) postRow(books, row, (history as NonNullable<typeof history>).context);
    const paid = rows.find((row): row is PaymentRow => row.kind === 'payments');
    if (!paid) throw new Error('this history pays nothing');
    const lent = books.lend(paid.sourceId);
    const before = lent?.timeline.total;
    books.draw({ ...paid, amountFen: fen(1n) });
    expect(lent?.timeline.total).toBe(before);
    expect(books.holding(paid.sourceId)?.timeline.total).toBe(fen((before ?? 0n) - 1n));
  });
});
