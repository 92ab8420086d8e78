import type { Command } from 'commander';
import type { ApprovedAnswer, GrantAnswer } from '@fundflow/identity/http/answers';
import { ROLE_NAMES } from './account-commands.js';
import type { ApiClient } from './api-client.js';
import { asSomebody, connected, type JsonOptions, withJson } from './connection.js';
import { withExamples } from './help.js';
import { note, print, printJson } from './output.js';
import { itemsOf, pagesOf, writeJsonList } from './pages.js';
import { text } from './reading-options.js';
import { type Column, printTable } from './text-table.js';
import { printToken } from './tokens-commands.js';

const PATH = '/api/v1/grants';

const KINDS: Readonly<Record<GrantAnswer['kind'], string>> = {
  'create-account': '新建用户',
  'change-account': '变更用户',
  'set-password': '重设密码',
  'issue-token': '签发令牌',
  case: '案件授权',
};
const STATES: Readonly<Record<GrantAnswer['state'], string>> = {
  proposed: '待批准',
  'in-force': '有效',
  done: '已批准',
  revoked: '已撤销',
};

const tokenOf = ({ name, days }: GrantAnswer['terms']): string =>
  name === undefined ? '' : `${name}（${days} 天）`;

const COLUMNS: readonly Column<GrantAnswer>[] = [
  { head: '编号', cell: ({ id }) => id },
  { head: '事项', cell: ({ kind }) => KINDS[kind] },
  { head: '登录名', cell: ({ terms }) => text(terms.login) },
  {
    head: '角色',
    cell: ({ terms }) => (terms.roles ?? []).map((role) => ROLE_NAMES[role]).join('、'),
  },
  { head: '区划', cell: ({ region }) => region },
  { head: '令牌', cell: ({ terms }) => tokenOf(terms) },
  { head: '案件', cell: ({ caseId }) => text(caseId) },
  { head: '提出时刻', cell: ({ proposedAt }) => proposedAt },
  { head: '状态', cell: ({ state }) => STATES[state] },
];

/** What two persons decide: accounts by administrators, cases by the inspector above. */
export function addGrantsCommands(program: Command): void {
  const group = program
    .command('grants')
    .summary('授权：待批准的用户变更、令牌和案件授权，批准')
    .description(
      '由两人决定的事项：用户的新建和变更、系统账户的令牌由另一位管理员批准，案件授权由上级检查人员批准。须以本人身份（--user）运行。',
    );
  withExamples(group, [['fundflow grants list --user admin', '待批准的事项及其编号']]);
  const listing = withJson(group.command('list').description('待批准和已决定的，最新的在前'));
  withExamples(listing, [['fundflow grants list --user admin', '待批准的事项及其编号']]).action(
    list,
  );
  withExamples(
    withJson(group.command('approve <编号>').description('批准（须由提出人以外的另一人）')),
    [
      [
        'fundflow grants approve 编号 --user 另一位管理员',
        '新用户的密码、系统账户的令牌只显示这一次',
      ],
    ],
  ).action(approve);
}

const asDecider = <T>(options: JsonOptions, work: (client: ApiClient) => Promise<T>): Promise<T> =>
  connected(options, work, asSomebody('批准授权', '管理员'));

function list(options: JsonOptions): Promise<void> {
  return asDecider(options, async (client) => {
    const pages = pagesOf(client, PATH, { limit: undefined });
    if (options.json) return writeJsonList(pages, 'grants');
    const count = await printTable(COLUMNS, itemsOf<GrantAnswer>(pages, 'grants'));
    note(`共 ${count} 项。`);
  });
}

function approve(id: string, options: JsonOptions): Promise<void> {
  return asDecider(options, async (client) => {
    const path = `${PATH}/${encodeURIComponent(id)}/approval`;
    const answer = await client.send<ApprovedAnswer>('POST', path, {});
    if (options.json) return printJson(answer);
    const { grant, user, password, token } = answer;
    await print(`已批准：${KINDS[grant.kind]}${user === null ? '' : ` ${user.login}`}。`);
    if (password !== undefined) await print(`密码（只显示这一次）：${password}`);
    if (token !== undefined) await printToken(token);
  });
}
