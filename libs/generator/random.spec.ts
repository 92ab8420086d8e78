import { mixed, Random, randomFor } from './random.js';

describe('chance by seed', () => {
  it('gives the same numbers for the same seed and label, on every machine', () => {
    const draw = (): number[] => {
      const random = randomFor(2018, 'county/450124');
      return Array.from({ length: 5 }, () => random.below(1_000_000));
    };
    expect(draw()).toEqual(draw());
    expect(draw()).toEqual(FIRST_DRAWS);
  });

  it('gives other numbers for another seed or another label', () => {
    const first = (seed: number, label: string): number => randomFor(seed, label).below(1 << 20);
    const found = [first(1, 'a'), first(2, 'a'), first(1, 'b'), first(1, 'aa')];
    expect(new Set(found).size).toBe(4);
  });

  it('draws evenly', () => {
    const random = new Random(1, 2, 3);
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 20_000; i += 1) {
      const drawn = random.below(10);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  it('keeps to both ends, to chances and to weights', () => {
    const random = randomFor(7, 'ends');
    const days = Array.from({ length: 2_000 }, () => random.between(3, 5));
    expect(new Set(days)).toEqual(new Set([3, 4, 5]));
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1_000_000)).toBe(true);
    const weighed = Array.from({ length: 2_000 }, () => random.weighted([0, 3, 0, 1]));
    expect(new Set(weighed)).toEqual(new Set([1, 3]));
    expect(weighed.filter((index) => index === 1).length).toBeGreaterThan(1_350);
  });

  it('mixes small numbers apart', () => {
    const all = Array.from({ length: 5_000 }, (_, index) => mixed(index, 450_124));
    expect(new Set(all).size).toBe(5_000);
    expect(Math.max(...all)).toBeLessThan(2 ** 32);
  });
});

const FIRST_DRAWS = [642_894, 207_520, 161_854, 94_834, 211_609];
