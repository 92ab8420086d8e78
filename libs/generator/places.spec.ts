import { readFileSync } from 'node:fs';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { RegionCode } from '@fundflow/domain/region';
import { MADE_UP_NAME, personOf } from './people.js';
import { type County, loadCounties } from './places.js';
import { POOR_COUNTIES } from './poor-counties.js';
import { company, cooperative, departmentOf, townshipOffice, villageCommittee } from './units.js';

const table = loadDivisions();
const counties = loadCounties();
const county = (id: string): County => counties.find((one) => one.id === id) as County;

describe('the places of a plan', () => {
  it('are the 111 county units and 14 cities of Guangxi', () => {
    expect(counties).toHaveLength(111);
    expect(new Set(counties.map(({ cityCode }) => cityCode)).size).toBe(14);
    expect(counties.reduce((sum, { townships }) => sum + townships.length, 0)).toBeGreaterThan(
      1_150,
    );
    expect(counties.reduce((sum, { villages }) => sum + villages.length, 0)).toBeGreaterThan(
      14_500,
    );
  });

  it('are known in every year of the plan by the code of that year', () => {
    for (const { codeIn, townships, villages } of counties) {
      for (const year of [2017, 2018, 2019, 2020]) {
        const code = codeIn(year);
        const places = ['', ...[...townships, ...villages].map(({ suffix }) => suffix)];
        const unknown = places.filter(
          (suffix) => !table.knowsInYear(`${code}${suffix}` as RegionCode, year),
        );
        expect(unknown).toEqual([]);
      }
    }
  });

  it.each([
    ['450381', ['450331', '450381', '450381', '450381'], '荔浦县', '荔浦市'],
    ['451003', ['451021', '451021', '451003', '451003'], '田阳县', '田阳区'],
    ['451082', ['451023', '451023', '451023', '451082'], '平果县', '平果市'],
    ['450124', ['450124', '450124', '450124', '450124'], '马山县', '马山县'],
  ])('%s goes by %j', (id, codes, before, after) => {
    const { codeIn, nameIn } = county(id);
    expect([2017, 2018, 2019, 2020].map(codeIn)).toEqual(codes);
    expect([nameIn(2017), nameIn(2020)]).toEqual([before, after]);
  });

  it('know the poor counties of the divisions', () => {
    const [, ...lines] = readFileSync('data/divisions/guangxi-poor-counties.csv', 'utf8')
      .trim()
      .split(/\r?\n/);
    const listed = lines.map((line) => line.split(',')).filter(([code]) => code !== '451021');
    const poverty = listed.map(([code = '', , designation = '', , deep = '']) => {
      const sort = designation === 'autonomous_region' ? 'regional' : 'national';
      return [code, deep === '' ? sort : deep === 'deep' ? 'deep' : 'extreme'];
    });
    expect(POOR_COUNTIES).toEqual(Object.fromEntries(poverty));
    expect(counties.filter((one) => one.poverty !== null)).toHaveLength(39);
  });

  it('have short names for letters and companies', () => {
    const short = ['450124', '450225', '451031', '451081', '450127', '451003'].map(
      (id) => county(id).shortName,
    );
    expect(short).toEqual(['马山', '融水', '隆林', '靖西', '横县', '田阳']);
  });
});

describe('the people and units of a plan', () => {
  it('are always the same, and made up', () => {
    const people = Array.from({ length: 3_000 }, (_, number) =>
      personOf(county('451228'), 7, number),
    );
    expect(people).toEqual(
      Array.from({ length: 3_000 }, (_, number) => personOf(county('451228'), 7, number)),
    );
    for (const { name } of people) expect(name).toMatch(MADE_UP_NAME);
    expect(new Set(people.map(({ residentId }) => residentId)).size).toBe(3_000);
    expect(new Set(people.map(({ name }) => name)).size).toBeGreaterThan(1_000);
  });

  it('bear the names of their year and of their kind', () => {
    const mashan = county('450124');
    const [township] = mashan.townships as [{ suffix: string; name: string }];
    const village = mashan.villages.find(({ name }) => name === '新汉村') as typeof township;
    const community = mashan.villages.find(({ name }) => name === '西华社区') as typeof township;
    const names = [
      departmentOf(mashan, 'agriculture', 2018),
      departmentOf(mashan, 'agriculture', 2019),
      townshipOffice(mashan, township),
      villageCommittee(mashan, village, 3),
      villageCommittee(mashan, community, 4),
      company(mashan, 12),
      cooperative(mashan, village, 2),
    ].map(({ name }) => name);
    expect(names).toEqual([
      ...['马山县农业局', '马山县农业农村局', '白山镇人民政府', '新汉村民委员会'],
      ...['西华社区居民委员会', '马山示例12号建筑工程有限公司'],
      '马山新汉村示例2号种养专业合作社',
    ]);
  });
});
