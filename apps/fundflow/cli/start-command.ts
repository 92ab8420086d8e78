import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { ApiClient } from './api-client.js';
import { passwordFrom } from './ask-password.js';
import { saidOfCommand } from './command-failed.js';
import { withUrl } from './connection.js';
import { withExamples } from './help.js';
import { note, print } from './output.js';

/** `EX_IOERR` of sysexits.h: a supervisor can tell it from a bad configuration, which ends with 1. */
const EXIT_DATABASE_LOST = 74;

/**
 * How far the heap may outgrow what lives in it before it is cleared, percent. Left to itself it doubles and more while a
 * large file passes through, and the process takes memory that the database on the same machine needs.
 */
const HEAP_GROWTH_PERCENT = 50;

/** Starting the ledger, and its first administrator. */
export function addStartCommand(program: Command): void {
  const starting = program
    .command('start')
    .description('在本机启动账本：数据库、各项服务和接口，一个进程')
    .option('--demo', '演示：建立演示用户并载入演示数据（仅限本机与空的数据目录）')
    .option('--port <端口>', '端口（或设 FUNDFLOW_PORT，默认 12317）')
    .option('--data <目录>', '数据目录（或设 FUNDFLOW_DATA，默认 ./data）');
  withExamples(starting, [
    ['fundflow start', '启动；首次启动时显示如何创建管理员'],
    ['fundflow start --demo --data ./演示', '演示'],
  ]).action(start);
  const settingUp = withUrl(
    program
      .command('setup')
      .description('以启动时显示的一次性口令创建首位管理员（登录密码取自 FUNDFLOW_PASSWORD）')
      .requiredOption('--token <一次性口令>', '启动时显示的一次性口令')
      .requiredOption('--user <登录名>', '管理员登录名'),
  );
  withExamples(settingUp, [
    ['fundflow setup --token 一次性口令 --user admin', '询问新密码并创建管理员'],
  ]).action(setUp);
}

async function start(options: { demo?: boolean; port?: string; data?: string }): Promise<void> {
  const environment = {
    ...process.env,
    ...(options.demo ? { FUNDFLOW_DEMO: '1' } : {}),
    ...(options.port ? { FUNDFLOW_PORT: options.port } : {}),
    ...(options.data ? { FUNDFLOW_DATA: options.data } : {}),
  };
  // Only who starts the ledger loads all of it: every other command is there in a moment.
  const [{ startFundflow }, { stopOnSignal }] = await Promise.all([
    import('../start.js'),
    import('@fundflow/runtime/serve'),
  ]);
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  const configuration = readConfiguration(environment);
  const started = await startFundflow(configuration, {
    say: (line) => void print(line),
    databaseLost: (reason) => {
      note(`数据库无法继续运行，账本停止服务：${reason.message}`);
      note('已确认入账的记录均已保存。请排除原因后重新启动。');
      process.exit(EXIT_DATABASE_LOST);
    },
  });
  stopOnSignal(started, () => print('账本已停止。'));
  for (const line of started.announcements) await print(line);
  await print(`账本已启动：${started.url}　数据目录：${configuration.dataDirectory}`);
  if (started.loaded === null) return;
  await print('正在载入演示数据：载入完成之前，查询只反映已入账的部分。');
  // The ledger serves without its demonstration; why it is missing is said aloud.
  await started.loaded.then(
    () => print('演示数据已全部载入。'),
    (error: unknown) => print(`演示数据未能载入：${saidOfCommand(error)}`),
  );
}

async function setUp(options: { token: string; user: string; url: string }): Promise<void> {
  const password = await passwordFrom(['FUNDFLOW_PASSWORD'], `${options.user} 的新密码`);
  const client = ApiClient.anonymous(options.url);
  const { token, user } = options;
  await client.send('POST', '/api/v1/setup', { token, user, password });
  await print(`已创建管理员 ${options.user}。`);
}
