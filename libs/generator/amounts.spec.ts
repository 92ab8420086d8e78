import { type Fen, fen, parseMoney } from '@fundflow/domain/money';
import fc from 'fast-check';
import { householdShare, projectSize, splitAmount, wanText, YUAN, yuanText } from './amounts.js';
import { randomFor } from './random.js';

const amounts = fc.bigInt({ min: 10_000_00n, max: 10_000_000_000_00n }).map(fen);

describe('amounts', () => {
  it('are split to the last fen, and nobody gets nothing', () => {
    const weights = fc.array(fc.integer({ min: 200, max: 3_300 }), { minLength: 1, maxLength: 40 });
    const grains = fc.constantFrom(1n, YUAN, 10n * YUAN);
    fc.assert(
      fc.property(amounts, weights, grains, (total, parts, grain) => {
        const shares = splitAmount(total, parts, grain);
        expect(shares).toHaveLength(parts.length);
        expect(shares.reduce((a, b) => a + b, 0n)).toBe(total);
        for (const share of shares) expect(share > 0n).toBe(true);
      }),
    );
  });

  it('that are too few to split are a broken plan', () => {
    expect(() => splitAmount(fen(2n), [1, 1, 1], 1n)).toThrow('too few');
  });

  it.each([
    [1_250_00n, '1250.00', '0.125'],
    [7n, '0.07', '0.000007'],
    [724_712_484n, '7247124.84', '724.712484'],
    [10_000_00n, '10000.00', '1'],
  ])('%s fen are %s 元 and %s 万元', (amount, yuan, wan) => {
    expect(yuanText(fen(amount))).toBe(yuan);
    expect(wanText(fen(amount))).toBe(wan);
  });

  it('say in both units what they are', () => {
    fc.assert(
      fc.property(amounts, (amount: Fen) => {
        const read = { ok: true, amountFen: amount };
        expect(parseMoney(yuanText(amount), '元')).toEqual(read);
        expect(parseMoney(wanText(amount), '万元')).toEqual(read);
      }),
    );
  });

  it('have a heavy tail and keep their mean', () => {
    const random = randomFor(1, 'sizes');
    const sizes = Array.from({ length: 20_000 }, () => projectSize(random));
    const mean = sizes.reduce((a, b) => a + b, 0) / sizes.length;
    expect(mean).toBeGreaterThan(930);
    expect(mean).toBeLessThan(1_130);
    expect(sizes.filter((size) => size > 4_000).length).toBeGreaterThan(300);
    expect(sizes.sort((a, b) => a - b)[10_000] as number).toBeLessThan(750);
    const shares = Array.from({ length: 5_000 }, () => householdShare(random));
    expect(Math.min(...shares)).toBe(228);
  });
});
