import fc from 'fast-check';
import { day } from '../../../test/support/rows.js';
import { addDays } from '../calendar.js';
import { fen } from '../money.js';
import { Timeline } from './timeline.js';

const START = day('2018-01-01');
const on = (offset: number) => addDays(START, offset);
const change = fc.record({ at: fc.nat(12), amount: fc.bigInt({ min: -50n, max: 50n }) });

const timelineOf = (changes: readonly { at: number; amount: bigint }[]): Timeline => {
  const timeline = new Timeline();
  for (const { at, amount } of changes) timeline.add(on(at), fen(amount));
  return timeline;
};

describe('the balances of a holding by day', () => {
  it('are nothing before the first change and the total after the last', () => {
    const timeline = new Timeline();
    expect(timeline.total).toBe(0n);
    expect(timeline.lowestFrom(START)).toBe(0n);
    timeline.add(on(3), fen(5n));
    timeline.add(on(1), fen(-2n));
    expect([0, 1, 2, 3, 4].map((at) => timeline.at(on(at)))).toEqual([0n, -2n, -2n, 3n, 3n]);
    expect(timeline.total).toBe(3n);
  });

  it.each([
    [0, -2n],
    [1, -2n],
    [2, -2n],
    [3, 3n],
    [9, 3n],
  ])('are at their lowest on or after day %i: %s', (at, lowest) => {
    const timeline = timelineOf([
      { at: 3, amount: 5n },
      { at: 1, amount: -2n },
    ]);
    expect(timeline.lowestFrom(on(at))).toBe(lowest);
  });

  it('count a day at its end: what comes and goes on one day is never missing', () => {
    const timeline = timelineOf([
      { at: 2, amount: -7n },
      { at: 2, amount: 7n },
    ]);
    expect(timeline.lowestFrom(START)).toBe(0n);
  });

  it('do not depend on the order of posting', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(13), (changes, at) => {
        const [forward, backward] = [timelineOf(changes), timelineOf([...changes].reverse())];
        expect(forward.at(on(at))).toBe(backward.at(on(at)));
        expect(forward.lowestFrom(on(at))).toBe(backward.lowestFrom(on(at)));
      }),
    );
  });

  it('are the plain sums, and the lowest is the least of them', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(13), (changes, from) => {
        const timeline = timelineOf(changes);
        const balance = (at: number): bigint =>
          changes.reduce((sum, one) => (one.at <= at ? sum + one.amount : sum), 0n);
        const balances = Array.from({ length: 15 - from }, (_, i) => balance(from + i));
        expect(timeline.at(on(from))).toBe(balances[0]);
        expect(timeline.lowestFrom(on(from))).toBe(balances.reduce((a, b) => (b < a ? b : a)));
      }),
    );
  });

  it('a copy goes its own way', () => {
    const original = timelineOf([{ at: 1, amount: 5n }]);
    const copy = original.copy();
    copy.add(on(2), fen(-3n));
    expect([original.total, copy.total]).toEqual([5n, 2n]);
    expect(original.at(on(2))).toBe(5n);
  });
});
