import { FoldingPace } from './folding-pace.js';

describe('the pace at which events are folded', () => {
  it('is a guess before anything was folded, and stays it while pages are small', () => {
    const pace = new FoldingPace();
    expect(pace.eventsIn(4)).toBe(100_000);
    pace.begin(0);
    pace.folded(100, 1_000);
    expect(pace.eventsIn(4)).toBe(100_000);
    pace.rest();
    // A plan's allocations, by a program that is not compiled yet.
    pace.begin(2_000);
    pace.folded(2_000, 2_400);
    expect(pace.eventsIn(4)).toBe(100_000);
  });

  it('is that of the pages since the last rest', () => {
    const pace = new FoldingPace();
    pace.begin(1_000);
    pace.folded(5_000, 1_250);
    pace.begin(1_250);
    pace.folded(5_000, 1_400);
    expect(pace.eventsIn(1)).toBe(25_000);
    pace.rest();
    pace.begin(9_000);
    pace.folded(10_000, 10_000);
    expect(pace.eventsIn(1)).toBe(10_000);
  });
});
