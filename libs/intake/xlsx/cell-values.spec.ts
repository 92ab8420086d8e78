import fc from 'fast-check';
import { cellNumber, isDateFormat, withoutEscapes } from './cell-values.js';

describe('the number in a cell', () => {
  it.each([
    ['724.71248399999997', '724.712484', false],
    ['2069.9858979999999', '2069.985898', false],
    ['0.10000000000000001', '0.1', false],
    ['1.1', '1.1', false],
    ['500', '500', false],
    ['520.00', '520', false],
    ['-0.50', '-0.5', false],
    ['.5', '0.5', false],
    ['5.', '5', false],
    ['1E3', '1000', false],
    ['1.5e-7', '0.00000015', false],
    ['1.2345E2', '123.45', false],
    ['0', '0', false],
    ['123456789012345', '123456789012345', false],
    ['123456789012345.67', '123456789012345.67', true],
    ['0.30000000000000004', '0.30000000000000004', true],
    ['6228480123456700000', '6228480123456700000', true],
    ['6.2284801234567E18', '6228480123456700000', true],
    ['450124198001011234', '450124198001011234', true],
    ['1234567890123456.7', '1234567890123456.7', true],
    ['92233720368547758.07', '92233720368547758.07', true],
  ])('%s reads %s, digits lost: %s', (raw, text, isLossy) => {
    expect(cellNumber(raw)).toEqual({ text, isLossy });
  });

  it.each(['', 'x', '1,5', '1e', '1e9999', '--1', '0x10', 'Infinity', 'NaN', '1 2'])(
    '%p is none',
    (raw) => expect(cellNumber(raw)).toBeNull(),
  );

  it('gives back every amount that was typed, however the double is written', () => {
    const amount = fc.tuple(
      fc.integer({ min: 0, max: 99_999_999 }),
      fc.integer({ min: 0, max: 999_999 }),
    );
    fc.assert(
      fc.property(amount, ([whole, fraction]) => {
        const typed = `${whole}.${fraction.toString().padStart(6, '0')}`.replace(/\.?0+$/, '');
        const shown = typed === '' ? '0' : typed;
        for (const written of [Number(shown).toPrecision(17), Number(shown).toString()]) {
          expect(cellNumber(written)?.text).toBe(shown);
        }
      }),
    );
  });
});

describe('a number format', () => {
  it.each<[number, string | undefined, boolean]>([
    [14, undefined, true],
    [31, undefined, true],
    [57, undefined, true],
    [20, undefined, false],
    [0, undefined, false],
    [4, undefined, false],
    [170, 'yyyy"年"m"月"d"日";@', true],
    [171, 'yyyy\\-mm\\-dd', true],
    [172, '[$-804]yyyy/m/d;@', true],
    [173, 'm/d', true],
    [174, 'mmm', true],
    [175, 'h:mm', false],
    [176, '[h]:mm:ss', false],
    [177, '#,##0.00', false],
    [178, '0.00E+00', false],
    [179, 'General', false],
    [180, '0"days"', false],
    [181, '[Red]-0.00', false],
    [182, '_-* #,##0.00_d', false],
    [183, '通用格式', false],
    [184, '@', false],
  ])('%s %s shows a day: %s', (id, code, answer) => expect(isDateFormat(id, code)).toBe(answer));
});

it('escaped characters are what they stand for', () => {
  expect(withoutEscapes('a_x000D_\nb_x0041_c_xZZZZ_')).toBe('a\r\nbAc_xZZZZ_');
});
