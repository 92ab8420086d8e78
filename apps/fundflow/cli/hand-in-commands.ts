import { basename } from 'node:path';
import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { passwordFrom } from './ask-password.js';
import { CommandFailed } from './command-failed.js';
import {
  asSomebody,
  connect,
  connected,
  PASSWORD_VARIABLES,
  withConnection,
} from './connection.js';
import { withExamples } from './help.js';
import { print, printJson } from './output.js';
import { progressBar } from './progress-bar.js';
import {
  certify,
  follow,
  postedText,
  printFindings,
  type SubmissionState,
} from './submission-work.js';

interface HandInOptions {
  readonly url: string;
  readonly user?: string;
  readonly token?: string;
  readonly rows: 'all' | 'valid';
  readonly json?: boolean;
}

interface ImportOptions extends HandInOptions {
  readonly kind?: string;
  readonly certifyAs?: string;
  readonly certify?: boolean;
}

const MIB = 1_048_576;

/** Hands files in, in the order given, and certifies: at once as a second person, or later by number. */
export function addHandInCommands(program: Command): void {
  const importing = withConnection(
    program
      .command('import <文件...>')
      .summary('提交文件；加 --certify-as 由另一人复核入账')
      .description(
        '按所给次序提交 CSV 或 XLSX 文件并显示校验结果。入账须由经办人以外的另一人复核。',
      )
      .option('--kind <类型>', '文件类型（通常可由表头识别）')
      .option('--certify', '校验无误后复核入账（演示：以 centre-checker 复核）')
      .option('--certify-as <登录名>', '复核人（密码取自 FUNDFLOW_CHECKER_PASSWORD）')
      .option('--rows <范围>', ROWS, 'all')
      .option('--json', '输出接口的 JSON 原文'),
  );
  withExamples(importing, [
    ['fundflow import 指标.xlsx --user maker', '提交并查看校验结果'],
    ['fundflow import 支付.csv --user maker --certify-as checker', '提交，并由 checker 复核入账'],
  ]).action(importFiles);
  const certifying = withConnection(
    program
      .command('certify <提交编号>')
      .summary('复核一份提交并入账')
      .description('复核一份已校验的提交并入账，显示入账进度。复核人不得是提交人。')
      .option('--rows <范围>', ROWS, 'all')
      .option('--json', '输出接口的 JSON 原文'),
  );
  withExamples(certifying, [
    ['fundflow certify 8f0e… --user checker', '全部入账；有错误则不入账'],
    ['fundflow certify 8f0e… --user checker --rows valid', '只入账无误的行'],
  ]).action(certifyOne);
}

const ROWS = 'all：有错误则不入账；valid：只入账无误的行';

async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  const maker = await makerOf(options);
  const checker = await checkerOf(options);
  const results: SubmissionState[] = [];
  const quiet = options.json === true;
  try {
    for (const file of files) {
      const state = await handIn(maker, file, options);
      if (!quiet) await showResult(maker, file, state);
      assertAcceptable(file, state, options);
      results.push(checker ? await certifyFile(checker, file, state, options) : state);
    }
  } finally {
    await checker?.close();
    await maker.close();
  }
  if (quiet) await printJson(results);
}

function assertAcceptable(file: string, state: SubmissionState, { rows }: HandInOptions): void {
  if (state.status === 'rejected') {
    throw new CommandFailed('rejected', `${file}：${state.refusal?.message}`);
  }
  if (state.errors > 0 && rows === 'all') {
    throw new CommandFailed('errors-stand', `${file}：有 ${state.errors} 处错误，未入账。`);
  }
}

async function certifyFile(
  checker: ApiClient,
  file: string,
  { id }: SubmissionState,
  { rows, json }: HandInOptions,
): Promise<SubmissionState> {
  const quiet = json === true;
  const done = await certify(checker, id, { label: `入账 ${basename(file)}`, rows, quiet });
  if (!quiet) await print(`${file}：${postedText(done)}。`);
  return done;
}

function certifyOne(id: string, options: HandInOptions): Promise<void> {
  const work = async (client: ApiClient): Promise<void> => {
    const { rows, json } = options;
    const done = await certify(client, id, { label: '入账', rows, quiet: json === true });
    if (json) return printJson(done);
    const { firstPosition, lastPosition } = done;
    const where = firstPosition === null ? '' : `，位置 ${firstPosition} 至 ${lastPosition}`;
    await print(`${postedText(done)}${where}。`);
  };
  return connected(options, work, asSomebody('复核', '复核人'));
}

/** In a demonstration whose password is known the maker of the centre hands in: it may post for every region. */
function makerOf(options: ImportOptions): Promise<ApiClient> {
  const demoPassword = process.env['FUNDFLOW_DEMO_PASSWORD'];
  const otherwise = demoPassword
    ? () => ApiClient.signIn(options.url, 'centre-maker', demoPassword)
    : asSomebody('提交文件', '经办人');
  return connect(options, otherwise);
}

async function checkerOf(options: ImportOptions): Promise<ApiClient | null> {
  const user = options.certifyAs ?? (options.certify ? 'centre-checker' : undefined);
  if (!user) return null;
  const names = ['FUNDFLOW_CHECKER_PASSWORD', ...PASSWORD_VARIABLES.slice(1)];
  return ApiClient.signIn(options.url, user, await passwordFrom(names, `${user} 的密码`));
}

/** Two bars one after the other: bytes on their way, then rows read. */
async function handIn(
  client: ApiClient,
  file: string,
  { kind, json }: ImportOptions,
): Promise<SubmissionState> {
  const name = basename(file);
  const quiet = json === true;
  const sending = progressBar(`上传 ${name} [{bar}] {percentage}% {sent}/{size} MiB`, quiet);
  const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
  let begun = false;
  const state = await client.upload<SubmissionState>('/api/v1/submissions', {
    path: file,
    fields: { kind },
    onProgress: (sent, total) => {
      const words = { sent: mib(sent), size: mib(total) };
      if (!begun) sending.start(total, words);
      begun = true;
      if (sent < total) sending.update(sent, words);
      else sending.end(words);
    },
  });
  return follow(client, state, { label: `校验 ${name}`, while: 'validating', quiet });
}

async function showResult(client: ApiClient, file: string, state: SubmissionState): Promise<void> {
  const { rows, acceptedRows, alreadyPostedRows, errors, warnings, id } = state;
  await print(
    `${file}：共 ${rows} 行，可入账 ${acceptedRows} 行，已入账过 ${alreadyPostedRows} 行，` +
      `错误 ${errors} 处，提醒 ${warnings} 处（提交编号 ${id}）`,
  );
  await printFindings(client, state);
}
