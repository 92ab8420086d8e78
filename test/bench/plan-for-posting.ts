/** Rows of a small plan as they are handed in, for measuring the way from hand-in to posting. */

const ISSUED = '2018-01-10';
const RECEIVED = '2018-01-20';

const PERSON_EVERY = 2;

const pad = (index: number, width: number): string => String(index).padStart(width, '0');

export interface PostingPlan {
  /** Prefix of all ids, so that plans do not meet in one ledger. */
  readonly prefix: string;
  readonly holdings: number;
  /** Amount of each holding, yuan. */
  readonly yuanEach: number;
}

/** One allocation from outside and a disbursement a holding, credited: what payments are drawn on. */
export function sourceRows({ prefix, holdings, yuanEach }: PostingPlan) {
  const allocation = {
    ...{ 指标编号: `${prefix}-A`, 指标文号: '桂财农〔2018〕1号', 资金类型: 'central-special' },
    ...{ 预算年度: '2018', 下达地区: '450000', 接收地区: '450124', 接收单位: '马山县财政局' },
    ...{ 金额: String(holdings * yuanEach), 单位: '元', 下达日期: ISSUED, 收文日期: RECEIVED },
  };
  const disbursements = Array.from({ length: holdings }, (_, index) => ({
    ...{ 拨付编号: `${prefix}-D${index}`, 指标编号: `${prefix}-A`, 收款单位: '某乡人民政府' },
    ...{ 金额: String(yuanEach), 单位: '元', 拨付日期: '2018-02-01', 到账日期: '2018-02-02' },
    凭证号: `PZ-${index}`,
  }));
  return { allocation, disbursements };
}

/** The n-th payment: every second one to a (made-up) person, on a household card. */
export function paymentRow({ prefix, holdings }: PostingPlan, index: number) {
  const isPerson = index % PERSON_EVERY === 0;
  const day = pad(3 + (Math.floor(index / 400) % 25), 2);
  return {
    支付编号: `${prefix}-P${index}`,
    资金来源编号: `${prefix}-D${index % holdings}`,
    收款人类型: isPerson ? '个人' : '单位',
    收款人: isPerson ? `甲例${pad(index % 1000, 3)}` : '某某示例有限公司',
    收款账号: isPerson ? cardNumber(index) : '',
    收款人地区: '450124100',
    ...{ 金额: '123.45', 单位: '元', 支付日期: `2018-03-${day}` },
    支付方式: isPerson ? '一卡通' : '直接支付',
    凭证号: `ZF-${index}`,
    用途: '产业发展以奖代补',
  };
}

/** Sixteen digits of no bank with the check digit of a card: half of a file with a warning each is no usual file. */
function cardNumber(index: number): string {
  const body = `9999${pad(index, 11)}`;
  const sum = Array.from(body, Number).reduce((total, digit, at) => {
    const doubled = digit * 2;
    return total + (at % 2 === 0 ? doubled - (doubled > 9 ? 9 : 0) : digit);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

export function paymentsCsv(plan: PostingPlan, count: number): string {
  const lines = Array.from({ length: count }, (_, index) =>
    Object.values(paymentRow(plan, index)).join(','),
  );
  return `${Object.keys(paymentRow(plan, 0)).join(',')}\n${lines.join('\n')}\n`;
}
