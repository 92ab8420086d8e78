import type { FundType } from '@fundflow/domain/rows';

/**
 * By which road money reaches a county.
 *
 * - `centre`: from the centre to the region, then down
 * - `region`: out of the region's own budget, then down
 * - `city`: out of a city's budget, then down
 * - `county`: enters the ledger at the county itself (its own budget, donations, money pooled there)
 */
export type Road = 'centre' | 'region' | 'city' | 'county';

export interface Fund {
  /** In ids: ZB18A1 is the first batch of central special money of 2018. */
  readonly letter: string;
  readonly type: FundType;
  /** As it stands in a file (contract §2). */
  readonly chinese: string;
  readonly road: Road;
  /** Of the money of a year, in thousandths: 2018, 2019, 2020. */
  readonly share: readonly [number, number, number];
  /** Counties that take part, in thousandths; poor counties come first. */
  readonly reach: number;
  /** Poor counties only: pooling and the cooperation with Guangdong are theirs. */
  readonly poorOnly: boolean;
  /** Months in which its main batch is issued. */
  readonly months: readonly [from: number, to: number];
  /** Part of it is announced in the November and December before (提前下达). */
  readonly advance: boolean;
  readonly issuer: string;
  readonly outside: string;
}

const REGION_OFFICE = '桂财农';

/**
 * The shape of the plan: every share is an assumption that keeps to what the opinions of 2018 ask for (七(一)): the
 * region's own special fund grows faster than central money, and poor counties come first.
 */
export const FUNDS: readonly Fund[] = [
  fund('A', 'central-special', '中央财政专项扶贫资金', 'centre', [310, 300, 290], {
    ...{ advance: true, issuer: '财农', months: [3, 5], outside: '中央财政' },
  }),
  fund('B', 'region-special', '自治区财政专项扶贫资金', 'region', [160, 175, 190], {
    ...{ advance: true, months: [2, 4] },
  }),
  fund('C', 'city-special', '市级专项', 'city', [45, 40, 40], { reach: 500, months: [2, 4] }),
  fund('D', 'county-special', '县级专项', 'county', [70, 70, 70], { reach: 600, months: [1, 3] }),
  fund('E', 'pooled', '统筹整合财政涉农资金', 'county', [180, 180, 175], {
    ...{ reach: 700, poorOnly: true, months: [3, 6], outside: '自治区行业主管部门涉农资金' },
  }),
  fund('F', 'bond', '政府债券资金', 'region', [110, 110, 110], {
    ...{ reach: 400, issuer: '桂财债', months: [5, 7] },
  }),
  fund('G', 'guangdong', '粤桂扶贫协作资金', 'county', [45, 50, 55], {
    ...{ reach: 500, poorOnly: true, months: [4, 7], outside: '广东省财政帮扶资金' },
  }),
  fund('H', 'sector', '行业扶贫资金', 'region', [40, 40, 40], { reach: 400, months: [3, 6] }),
  fund('J', 'land-quota', '增减挂钩节余指标调剂收入', 'county', [20, 15, 10], {
    ...{ reach: 200, poorOnly: true, months: [5, 8] },
  }),
  fund('K', 'lottery', '彩票公益金', 'centre', [10, 10, 10], {
    ...{ reach: 150, issuer: '财社', months: [4, 7], outside: '中央专项彩票公益金' },
  }),
  fund('L', 'donation', '社会捐赠', 'county', [5, 5, 5], { reach: 200, months: [2, 9] }),
  fund('M', 'world-bank', '世界银行贷款', 'centre', [5, 5, 5], {
    ...{ reach: 100, issuer: '财国', months: [4, 8], outside: '世界银行贷款项目' },
  }),
];

type Rest = Omit<Fund, 'letter' | 'type' | 'chinese' | 'road' | 'share'>;

function fund(
  letter: string,
  type: FundType,
  chinese: string,
  road: Road,
  share: Fund['share'],
  rest: Partial<Rest>,
): Fund {
  const usual: Rest = {
    ...{ reach: 1000, poorOnly: false, months: [3, 5], advance: false },
    ...{ issuer: REGION_OFFICE, outside: '本级财政预算' },
  };
  return { letter, type, chinese, road, share, ...usual, ...rest };
}

export const FISCAL_YEARS = [2018, 2019, 2020] as const;

/** Of the money of the plan, in thousandths. */
export const YEAR_SHARES: readonly [number, number, number] = [290, 335, 375];

/**
 * One payment in the plan is worth 8,000 yuan on average: ten million of them make the 800 亿元 that the opinions of
 * 2018 ask for (七(一)), and every smaller plan is a model of it to scale.
 */
export const YUAN_PER_PAYMENT = 8_000n;
