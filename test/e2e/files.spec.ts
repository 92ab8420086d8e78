import {
  columnsOf,
  csv,
  type Kind,
  KINDS,
  SHEET_NAMES,
  tableOf,
  workbook,
} from './support/files.js';
import type { Cells } from './support/person.js';
import { allocation, bankReturn, cashReturn, recall, reversal } from './support/rows.js';
import { expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();

/** Every kind with every column of the contract filled; each leans on the kinds before it. `~` becomes a prefix. */
const FULL: Readonly<Record<Kind, readonly Cells[]>> = {
  projects: [
    {
      ...{ project_id: '~X', name: '白山镇通屯道路', county: '450124', township: '450124100' },
      ...{ village: '450124100001', category: '基础设施', unit_name: '马山县交通运输局' },
      ...{ unit_code: '91350100M000100Y43', planned_amount: '713', unit: '万元' },
      ...{ library_on: '2017-11-01', approved_on: '2018-01-05', planned_start: '2018-03-01' },
      ...{ planned_end: '2018-10-31', performance_target: '硬化道路 12.5 公里' },
      ...{ accepted_on: '2018-12-01', closed_on: '2018-12-31' },
    },
  ],
  allocations: [
    {
      ...{ allocation_id: '~A', parent_id: '', doc_no: '桂财农〔2018〕1号' },
      ...{ fund_type: 'central-special', fiscal_year: '2018', issuer_region: '000000' },
      ...{ receiver_region: '450000', receiver_name: '广西壮族自治区财政厅', amount: '1000' },
      ...{ unit: '元', issued_on: '2018-01-10', received_on: '2018-01-20' },
      ...{ function_code: '2130504', project_id: '', purpose: '基础设施', remark: '首批' },
    },
    allocation('~B', {
      ...{ parent_id: '~A', amount: '500', project_id: '~X' },
      ...{ issued_on: '2018-01-25', received_on: '2018-01-26' },
    }),
  ],
  supplements: [
    {
      ...{ supplement_id: '~S', allocation_id: '~B', parent_id: '~A', doc_no: '桂财农〔2018〕2号' },
      ...{ fund_type: 'pooled', issuer_region: '450000', amount: '50', unit: '元' },
      ...{ issued_on: '2018-02-01', received_on: '2018-02-10', purpose: '增加', remark: '统筹' },
    },
  ],
  disbursements: [
    {
      ...{ disbursement_id: '~D', allocation_id: '~B', project_id: '~X' },
      ...{ recipient_name: '马山县交通运输局', recipient_code: '91350100M000100Y43' },
      ...{ recipient_account: '2102 1101 0930 0012 345', amount: '300', unit: '元' },
      ...{ disbursed_on: '2018-03-01', credited_on: '2018-03-02', voucher_no: 'PZ-1' },
      ...{ remark: '第一笔' },
    },
  ],
  payments: [
    {
      ...{ payment_id: '~P', source_id: '~D', project_id: '~X', payee_kind: 'unit' },
      ...{ payee_name: '广西路桥有限公司', payee_code: '91350100M000100Y43' },
      ...{ payee_account: '4111111111111111', payee_region: '450100', amount: '100' },
      ...{ unit: '元', paid_on: '2018-04-01', method: 'direct', voucher_no: 'PZ-2' },
      ...{ economic_code: '31005', purpose: '工程款', already_happened: 'yes' },
      ...{ reason: '已经支付', remark: '进度款' },
    },
  ],
  returns: [
    bankReturn('~R1', '~P', { amount: '10', received_on: '2018-05-01', reason: '账号有误' }),
    cashReturn('~R2', '~D', { amount: '20', received_on: '2018-05-03', reason: '结余' }),
    recall('~R3', '~B', { amount: '30', received_on: '2018-05-04', reason: '收回统筹' }),
  ],
  reversals: [reversal('~Z', '~R1', { reversed_on: '2018-06-01', reason: '重复登记' })],
  notices: [
    {
      ...{ notice_id: '~N', subject_id: '~X', level: 'village', place: '村委会公示栏' },
      ...{ posted_on: '2018-04-01', removed_on: '2018-04-11' },
    },
  ],
};

/** Columns whose cells name other records. */
const IDS = /(^|_)id$/;

const rowsOf = (kind: Kind, prefix: string): Cells[] =>
  FULL[kind].map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, cell]) => [
        name,
        IDS.test(name) ? cell.replace('~', prefix) : cell,
      ]),
    ),
  );

/** The rows as the log has them, in order, without what differs from one submission to the next. */
async function recorded(firstPosition: number | null, prefix: string): Promise<unknown[]> {
  const { entries } = await ledger.events({ after: Number(firstPosition) - 1, limit: 1000 });
  const rows = entries.map(({ envelope }) => (envelope['data'] as { row?: unknown }).row);
  const text = JSON.stringify(rows.filter((row) => row !== undefined));
  return JSON.parse(text.replaceAll(`"${prefix}`, '"~')) as unknown[];
}

describe('§2 every kind of file, every column', () => {
  const asFiles: [string, string, (prefix: string) => Promise<number | null>][] = (
    ['en', 'zh'] as const
  ).flatMap((language) => [
    [
      `${language}c-`,
      `CSV with ${language === 'en' ? 'English' : 'Chinese'} headers`,
      async (prefix) => {
        let first: number | null = null;
        for (const kind of KINDS) {
          const text = csv(tableOf(kind, language, rowsOf(kind, prefix)));
          const { firstPosition } = await ledger.postFile(`${kind}.csv`, text);
          first ??= firstPosition;
        }
        return first;
      },
    ],
    [
      `${language}x-`,
      `one XLSX with a sheet a kind, ${language === 'en' ? 'English' : 'Chinese'} names`,
      async (prefix) => {
        const sheets = KINDS.map((kind) => [
          language === 'en' ? kind : SHEET_NAMES[kind],
          tableOf(kind, language, rowsOf(kind, prefix)),
        ]);
        const book = await workbook(Object.fromEntries(sheets));
        return (await ledger.postFile('plan.xlsx', book)).firstPosition;
      },
    ],
  ]);
  const found: Record<string, unknown[]> = {};

  it.each(asFiles)('%s: %s', async (prefix, _what, post) => {
    found[prefix] = await recorded(await post(prefix), prefix);
    expect(found[prefix]).toHaveLength(11);
    expect(found[prefix]).toEqual(found['enc-']);
  });

  it('JSON rows say the same, with English or Chinese keys', async () => {
    const last: Record<string, unknown[]> = {};
    for (const language of ['en', 'zh'] as const) {
      const prefix = `${language}j-`;
      let first: number | null = null;
      for (const kind of KINDS) {
        const [header = [], ...rows] = tableOf(kind, language, rowsOf(kind, prefix));
        const keyed = rows.map((row) =>
          Object.fromEntries(header.map((key, at) => [key, row[at] ?? ''])),
        );
        const named = language === 'en' ? kind : SHEET_NAMES[kind];
        const { firstPosition } = await ledger.post(named, ...keyed);
        first ??= firstPosition;
      }
      last[prefix] = await recorded(first, prefix);
      expect(last[prefix]).toEqual(found['enc-']);
    }
  });

  it('keeps every cell: the row of a project and of a payment', () => {
    expect(found['enc-']?.[0]).toEqual({
      ...{ kind: 'projects', id: '~X', name: '白山镇通屯道路', county: '450124' },
      ...{ township: '450124100', village: '450124100001', category: '基础设施' },
      ...{ unitName: '马山县交通运输局', unitCode: '91350100M000100Y43' },
      ...{ planned: { amountFen: '713000000', amountText: '713 万元' } },
      ...{ libraryOn: '2017-11-01', approvedOn: '2018-01-05', plannedStart: '2018-03-01' },
      ...{ plannedEnd: '2018-10-31', performanceTarget: '硬化道路 12.5 公里' },
      ...{ acceptedOn: '2018-12-01', closedOn: '2018-12-31' },
    });
    expect(found['enc-']?.[5]).toEqual({
      ...{ kind: 'payments', id: '~P', sourceId: '~D', projectId: '~X' },
      payee: {
        ...{ kind: 'unit', name: '广西路桥有限公司', code: '91350100M000100Y43' },
        account: '4111111111111111',
      },
      ...{ payeeRegion: '4501', amountFen: '10000', amountText: '100 元', paidOn: '2018-04-01' },
      ...{ method: 'direct', voucherNo: 'PZ-2', economicCode: '31005', purpose: '工程款' },
      ...{ alreadyHappened: true, reason: '已经支付', remark: '进度款' },
    });
  });

  it.each(KINDS)('%s: a required cell may not be empty, any other may', async (kind) => {
    const columns = columnsOf(kind);
    const [row = {}] = rowsOf(kind, 'enc-');
    const rows = columns.map(({ name }) => ({ ...row, [name]: '' }));
    const lines = await ledger.report(kind, rows);
    const bad = lines
      .filter(({ code }) => code === 'bad-value')
      .map(({ row: at, field }) => [at, field]);
    // An amount must have a unit; the reason belongs to what has already happened.
    const needed = {
      unit: columns.some(({ name }) => name === 'unit'),
      reason: kind === 'payments',
    };
    const expected = columns.flatMap(({ name, required }, at) =>
      required || needed[name as keyof typeof needed] ? [[at + 2, name]] : [],
    );
    expect(bad).toEqual(expected);
  });

  it.each(KINDS)(
    '%s: a file needs the headers of its required columns, and no others',
    async (kind) => {
      const required = columnsOf(kind).filter((column) => column.required);
      const [header = [], row = []] = tableOf(kind, 'zh', rowsOf(kind, 'never-'));
      for (const { header: missing } of required) {
        const keep = header.map((name) => name !== missing);
        const table = [header, row].map((cells) => cells.filter((_, at) => keep[at]));
        const answer = await ledger.as('centre-maker').upload('x.csv', csv(table), { kind });
        expect([missing, answer.status, answer.body]).toMatchObject([
          missing,
          422,
          { code: 'missing-header' },
        ]);
      }
    },
  );
});

describe('one file handed in twice before either is certified', () => {
  it('is posted once, and the second says that its rows were there already', async () => {
    const text = csv(tableOf('allocations', 'zh', [allocation('twice-1'), allocation('twice-2')]));
    const upload = async () => {
      const maker = ledger.as('centre-maker');
      return expectOk(await maker.upload('指标.csv', text, { kind: 'allocations' })).id;
    };
    const ids = await Promise.all([upload(), upload()]);
    const checker = ledger.as('centre-checker');
    const posted = await Promise.all(ids.map(async (id) => expectOk(await checker.certify(id))));
    const counts = posted.map((each) => `${each.postedRows} and ${each.alreadyPostedRows}`);
    expect(new Set(counts)).toEqual(new Set(['2 and 0', '0 and 2']));
    const [id = ''] = posted.filter(({ postedRows }) => postedRows === 0).map((each) => each.id);
    const state = await checker.get(`/api/v1/submissions/${id}`);
    expect(state.body).toMatchObject({ rows: 2, postedRows: 0, alreadyPostedRows: 2 });
  });
});
