import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { LOCAL_TOKEN_FILE } from '@fundflow/identity/accounts/local-token';
import { isLoopback } from '@fundflow/nest-edge/configuration';
import { ApiClient } from './api-client.js';
import { passwordFrom } from './ask-password.js';
import { CommandFailed } from './command-failed.js';

/** What every command that talks to a running ledger is told. */
export interface ConnectionOptions {
  readonly url: string;
  readonly token?: string;
  readonly user?: string;
}

/** `FUNDFLOW_URL`, else this machine at the port the ledger takes under the same environment. */
function defaultUrl(): string {
  const port = process.env['FUNDFLOW_PORT']?.trim() || '12317';
  return process.env['FUNDFLOW_URL']?.trim() || `http://127.0.0.1:${port}`;
}

export const withUrl = (command: Command): Command =>
  command.option('--url <地址>', '账本的地址（或设 FUNDFLOW_URL）', defaultUrl());

export const withConnection = (command: Command): Command =>
  withUrl(command)
    .option('--user <登录名>', '以该用户登录（或设 FUNDFLOW_USER；密码取自 FUNDFLOW_PASSWORD）')
    .option('--token <令牌>', '系统账户的令牌（或设 FUNDFLOW_TOKEN）');

export interface JsonOptions extends ConnectionOptions {
  readonly json?: boolean;
}

export const withJson = (command: Command): Command =>
  withConnection(command.option('--json', '输出接口的 JSON 原文'));

/** The demonstration's password stands in for anybody's: it is the same for all of its users. */
export const PASSWORD_VARIABLES = ['FUNDFLOW_PASSWORD', 'FUNDFLOW_DEMO_PASSWORD'];

/**
 * Signed in with the token or as the user given, else with those of the environment, else `otherwise`: by default what the
 * ledger left for the command line of its own machine.
 */
export async function connect(
  options: ConnectionOptions,
  otherwise: () => Promise<ApiClient> = () => localClient(options.url),
): Promise<ApiClient> {
  const { url } = options;
  const environment = {
    token: process.env['FUNDFLOW_TOKEN'] || undefined,
    user: process.env['FUNDFLOW_USER'] || undefined,
  };
  const { token, user } = options.token || options.user ? options : environment;
  if (token) return ApiClient.withToken(url, token);
  if (!user) return otherwise();
  return ApiClient.signIn(url, user, await passwordFrom(PASSWORD_VARIABLES, `${user} 的密码`));
}

/** Runs with a signed-in client and ends its session afterwards. */
export async function connected<T>(
  options: ConnectionOptions,
  work: (client: ApiClient) => Promise<T>,
  otherwise?: () => Promise<ApiClient>,
): Promise<T> {
  const client = await connect(options, otherwise);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** As a person or a system that must be named: handing in, certifying, administering. */
export const asSomebody =
  (what: string, example: string): (() => Promise<ApiClient>) =>
  () => {
    const how = `请用 --user ${example}（密码取自 FUNDFLOW_PASSWORD）或 --token。`;
    return Promise.reject(new CommandFailed('user-missing', `${what}须有身份：${how}`));
  };

/** The file's token is this machine's: it is shown to nobody else. */
async function localClient(url: string): Promise<ApiClient> {
  if (!URL.canParse(url)) throw new CommandFailed('bad-url', `地址“${url}”不正确。`);
  if (!isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''))) {
    throw new CommandFailed(
      'credentials-missing',
      '访问另一台机器上的账本，须用 --user 或 --token。',
    );
  }
  const directory = resolve(process.env['FUNDFLOW_DATA'] ?? './data');
  const token = await readFile(join(directory, LOCAL_TOKEN_FILE), 'utf8').catch(() => null);
  if (token !== null) return ApiClient.withToken(url, token.trim());
  throw new CommandFailed(
    'credentials-missing',
    `没有凭据：${directory} 中没有本机令牌（账本运行时才有）。请在账本所在目录运行，` +
      '或设置 FUNDFLOW_DATA，或用 --user / --token。',
  );
}
