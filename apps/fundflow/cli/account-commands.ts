import type { Command } from 'commander';
import type { ProposedAnswer } from '@fundflow/identity/http/answers';
import { ApiClient } from './api-client.js';
import { passwordFrom } from './ask-password.js';
import { CommandFailed } from './command-failed.js';
import {
  asSomebody,
  connected,
  type ConnectionOptions,
  type JsonOptions,
  withConnection,
  withJson,
} from './connection.js';
import { onLedger } from './database-of-ledger.js';
import { withExamples } from './help.js';
import { note, print, printJson } from './output.js';
import { itemsOf, pagesOf, writeJsonList } from './pages.js';
import { type Column, printTable } from './text-table.js';

interface User {
  readonly id: string;
  readonly login: string;
  readonly roles: readonly string[];
  readonly region: string;
  readonly unit: string;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
}

export const ROLE_NAMES: Readonly<Record<string, string>> = {
  'finance-maker': '经办',
  'finance-checker': '复核',
  inspector: '监督检查',
  hotline: '热线',
  auditor: '审计',
  admin: '管理员',
  system: '系统',
};

const stateOf = ({ disabled, mustChangePassword }: User): string =>
  disabled ? '停用' : mustChangePassword ? '待改密码' : '正常';

const COLUMNS: readonly Column<User>[] = [
  { head: '登录名', cell: ({ login }) => login },
  { head: '角色', cell: ({ roles }) => roles.map((role) => ROLE_NAMES[role] ?? role).join('、') },
  { head: '区划', cell: ({ region }) => region },
  { head: '单位', cell: ({ unit }) => unit },
  { head: '状态', cell: stateOf },
];

/** Accounts, for the administrator; and everybody's own password. */
export function addAccountCommands(program: Command): void {
  const group = program
    .command('users')
    .summary('用户：列表、新建、停用、启用、重设密码（管理员）')
    .description('本管辖地区的用户。除 recover 外，须以管理员身份（--user）运行。');
  withExamples(group, [['fundflow users list --user admin', '本管辖地区的全部用户']]);
  const listing = withJson(group.command('list').description('用户列表'));
  withExamples(listing, [['fundflow users list --user admin', '登录名、角色、地区、状态']]).action(
    list,
  );
  const adding = withJson(
    group
      .command('add <登录名>')
      .description('新建用户；密码随机生成，只显示这一次，首次登录须修改')
      .requiredOption('--role <角色>', `角色，可重复：${roleList()}`, collected)
      .requiredOption('--region <区划>', '管辖地区')
      .requiredOption('--unit <单位>', '单位名称'),
  );
  withExamples(adding, [
    [
      'fundflow users add wei --role finance-maker --region 450124 --unit 马山县财政局 --user admin',
      '马山县的一名经办人',
    ],
  ]).action(add);
  const disabling = withJson(group.command('disable <登录名>').description('停用：其会话随即失效'));
  withExamples(disabling, [['fundflow users disable wei --user admin', '停用 wei']]).action(
    (login: string, options: JsonOptions) => change(login, { disabled: true }, '已停用', options),
  );
  const enabling = withJson(group.command('enable <登录名>').description('重新启用'));
  withExamples(enabling, [['fundflow users enable wei --user admin', '重新启用 wei']]).action(
    (login: string, options: JsonOptions) => change(login, { disabled: false }, '已启用', options),
  );
  const resetting = withJson(
    group.command('reset-password <登录名>').description('重设密码：随机生成，只显示这一次'),
  );
  withExamples(resetting, [
    ['fundflow users reset-password wei --user admin', 'wei 的新密码，登录后须修改'],
  ]).action(reset);
  withExamples(
    group
      .command('recover <登录名>')
      .summary('在账本所在的机器上，为无法登录的管理员重设密码')
      .description(
        '管理员遗失密码或动态口令设备、又没有另一位管理员可以批准时：在账本所在的机器上重设其密码并解除动态口令，' +
          '其会话随即失效。不须登录；此事记入账本，注明是在机器上办理的。',
      ),
    [['fundflow users recover admin', '新密码只显示这一次，登录后须修改']],
  ).action(recover);
  const own = withConnection(
    program
      .command('password')
      .summary('修改自己的密码')
      .description(
        '修改自己的密码；其他会话随即失效。原密码取自 FUNDFLOW_PASSWORD，新密码取自 ' +
          'FUNDFLOW_NEW_PASSWORD，没有则在终端询问。',
      ),
  );
  withExamples(own, [['fundflow password --user wei', '询问原密码和新密码']]).action(password);
}

const roleList = (): string =>
  Object.entries(ROLE_NAMES)
    .map(([role, name]) => `${role} ${name}`)
    .join('、');

const collected = (role: string, before: readonly string[] = []): string[] => [...before, role];

/** Signed in as an administrator, who has to be named. */
export const asAdmin = <T>(
  options: JsonOptions,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> => connected(options, work, asSomebody('管理用户', '管理员'));

const usersOf = (client: ApiClient): AsyncGenerator<User> =>
  itemsOf<User>(pagesOf(client, '/api/v1/users', { limit: undefined }), 'users');

function list(options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    const pages = pagesOf(client, '/api/v1/users', { limit: undefined });
    if (options.json) return writeJsonList(pages, 'users');
    const count = await printTable(COLUMNS, itemsOf<User>(pages, 'users'));
    note(`共 ${count} 个用户。`);
  });
}

type Made = User & { readonly password?: string };

/** Said of what was not done yet: it needs a second person (HTTP 202). */
export const waiting = ({ grant }: ProposedAnswer): string =>
  `已提出，编号 ${grant.id}，待另一位管理员批准（fundflow grants approve）。`;

interface NewUser extends JsonOptions {
  readonly role: readonly string[];
  readonly region: string;
  readonly unit: string;
}

function add(login: string, options: NewUser): Promise<void> {
  return asAdmin(options, async (client) => {
    const { role: roles, region, unit } = options;
    const body = { login, roles, region, unit };
    const made = await client.send<Made | ProposedAnswer>('POST', '/api/v1/users', body);
    if (options.json) return printJson(made);
    if ('grant' in made) return print(waiting(made));
    await print(`已新建用户 ${made.login}。`);
    if (made.password !== undefined) await print(`密码（只显示这一次）：${made.password}`);
  });
}

/** @throws CommandFailed `no-such-user` */
export async function userByLogin(client: ApiClient, login: string): Promise<User> {
  for await (const user of usersOf(client)) if (user.login === login) return user;
  throw new CommandFailed('no-such-user', `没有登录名为 ${login} 的用户，或不在您的管辖范围内。`);
}

function change(login: string, body: object, done: string, options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    const { id } = await userByLogin(client, login);
    const path = `/api/v1/users/${id}`;
    const changed = await client.send<User | ProposedAnswer>('PATCH', path, body);
    if (options.json) return printJson(changed);
    return print('grant' in changed ? waiting(changed) : `${done}：${login}。`);
  });
}

function reset(login: string, options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    const { id } = await userByLogin(client, login);
    const path = `/api/v1/users/${id}/password`;
    const answer = await client.send<{ password: string } | ProposedAnswer>('POST', path, {});
    if (options.json) return printJson(answer);
    if ('grant' in answer) return print(waiting(answer));
    await print(`${login} 的新密码（只显示这一次）：${answer.password}`);
  });
}

/** @throws CommandFailed `no-such-user` */
async function recover(login: string): Promise<void> {
  const { recoverAdministrator } =
    await import('@fundflow/identity/accounts/recover-administrator');
  const { randomPassword } = await import('@fundflow/identity/sign-in/password');
  const made = randomPassword();
  await onLedger(async ({ pool }) => {
    const owner = await pool.connect();
    const done = recoverAdministrator(owner, login, made, { now: () => new Date() });
    if (await done.finally(() => owner.release())) return;
    throw new CommandFailed('no-such-user', `没有登录名为 ${login} 的管理员，或已停用。`);
  });
  await print(`${login} 的新密码（只显示这一次）：${made}`);
}

async function password(options: ConnectionOptions): Promise<void> {
  const login = options.user ?? process.env['FUNDFLOW_USER'];
  if (!login) throw new CommandFailed('user-missing', '请用 --user 指明要修改谁的密码。');
  const current = await passwordFrom(['FUNDFLOW_PASSWORD'], `${login} 的原密码`);
  const wanted = await passwordFrom(['FUNDFLOW_NEW_PASSWORD'], `${login} 的新密码`);
  const client = await ApiClient.signIn(options.url, login, current);
  await client.send('PUT', '/api/v1/session/password', { current, password: wanted });
  await print('密码已修改。');
}
