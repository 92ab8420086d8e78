import fc from 'fast-check';
import {
  CENTRE,
  countyKey,
  type DivisionRow,
  levelOf,
  liesIn,
  parseRegion,
  type RegionCode,
  RegionTable,
} from './region.js';

const code = (text: string): RegionCode => {
  const parsed = parseRegion(text);
  if (parsed === null) throw new Error(`${text} is no region code`);
  return parsed;
};

describe('a region code as handed in', () => {
  it.each([
    ['45', '45', 'province'],
    ['450000', '45', 'province'],
    ['4500', '45', 'province'],
    ['450000000000', '45', 'province'],
    ['4114', '4114', 'city'],
    ['411400', '4114', 'city'],
    ['411400000', '4114', 'city'],
    ['450124', '450124', 'county'],
    ['450124000', '450124', 'county'],
    ['450124000000', '450124', 'county'],
    ['450124101', '450124101', 'township'],
    ['450124101000', '450124101', 'township'],
    ['450124101201', '450124101201', 'village'],
    ['441900003', '441900003', 'township'],
    ['000000', '000000', 'centre'],
    ['100000', '000000', 'centre'],
    [' 450000 ', '45', 'province'],
  ])('%s is %s, a %s', (text, normal, level) => {
    expect(parseRegion(text)).toBe(normal);
    expect(levelOf(code(text))).toBe(level);
  });

  it.each([
    ...['', '4', '450', '45012', '4501241', '45012410120', '4501241012011', '45012４', '四五'],
    ...['45-01', '00', '0000', '000000000', 'GX4501'],
  ])('%p is none', (text) => expect(parseRegion(text)).toBeNull());

  it('is the same when it is normalised twice', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 13 });
    fc.assert(
      fc.property(digits, (list) => {
        const once = parseRegion(list.join(''));
        if (once !== null) expect(parseRegion(once)).toBe(once);
      }),
    );
  });
});

describe('what lies in what', () => {
  it.each([
    ['450124', '45', true],
    ['450124', '4501', true],
    ['450124101201', '450124', true],
    ['450124', '450124', true],
    ['4501', '450124', false],
    ['450125', '450124', false],
    ['450124', '000000', true],
    ['000000', '000000', true],
    ['000000', '45', false],
  ])('%s in %s: %s', (inner, outer, answer) => {
    expect(liesIn(code(inner), code(outer))).toBe(answer);
  });

  it.each([
    ['000000', '000000'],
    ['45', '45'],
    ['4501', '4501'],
    ['450124', '450124'],
    ['450124101', '450124'],
    ['450124101201', '450124'],
    ['441900003', '4419'],
  ])('the trail of %s is kept under %s', (place, key) => {
    expect(countyKey(code(place))).toBe(key);
  });
});

const division = (text: string, name: string, firstYear = 2017, lastYear = 2023): DivisionRow => ({
  code: code(text),
  name,
  parent: null,
  firstYear,
  lastYear,
});

const table = new RegionTable(
  [
    division('45', '广西壮族自治区'),
    division('451023', '平果县', 2017, 2019),
    division('451082', '平果市', 2020),
    division('451023100', '马头镇', 2017, 2019),
    division('451082100', '马头镇', 2020),
    division('451023202', '黎明乡', 2017, 2019),
    division('451023203', '同老乡', 2017, 2019),
    division('451082202', '海城乡', 2020),
    division('451082205', '黎明乡', 2020),
    division('450102001', '民生街道办事处', 2017, 2018),
    division('450102001', '民生街道', 2019),
  ],
  [
    { code: code('451023'), successor: code('451082') },
    { code: code('451023202'), successor: code('451082205') },
  ],
);

describe('the region table', () => {
  it('knows a code that was valid in any table, and the centre', () => {
    expect(table.knows(code('451023'))).toBe(true);
    expect(table.knows(CENTRE)).toBe(true);
    expect(table.knows(code('451099'))).toBe(false);
  });

  it.each<[string, number | null, boolean]>([
    ['451023', 2016, true],
    ['451023', 2017, true],
    ['451023', 2019, true],
    ['451023', 2020, false],
    ['451023', null, true],
    ['451082', 2019, false],
    ['451082', 2020, true],
    ['451082', 2021, true],
    ['451082', 2025, true],
    ['451082', 2013, false],
    ['451099', 2020, false],
    ['451099', null, false],
    ['000000', 2018, true],
  ])('%s in %s: %s', (place, year, known) => {
    expect(table.knowsInYear(code(place), year)).toBe(known);
  });

  it('names a place as it was called in the year, else as it was called last', () => {
    expect(table.nameOf(code('450102001'), 2018)).toBe('民生街道办事处');
    expect(table.nameOf(code('450102001'), 2019)).toBe('民生街道');
    expect(table.nameOf(code('450102001'))).toBe('民生街道');
    expect(table.nameOf(code('451082'), 2018)).toBe('平果市');
    expect(table.nameOf(CENTRE)).toBe('中央');
    expect(table.nameOf(code('451099'))).toBeNull();
  });
});

describe('a county that was given a new code', () => {
  it.each([
    ['451023', '451082'],
    ['451082', '451082'],
    ['451023100', '451082100'],
    ['451023100205', '451082100205'],
    ['45', '45'],
  ])('%s goes today under %s', (old, now) => expect(table.current(code(old))).toBe(now));

  it('finds a township that was numbered anew under its own name, not under its old number', () => {
    expect(table.current(code('451023202'))).toBe('451082205');
    expect(table.current(code('451023202201'))).toBe('451082205201');
  });

  it('keeps the code of a place whose old number is now another place', () => {
    const clash = new RegionTable(
      [division('451023202', '黎明乡', 2017, 2019), division('451082202', '海城乡', 2020)],
      [{ code: code('451023'), successor: code('451082') }],
    );
    expect(clash.current(code('451023202'))).toBe('451023202');
    expect(clash.liesInEitherName(code('451023202'), code('451082'))).toBe(true);
    expect(clash.liesInEitherName(code('451023202'), code('451082202'))).toBe(false);
  });

  it.each([
    ['451023100', '451082', true],
    ['451082100', '451023', true],
    ['451023', '451082', true],
    ['451023202201', '451082205', true],
    ['451023202201', '451082202', false],
    ['451082', '451082100', false],
    ['451023', '000000', true],
    ['000000', '451023', false],
  ])('%s lies in %s under either name: %s', (inner, outer, answer) => {
    expect(table.liesInEitherName(code(inner), code(outer))).toBe(answer);
  });

  it('is the same region under both codes, for jurisdiction', () => {
    expect(table.sameRegion(code('451023'), code('451082'))).toBe(true);
    expect(table.sameRegion(code('451023'), code('451021'))).toBe(false);
  });

  it('is never the same for sums, which go by the code as recorded', () => {
    expect(liesIn(code('451023100'), code('451082'))).toBe(false);
  });

  it('ends even where a table runs in a circle', () => {
    const circle = new RegionTable(
      [],
      [
        { code: code('451023'), successor: code('451082') },
        { code: code('451082'), successor: code('451023') },
      ],
    );
    expect(['451023', '451082']).toContain(circle.current(code('451023')));
  });
});
