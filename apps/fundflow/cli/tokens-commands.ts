import type { Command } from 'commander';
import type {
  IssuedTokenAnswer,
  ProposedAnswer,
  TokensAnswer,
} from '@fundflow/identity/http/answers';
import { asAdmin, userByLogin, waiting } from './account-commands.js';
import { CommandFailed } from './command-failed.js';
import { type JsonOptions, withJson } from './connection.js';
import { withExamples } from './help.js';
import { note, print, printJson } from './output.js';
import { text } from './reading-options.js';
import { type Column, printTable } from './text-table.js';

const PATH = '/api/v1/tokens';

type Token = TokensAnswer['tokens'][number];

const COLUMNS: readonly Column<Token>[] = [
  { head: '编号', cell: ({ id }) => id },
  { head: '登录名', cell: ({ login }) => login },
  { head: '用途', cell: ({ name }) => name },
  { head: '有效至', cell: ({ expiresAt }) => expiresAt },
  { head: '最近使用', cell: ({ lastUsedAt }) => text(lastUsedAt) },
];

/** Tokens of systems: what two administrators give and one takes away. */
export function addTokensCommands(program: Command): void {
  const group = program
    .command('tokens')
    .summary('令牌：系统账户的令牌，列表、签发、吊销（管理员）')
    .description(
      '本管辖地区系统账户的令牌。签发须由另一位管理员批准（fundflow grants approve），令牌在批准时生成，' +
        '只向批准人显示一次；吊销一人即可。须以管理员身份（--user）运行。',
    );
  withExamples(group, [['fundflow tokens list --user admin', '有效的令牌及其编号']]);
  const listing = withJson(group.command('list').description('有效的令牌（不含令牌本身）'));
  withExamples(listing, [['fundflow tokens list --user admin', '用途、有效期、最近使用']]).action(
    list,
  );
  const issuing = withJson(
    group
      .command('issue <登录名>')
      .description('为系统账户签发令牌')
      .requiredOption('--name <用途>', '令牌的用途')
      .requiredOption('--days <天数>', '自批准起的有效天数，1 至 366'),
  );
  withExamples(issuing, [
    ['fundflow tokens issue treasury --name 国库支付数据 --days 90 --user admin', '有效 90 天'],
  ]).action(issue);
  withExamples(withJson(group.command('revoke <编号>').description('吊销：令牌随即失效')), [
    ['fundflow tokens revoke 编号 --user admin', '编号见 fundflow tokens list'],
  ]).action(revoke);
}

function list(options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    const answer = await client.get<TokensAnswer>(PATH);
    if (options.json) return printJson(answer);
    const count = await printTable(COLUMNS, answer.tokens);
    note(`共 ${count} 个令牌。`);
  });
}

interface NewToken extends JsonOptions {
  readonly name: string;
  readonly days: string;
}

function issue(login: string, options: NewToken): Promise<void> {
  if (!/^\d{1,3}$/.test(options.days)) {
    throw new CommandFailed('bad-argument', '--days 须为 1 至 366 的整数。');
  }
  return asAdmin(options, async (client) => {
    const { id: userId } = await userByLogin(client, login);
    const body = { userId, name: options.name, days: Number(options.days) };
    const answer = await client.send<IssuedTokenAnswer | ProposedAnswer>('POST', PATH, body);
    if (options.json) return printJson(answer);
    return 'grant' in answer ? print(waiting(answer)) : printToken(answer);
  });
}

/** The one time it is shown. */
export async function printToken({ token, expiresAt }: IssuedTokenAnswer): Promise<void> {
  await print(`令牌（只显示这一次）：${token}`);
  await print(`有效至 ${expiresAt}。`);
}

function revoke(id: string, options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    await client.send('DELETE', `${PATH}/${encodeURIComponent(id)}`, {});
    if (options.json) return printJson({ id });
    return print(`已吊销：${id}。`);
  });
}
