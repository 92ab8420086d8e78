import {
  CENTRE,
  type DivisionRow,
  type RegionCode,
  RegionTable,
  type SuccessorRow,
} from '@fundflow/domain/region';

const code = (text: string): RegionCode => text as RegionCode;

/** A small country: one province with two cities, a county renamed in 2018, and a province that only gives. */
export const REGION = {
  centre: CENTRE,
  guangxi: code('45'),
  nanning: code('4501'),
  guilin: code('4503'),
  mashan: code('450124'),
  shanglin: code('450125'),
  /** 荔浦县, until 2018; 荔浦市 since. */
  lipuCounty: code('450331'),
  lipuCity: code('450381'),
  baishan: code('450124100'),
  baishanVillage: code('450124100200'),
  guangdong: code('44'),
} as const;

const DIVISIONS: readonly DivisionRow[] = [
  division(REGION.guangxi, '广西壮族自治区', null),
  division(REGION.nanning, '南宁市', REGION.guangxi),
  division(REGION.guilin, '桂林市', REGION.guangxi),
  division(REGION.mashan, '马山县', REGION.nanning),
  division(REGION.shanglin, '上林县', REGION.nanning),
  { ...division(REGION.lipuCounty, '荔浦县', REGION.guilin), lastYear: 2017 },
  { ...division(REGION.lipuCity, '荔浦市', REGION.guilin), firstYear: 2018 },
  division(REGION.baishan, '白山镇', REGION.mashan),
  division(REGION.baishanVillage, '内学村委会', REGION.baishan),
  division(REGION.guangdong, '广东省', null),
];

const SUCCESSORS: readonly SuccessorRow[] = [
  { code: REGION.lipuCounty, successor: REGION.lipuCity },
];

function division(region: RegionCode, name: string, parent: RegionCode | null): DivisionRow {
  return { code: region, name, parent, firstYear: 2017, lastYear: 2023 };
}

export const testRegions = (): RegionTable => new RegionTable(DIVISIONS, SUCCESSORS);
