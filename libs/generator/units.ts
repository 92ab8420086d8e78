import type { County, Place } from './places.js';
import { creditCode } from './identities.js';

export interface Unit {
  readonly name: string;
  readonly code: string;
  readonly account: string;
}

export type Department =
  | 'agriculture'
  | 'poverty'
  | 'transport'
  | 'housing'
  | 'education'
  | 'labour'
  | 'development'
  | 'water';

/** The reform of 2019 renamed some; a row uses the name of its own year. */
const DEPARTMENTS: Readonly<Record<Department, readonly [before: string, since2019: string]>> = {
  agriculture: ['农业局', '农业农村局'],
  poverty: ['扶贫开发办公室', '扶贫开发办公室'],
  transport: ['交通运输局', '交通运输局'],
  housing: ['住房和城乡建设局', '住房和城乡建设局'],
  education: ['教育局', '教育局'],
  labour: ['人力资源和社会保障局', '人力资源和社会保障局'],
  development: ['发展和改革局', '发展和改革局'],
  water: ['水利局', '水利局'],
};

const DEPARTMENT_NUMBERS = Object.keys(DEPARTMENTS) as Department[];

/** 14 digits: the account of a unit follows no check rule. */
const unitAccount = (county: County, number: number): string =>
  `9999${county.id.slice(2)}${number.toString().padStart(6, '0')}`;

export function departmentOf(county: County, department: Department, year: number): Unit {
  const [before, since2019] = DEPARTMENTS[department];
  const number = DEPARTMENT_NUMBERS.indexOf(department) + 1;
  return {
    name: county.nameIn(year) + (year < 2019 ? before : since2019),
    code: creditCode('11', county.id, number),
    account: unitAccount(county, number),
  };
}

export function townshipOffice(county: County, township: Place): Unit {
  const number = 100_000 + Number(township.suffix);
  const office = township.name.endsWith('街道') ? '办事处' : '人民政府';
  return {
    name: township.name + office,
    code: creditCode('11', county.id, number),
    account: unitAccount(county, number),
  };
}

export function villageCommittee(county: County, village: Place, index: number): Unit {
  const office = village.name.endsWith('社区') ? '居民委员会' : '民委员会';
  const number = 200_000 + index;
  return {
    name: village.name + office,
    code: creditCode('N2', county.id, number),
    account: unitAccount(county, number),
  };
}

/** Companies and cooperatives are examples by name, like the people. */
export function company(county: County, number: number): Unit {
  return {
    name: `${county.shortName}示例${number}号建筑工程有限公司`,
    code: creditCode('91', county.id, number),
    account: unitAccount(county, 300_000 + number),
  };
}

export function cooperative(county: County, village: Place, number: number): Unit {
  return {
    name: `${county.shortName}${village.name}示例${number}号种养专业合作社`,
    code: creditCode('93', county.id, number),
    account: unitAccount(county, 400_000 + number),
  };
}
