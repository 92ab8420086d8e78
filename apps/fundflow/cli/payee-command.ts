import { type Command, Option } from 'commander';
import { MATCH_NAMES } from '@fundflow/domain/chinese-names';
import { typedUnseen } from './ask-password.js';
import { CommandFailed } from './command-failed.js';
import { asSomebody, connected, type JsonOptions, withJson } from './connection.js';
import { withExamples } from './help.js';
import { note, print, printJson } from './output.js';
import { text, yuan } from './reading-options.js';
import { type Column, printTable } from './text-table.js';

const PATH = '/api/v1/personal/search';
/** Who is sought is no argument: those stand in the list of processes and in the shell's history. */
const SOUGHT_VARIABLE = 'FUNDFLOW_SOUGHT';

const SOUGHT = {
  name: '姓名',
  id: '证件号码（全部、遮盖的或后 6 位）',
  account: '收款账号',
} as const;
type SoughtBy = keyof typeof SOUGHT;

interface PayeeOptions extends JsonOptions {
  readonly by: SoughtBy;
  readonly county?: string;
  readonly purpose: string;
  readonly caseId: string;
  readonly reason: string;
}

interface FoundLine {
  readonly id: string;
  readonly paidOn: string;
  readonly amountFen: string;
  readonly name: string | null;
  readonly code: string | null;
  readonly account: string | null;
  readonly region: string;
  readonly payeeRegion: string | null;
  readonly voucherNo: string;
  readonly returnedFen: string;
  readonly reversedOn: string | null;
  readonly match: keyof typeof MATCH_NAMES;
  readonly restricted: boolean;
}

interface SearchAnswer {
  readonly lines: readonly FoundLine[];
  readonly more: boolean;
}

const COLUMNS: readonly Column<FoundLine>[] = [
  { head: '支付', cell: ({ id }) => id },
  { head: '日期', cell: ({ paidOn }) => paidOn },
  { head: '金额（元）', right: true, cell: ({ amountFen }) => yuan(amountFen) },
  { head: '已退回（元）', right: true, cell: ({ returnedFen }) => yuan(returnedFen) },
  { head: '冲销日期', cell: ({ reversedOn }) => text(reversedOn) },
  { head: '收款人', cell: ({ name, restricted }) => (restricted ? '限制处理' : text(name)) },
  { head: '证件号码', cell: ({ code }) => text(code) },
  { head: '收款账号', cell: ({ account }) => text(account) },
  { head: '收款人地区', cell: ({ payeeRegion }) => text(payeeRegion) },
  { head: '资金所在', cell: ({ region }) => region },
  { head: '凭证号', cell: ({ voucherNo }) => voucherNo },
  { head: '符合', cell: ({ match }) => MATCH_NAMES[match] },
];

/** What a person was paid: how the hotline checks a complaint, and an inspector a name. */
export function addPayeeCommand(program: Command): void {
  const command = withJson(
    program
      .command('payee')
      .summary('查找某人收到的支付（热线核对、检查），结果遮盖')
      .description(
        '按姓名（限一县或其乡、村）、证件号码或账号查找某人收到的支付，姓名等遮盖显示。' +
          `查谁不写在命令行里：运行后询问，或设 ${SOUGHT_VARIABLE}。须以本人身份（--user）运行；每次查找都记入账本。`,
      )
      .addOption(
        new Option('--by <依据>', '按 name（姓名）、id（证件号码）或 account（账号）')
          .choices(Object.keys(SOUGHT))
          .default('name'),
      )
      .option('--county <区划代码>', '县或乡、村：资金或收款人在其中（按姓名时必填）')
      .addOption(
        new Option('--purpose <用途>', 'complaint（来电）、investigation（检查）等')
          .choices([
            ...['complaint', 'investigation', 'payment-correction', 'subject-request', 'audit'],
          ])
          .default('complaint'),
      )
      .requiredOption('--case-id <编号>', '来电或案件编号（不得含姓名）')
      .requiredOption('--reason <理由>', '为何查找（不得含证件号码）'),
  );
  withExamples(command, [
    [
      'fundflow payee --county 450124 --case-id LD-17 --reason 来电核对 --user hotline',
      '询问姓名，在马山县查找',
    ],
    [
      'fundflow payee --by id --case-id LD-17 --reason 来电核对 --user hotline',
      '询问证件号码或其后 6 位',
    ],
  ]).action(payee);
}

async function payee(options: PayeeOptions): Promise<void> {
  const { by, county, purpose, caseId, reason } = options;
  if (by === 'name' && county === undefined) {
    throw new CommandFailed('missing-option', '按姓名查找须同时给出 --county 区划代码。');
  }
  const answer = await connected(
    options,
    async (client) => {
      const body = { [by]: await sought(by), county, purpose, caseId, reason };
      return client.send<SearchAnswer>('POST', PATH, body);
    },
    asSomebody('查找个人', 'hotline'),
  );
  if (options.json) return printJson(answer);
  const count = await printTable(COLUMNS, answer.lines);
  await print('口径：以已入账的全部记录为准；本管辖范围之内；没有查到，不等于没有支付过。');
  note(`共 ${count} 笔${answer.more ? '，可能还有：请给出更具体的地区或证件号码' : ''}。`);
  const [first] = answer.lines;
  if (first) note(`资金来源：fundflow trace ${first.id} --direction up`);
}

async function sought(by: SoughtBy): Promise<string> {
  const given = process.env[SOUGHT_VARIABLE] ?? (await typedUnseen(SOUGHT[by]));
  if (given?.trim()) return given;
  throw new CommandFailed('missing-argument', `${SOUGHT[by]}：请输入，或设 ${SOUGHT_VARIABLE}。`);
}
