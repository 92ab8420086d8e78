import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRegion, type RegionCode } from '@fundflow/domain/region';
import { loadDivisions, readSuccessors, shippedDivisions } from './load-divisions.js';

const code = (text: string): RegionCode => parseRegion(text) as RegionCode;
const table = loadDivisions();

describe('the divisions the ledger ships with', () => {
  it.each([
    ['450000', '广西壮族自治区'],
    ['450100', '南宁市'],
    ['450124', '马山县'],
    ['450326105208', '河东村委会'],
    ['532323104', '凤屯镇'],
    ['469002', '琼海市'],
    ['000000', '中央'],
  ])('know %s as %s', (place, name) => {
    expect(table.knows(code(place))).toBe(true);
    expect(table.nameOf(code(place))).toBe(name);
  });

  it('hold the 14 cities and 111 counties of the plan', () => {
    const counties = shippedDivisions().filter(
      (row) => row.code.startsWith('45') && row.firstYear <= 2020 && row.lastYear >= 2020,
    );
    expect(counties.filter((row) => row.code.length === 4)).toHaveLength(14);
    const named = counties.filter((row) => row.code.length === 6 && row.name !== '市辖区');
    expect(named).toHaveLength(111);
  });

  it.each([
    ['450331', 2017, true],
    ['450331', 2018, false],
    ['450381', 2018, true],
    ['450127', 2020, true],
    ['450127', 2023, false],
    ['450181', 2023, true],
    ['511971', 2019, true],
  ])('%s in %s: %s', (place, year, known) => {
    expect(table.knowsInYear(code(place), year)).toBe(known);
  });

  it.each([
    ['450331', '450381'],
    ['451021', '451003'],
    ['451023', '451082'],
    ['450127', '450181'],
    ['451023202201', '451082205201'],
    ['450127200201', '450181118201'],
    ['542422', '540621'],
  ])('%s goes today under %s', (old, now) => expect(table.current(code(old))).toBe(now));

  it.each(['542421', '450802100201', '371202'])('%s has no proven successor', (old) => {
    expect(table.current(code(old))).toBe(old);
  });
});

describe('tables of a bureau of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'divisions-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(folder, 'extra.csv');
    writeFileSync(path, text);
    return path;
  };
  const header = 'code,name,parent,first_year,last_year';

  it('are added to the shipped ones', () => {
    const path = file(`\uFEFF${header}\n530102001,华山街道,530102,2017,2023\n`);
    expect(loadDivisions({ extraFiles: [path] }).nameOf(code('530102001'))).toBe('华山街道');
    expect(table.knows(code('530102001'))).toBe(false);
  });

  it.each([
    ['code;name\n', 'the header is not'],
    [`${header}\n530102001,华山街道\n`, 'line 2 is not'],
    [`${header}\n530102001,"华山街道",530102,2017,2023\n`, 'line 2 is not'],
    [`${header}\nabc,华山街道,530102,2017,2023\n`, 'abc is no region code'],
  ])('stop the start when they are damaged', (text, message) => {
    expect(() => loadDivisions({ extraFiles: [file(text)] })).toThrow(message);
  });

  it('name a file that is not there', () => {
    expect(() => readSuccessors(join(folder, 'none.csv'))).toThrow('none.csv');
  });
});
