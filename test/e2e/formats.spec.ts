import { csv, encoded, tableOf, workbook } from './support/files.js';
import type { Cells } from './support/person.js';
import { allocation, bankReturn, cashReturn, disbursement, notice } from './support/rows.js';
import { onItsWay, payment, project, recall } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();

describe('§2 closed lists: “both spellings are accepted”', () => {
  const FUND_TYPES =
    `central-special 中央财政专项扶贫资金, region-special 自治区财政专项扶贫资金, city-special 市级专项,
    county-special 县级专项, pooled 统筹整合财政涉农资金, bond 政府债券资金, guangdong 粤桂扶贫协作资金, world-bank 世界银行贷款,
    land-quota 增减挂钩节余指标调剂收入, relending 扶贫再贷款, policy-loan 政策性贷款, commercial-loan 商业性贷款,
    microcredit 扶贫小额信贷, donation 社会捐赠, lottery 彩票公益金, east-west 东西部扶贫协作资金, special 财政专项扶贫资金,
    sector 行业扶贫资金`
      .split(',')
      .map((pair) => pair.trim().split(' ') as [string, string]);

  it('fund types', async () => {
    const rows = FUND_TYPES.flatMap(([english, chinese]) => [
      allocation(`F-${english}`, { fund_type: english, ...onItsWay }),
      allocation(`F-${english}-zh`, { fund_type: chinese, ...onItsWay }),
    ]);
    await ledger.post('allocations', ...rows);
    for (const [english] of FUND_TYPES) {
      const both = [await ledger.holding(`F-${english}`), await ledger.holding(`F-${english}-zh`)];
      expect(both.map(({ fundType }) => fundType)).toEqual([english, english]);
    }
    expect(
      await ledger.verdicts('allocations', [allocation('F-1', { fund_type: '扶贫款' })]),
    ).toEqual(['unknown-fund-type']);
  });

  it('payee_kind, method, already_happened, kind of return, level', async () => {
    await ledger.post('allocations', allocation('L-A', { amount: '1000' }));
    const paid = (id: string, over: Cells) => payment(id, 'L-A', { amount: '1', ...over });
    const methods = ['direct 直接支付', 'authorised 授权支付', 'card 一卡通', 'reimbursement 报账'];
    const spelled = [...methods, 'cash 现金'].flatMap((pair) => pair.split(' '));
    expect(
      await ledger.verdicts('payments', [
        ...spelled.map((method) => paid(`L-${method}`, { method })),
        paid('L-1', { payee_kind: '单位' }),
        paid('L-2', { payee_kind: '个人', payee_name: '韦某某' }),
        paid('L-3', { payee_kind: 'person', payee_name: '韦某某' }),
        paid('L-4', { already_happened: '是', reason: '已付' }),
        paid('L-5', { already_happened: 'yes', reason: '已付' }),
        paid('L-6', { method: '支票' }),
        paid('L-7', { payee_kind: '企业' }),
        paid('L-8', { already_happened: '也许' }),
      ]),
    ).toEqual([...Array(15).fill('ok'), ...Array(3).fill('bad-value')]);
    await ledger.post('disbursements', disbursement('L-D', 'L-A'));
    await ledger.post('payments', payment('L-P', 'L-D'));
    expect(
      await ledger.verdicts('returns', [
        bankReturn('L-R1', 'L-P', { kind: '退票', amount: '1' }),
        bankReturn('L-R2', 'L-P', { amount: '1' }),
        cashReturn('L-R3', 'L-D', { kind: '退回', amount: '1' }),
        cashReturn('L-R4', 'L-D', { amount: '1' }),
        recall('L-R5', 'L-A', { kind: '收回', amount: '1' }),
        recall('L-R6', 'L-A', { amount: '1' }),
        recall('L-R7', 'L-A', { kind: '上缴', amount: '1' }),
      ]),
    ).toEqual([...Array(6).fill('ok'), 'bad-value']);
    const levels = 'province 省 city 市 county 县 township 乡 village 村'.split(' ');
    expect(
      await ledger.verdicts('notices', [
        ...levels.map((level) => notice(`L-N-${level}`, 'L-A', { level })),
        notice('L-N', 'L-A', { level: '国家' }),
      ]),
    ).toEqual([...Array(10).fill('ok'), 'bad-value']);
  });
});

describe('§2 formats', () => {
  const rows = (prefix: string) => [
    project(`${prefix}1`, { name: '通屯道路，一期' }),
    project(`${prefix}2`, {
      ...{ name: '说"是";又说"不"', category: '产业,发展' },
      performance_target: '一、道路;二、桥梁\t三、\n水渠',
    }),
  ];
  const verdict = async (content: string | Uint8Array) => {
    const answer = await ledger.as('centre-maker').upload('项目.csv', content);
    return [answer.status, answer.body.rows, answer.body.acceptedRows, answer.body.kind];
  };

  it.each([
    ['UTF-8', 'utf8', false],
    ['UTF-8 with BOM', 'utf8', true],
    ['UTF-16 little endian', 'utf16le', true],
    ['UTF-16 big endian', 'utf16be', true],
    ['GB18030', 'gb18030', false],
  ])('CSV in %s', async (_name, encoding, mark) => {
    const text = csv(tableOf('projects', 'zh', rows(`${encoding}${mark}`)));
    const answer = await ledger.postFile('x.csv', encoded(text, encoding, mark));
    expect(answer).toMatchObject({ status: 'posted', postedRows: 2 });
    const { name } = await ledger.project(`${encoding}${mark}1`);
    expect(name).toBe('通屯道路，一期');
  });

  it.each([',', '\t', ';'])('CSV separated by %j', async (separator) => {
    const text = csv(tableOf('projects', 'zh', rows('sep')), separator);
    expect(await verdict(text)).toEqual([201, 2, 2, 'projects']);
  });

  it('“the row numbers in a report are the ones a spreadsheet shows (the header is row 1)”', async () => {
    const table = tableOf('projects', 'en', [
      project('RN-1', { name: '第一\n行' }),
      project('RN-2', { county: '999999' }),
      {},
      project('RN-3', { county: '' }),
    ]);
    const { body } = await ledger.as('centre-maker').upload('x.csv', csv(table));
    const lines = await ledger.as('centre-maker').report(body.id);
    expect(lines.map(({ row, id, code }) => [row, id, code])).toEqual([
      [2, 'RN-1', 'bad-value'],
      [3, 'RN-2', 'unknown-region'],
      [5, 'RN-3', 'bad-value'],
    ]);
    const book = await workbook({ 项目: table });
    const sheet = await ledger.as('centre-maker').upload('x.xlsx', book);
    expect(await ledger.as('centre-maker').report(sheet.body.id)).toEqual(lines);
  });

  it('“or hold an Excel date”, and amounts as numbers', async () => {
    const [header = [], row = []] = tableOf('allocations', 'zh', [
      allocation('XL-1', { issued_on: '', received_on: '', amount: '' }),
    ]);
    const at = (name: string) => header.indexOf(name);
    const letter = (name: string) => String.fromCharCode(65 + at(name));
    const cells = [...row];
    cells[at('下达日期')] = `<c r="${letter('下达日期')}2" s="1"><v>43252</v></c>`;
    cells[at('收文日期')] = `<c r="${letter('收文日期')}2" s="1"><v>43253</v></c>`;
    cells[at('金额')] = `<c r="${letter('金额')}2"><v>724.712484</v></c>`;
    cells[at('单位')] = '万元';
    cells[at('预算年度')] = `<c r="${letter('预算年度')}2"><v>2018</v></c>`;
    const styles =
      '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>';
    await ledger.postFile('x.xlsx', await workbook({ 指标: [header, cells] }, { styles }));
    expect(await ledger.holding('XL-1')).toMatchObject({
      ...{ issuedOn: '2018-06-01', receivedOn: '2018-06-02', amountFen: '724712484' },
      fiscalYear: 2018,
    });
  });

  it('“columns named flex_* are kept and given back in reports, and no rule reads them”', async () => {
    const flexed = project('FX-1', { flex_来源: '县公告', flex_x: '-1' });
    const broken = project('FX-2', { flex_来源: '另一份公告', county: '999999' });
    const handedIn = await ledger.as('centre-maker').handIn('projects', [flexed, broken]);
    const [line] = await ledger.as('centre-maker').report(handedIn.body.id);
    expect(line).toMatchObject({ id: 'FX-2', flex_来源: '另一份公告' });
    expect(handedIn.body).toMatchObject({ rows: 2, acceptedRows: 1, errors: 1 });
  });
});
