import fc from 'fast-check';
import {
  fen,
  FEN_MAX,
  formatYuan,
  type MoneyUnit,
  MONEY_UNITS,
  parseFenText,
  parseMoney,
  ratioText,
  splitProRata,
  toHalfWidth,
  ZERO,
} from './money.js';

const UNITS = Object.keys(MONEY_UNITS) as MoneyUnit[];
const anyFen = fc.bigInt({ min: -FEN_MAX, max: FEN_MAX }).map(fen);
const paidFen = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(fen);

/** fen written in a unit, every place spelled out. */
function inUnit(amount: bigint, unit: MoneyUnit): string {
  const places = MONEY_UNITS[unit];
  const digits = (amount < 0n ? -amount : amount).toString().padStart(places + 1, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

describe('money in files becomes whole fen, exactly', () => {
  it.each<[string, MoneyUnit, bigint]>([
    ['724.712484', '万元', 7_247_124_84n],
    ['2069.985898', '万元', 20_699_858_98n],
    ['7.16', '亿元', 716_000_000_00n],
    ['0.01', '元', 1n],
    ['0.000001', '万元', 1n],
    ['0.0000000001', '亿元', 1n],
    ['1,250,000.50', '元', 1_250_000_50n],
    ['１２，５００．５', '元', 12_500_50n],
    ['－３', '元', -3_00n],
    ['+3', '元', 3_00n],
    [' 520.00 ', '万元', 5_200_000_00n],
    ['1.100000000000000', '元', 1_10n],
    ['0', '元', 0n],
    ['-0', '元', 0n],
    ['000123', '元', 123_00n],
    ['92233720368547758.07', '元', FEN_MAX],
    ['-92233720368547758.07', '元', -FEN_MAX],
  ])('%s %s is %s fen', (text, unit, amount) => {
    expect(parseMoney(text, unit)).toEqual({ ok: true, amountFen: amount });
  });

  it.each<[string, MoneyUnit, string]>([
    ['0.001', '元', 'finer-than-a-fen'],
    ['724.7124841', '万元', 'finer-than-a-fen'],
    ['0.00000000001', '亿元', 'finer-than-a-fen'],
    ['92233720368547758.08', '元', 'too-large'],
    ['-92233720368547758.08', '元', 'too-large'],
    ['12345678901234567890123456', '元', 'too-large'],
    ['99999999999999999999999999', '万元', 'too-large'],
    ['', '元', 'not-a-number'],
    ['.5', '元', 'not-a-number'],
    ['5.', '元', 'not-a-number'],
    ['1e5', '元', 'not-a-number'],
    ['12,50', '元', 'not-a-number'],
    ['1,2500', '元', 'not-a-number'],
    ['1.250,00', '元', 'not-a-number'],
    ['--5', '元', 'not-a-number'],
    ['NaN', '元', 'not-a-number'],
    ['Infinity', '元', 'not-a-number'],
    ['五百', '元', 'not-a-number'],
    ['500元', '元', 'not-a-number'],
    ['5 00', '元', 'not-a-number'],
  ])('%s %s is refused: %s', (text, unit, reason) => {
    expect(parseMoney(text, unit)).toEqual({ ok: false, reason });
  });

  it('gives back every amount in every unit, with or without zeros behind the last fen', () => {
    fc.assert(
      fc.property(anyFen, fc.constantFrom(...UNITS), fc.nat(5), (amount, unit, zeros) => {
        const text = inUnit(amount, unit) + '0'.repeat(zeros);
        expect(parseMoney(text, unit)).toEqual({ ok: true, amountFen: amount });
      }),
    );
  });

  it('never rounds: one more digit other than zero is refused', () => {
    fc.assert(
      fc.property(
        paidFen,
        fc.constantFrom(...UNITS),
        fc.integer({ min: 1, max: 9 }),
        (a, unit, d) => {
          expect(parseMoney(`${inUnit(a, unit)}${d}`, unit)).toEqual({
            ok: false,
            reason: 'finer-than-a-fen',
          });
        },
      ),
    );
  });

  it('answers any text without throwing', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom(...UNITS), (t, u) => void parseMoney(t, u)));
  });

  it('comes to the same with the sign that says nothing', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 18 });
    const number = fc.oneof(
      digits,
      fc.tuple(digits, digits).map((parts) => parts.join('.')),
      fc.tuple(digits, digits, digits).map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(number, fc.constantFrom(...UNITS), (text, unit) => {
        expect(parseMoney(text, unit)).toEqual(parseMoney(`+${text}`, unit));
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads full-width signs as a spreadsheet of an office holds them', () => {
    expect(toHalfWidth('０９．，－＋　x中')).toBe('09.,-+ x中');
  });
});

describe('money on the wire is a decimal string of fen', () => {
  it('gives back every amount', () => {
    fc.assert(
      fc.property(anyFen, (amount) => expect(parseFenText(amount.toString())).toBe(amount)),
    );
  });

  it.each(['', '1.5', '1e3', ' 1', '--1', '+1', '9223372036854775808', '-9223372036854775808'])(
    '%p is no amount',
    (text) => expect(parseFenText(text)).toBeNull(),
  );
});

describe('yuan for people', () => {
  it.each([
    [0n, '0.00'],
    [1n, '0.01'],
    [-1n, '-0.01'],
    [99n, '0.99'],
    [1_00n, '1.00'],
    [999_99n, '999.99'],
    [1_000_00n, '1,000.00'],
    [1_250_000_00n, '1,250,000.00'],
    [-1_234_567_89n, '-1,234,567.89'],
  ])('%s fen reads %s', (amount, text) => expect(formatYuan(fen(amount))).toBe(text));

  it('says the amount again when it is read back', () => {
    fc.assert(
      fc.property(anyFen, (amount) =>
        expect(parseMoney(formatYuan(amount), '元')).toEqual({ ok: true, amountFen: amount }),
      ),
    );
  });
});

describe('a ratio has four places, half up', () => {
  it.each<[bigint, bigint, string | null]>([
    [820n, 1018n, '0.8055'],
    [0n, 5n, '0.0000'],
    [1n, 0n, null],
    [1n, 1n, '1.0000'],
    [1n, 3n, '0.3333'],
    [2n, 3n, '0.6667'],
    [5n, 100_000n, '0.0001'],
    [4n, 100_000n, '0.0000'],
    [-4n, 100_000n, '0.0000'],
    [-5n, 100_000n, '-0.0001'],
    [15n, 10n, '1.5000'],
    [12_345n, 1n, '12345.0000'],
    [-1n, -2n, '0.5000'],
  ])('%s / %s = %s', (a, b, text) => expect(ratioText(fen(a), fen(b))).toBe(text));
});

describe('a split in proportion', () => {
  it.each<[bigint, bigint[], bigint[]]>([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [100n, [0n, 0n], [100n, 0n]],
    [0n, [3n, 4n], [0n, 0n]],
    [7n, [5n], [7n]],
    [10n, [0n, 1n], [0n, 10n]],
    [-100n, [1n, 2n], [-34n, -66n]],
  ])('%s over %s gives %s: the first line takes the remainder', (total, weights, shares) => {
    expect(splitProRata(fen(total), weights.map(fen))).toEqual(shares);
  });

  it('loses nothing, and no share but the first differs from its part by a fen or more', () => {
    const weights = fc.array(paidFen, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(paidFen, weights, (total, parts) => {
        const shares = splitProRata(total, parts);
        const sum = parts.reduce((a, b) => a + b, 0n);
        expect(shares.reduce((a, b) => a + b, 0n)).toBe(total);
        shares.slice(1).forEach((share, i) => {
          if (sum === 0n) expect(share).toBe(ZERO);
          else expect(share).toBe((total * (parts[i + 1] ?? 0n)) / sum);
        });
      }),
    );
  });
});
