import type { Department } from './units.js';

/** A kind of project, with what it costs and to whom it pays. */
export interface Archetype {
  /** 项目类别. */
  readonly category: string;
  readonly title: string;
  /** Benefits go to households by card, works and supplies to units. */
  readonly pays: 'households' | 'companies' | 'cooperatives';
  /** Usual size in the smallest plan. */
  readonly yuan: number;
  /** What one payment is usually worth. */
  readonly yuanPerPayment: number;
  readonly purpose: string;
  readonly functionCode: string;
  readonly economicCode: string;
  readonly department: Department;
  readonly target: string;
  /** Works keep back three per cent for a year (R16). */
  readonly works: boolean;
}

const BENEFITS: readonly Archetype[] = [
  household('产业扶贫', '特色产业以奖代补', [46_000, 1_900], '2130505', '50903', 'agriculture'),
  household('产业扶贫', '特色种养产业奖补', [52_000, 1_600], '2130505', '50903', 'agriculture'),
  household('教育扶贫', '雨露计划补助', [42_000, 1_500], '2130599', '50902', 'poverty'),
  household('危房改造', '农村危房改造补助', [110_000, 19_000], '2130599', '50901', 'housing'),
  household('就业扶贫', '公益性岗位补贴', [36_000, 900], '2130506', '50901', 'labour'),
  household('就业扶贫', '外出务工交通补助', [21_000, 450], '2130506', '50901', 'labour'),
  household('金融扶贫', '扶贫小额信贷贴息', [26_000, 1_100], '2130507', '50903', 'poverty'),
  household('以工代赈', '以工代赈劳务报酬', [60_000, 2_600], '2130504', '50901', 'development'),
];

const WORKS: readonly Archetype[] = [
  works('基础设施', '屯级道路硬化工程', 130_000, 'transport', '道路硬化工程款'),
  works('基础设施', '人饮安全巩固提升工程', 90_000, 'water', '饮水工程款'),
  works('以工代赈', '以工代赈产业路工程', 110_000, 'development', '以工代赈工程款'),
  works('易地扶贫搬迁', '易地搬迁安置点配套工程', 260_000, 'development', '配套设施工程款'),
];

const SUPPLIES: readonly Archetype[] = [
  industry('桑蚕产业示范基地', 120_000, '产业基地建设'),
  industry('油茶低产林改造基地', 100_000, '油茶基地建设'),
  industry('村集体肉牛养殖场', 150_000, '养殖场建设'),
  industry('村级光伏电站', 180_000, '光伏设备款'),
];

/** Not from central special money (R5): paid by the county and by sectors. */
const SCHOOLS: readonly Archetype[] = [
  works('教育扶贫', '村小学校舍维修工程', 120_000, 'education', '校舍维修工程款'),
];

/** All of them: what a project may be, by who is paid. */
export const TO_HOUSEHOLDS = BENEFITS;
export const TO_UNITS = [...WORKS, ...SUPPLIES];
export const TO_UNITS_OF_SECTORS = [...WORKS, ...SUPPLIES, ...SCHOOLS];
export const TO_UNITS_BY_BOND = WORKS;

function household(
  category: string,
  title: string,
  [yuan, yuanPerPayment]: readonly [number, number],
  functionCode: string,
  economicCode: string,
  department: Department,
): Archetype {
  return {
    ...{ category, title, pays: 'households', yuan, yuanPerPayment },
    ...{ purpose: title, functionCode, economicCode, department, works: false },
    target: `${title}发放到户，群众满意度不低于95%`,
  };
}

function works(
  category: string,
  title: string,
  yuan: number,
  department: Department,
  purpose: string,
): Archetype {
  return {
    ...{ category, title, pays: 'companies', yuan, yuanPerPayment: 70_000 },
    ...{ purpose, functionCode: '2130504', economicCode: '50302', department, works: true },
    target: '工程验收合格率100%，受益群众满意度不低于90%',
  };
}

function industry(title: string, yuan: number, purpose: string): Archetype {
  return {
    ...{ category: '产业扶贫', title, pays: 'cooperatives', yuan },
    ...{ yuanPerPayment: 70_000, purpose, functionCode: '2130505', economicCode: '50799' },
    ...{ department: 'agriculture', works: false },
    target: '带动脱贫户增收，村集体年收入增加2万元以上',
  };
}
