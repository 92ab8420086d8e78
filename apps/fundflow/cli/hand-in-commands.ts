import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { passwordFrom } from './ask-password.js';
import { CommandFailed } from './command-failed.js';
import { asSomebody, connect, PASSWORD_VARIABLES, withConnection } from './connection.js';
import { withExamples } from './help.js';
import { print, printJson } from './output.js';
import { text } from './reading-options.js';
import { type Column, printTable } from './text-table.js';

interface ImportOptions {
  readonly url: string;
  readonly kind?: string;
  readonly user?: string;
  readonly token?: string;
  readonly certifyAs?: string;
  readonly certify?: boolean;
  readonly rows: 'all' | 'valid';
  readonly json?: boolean;
}

interface SubmissionState {
  readonly id: string;
  readonly status: 'validating' | 'validated' | 'rejected' | 'posting' | 'posted';
  readonly rows: number;
  readonly acceptedRows: number;
  readonly alreadyPostedRows: number;
  readonly errors: number;
  readonly warnings: number;
  readonly postedRows: number;
  readonly progress: { readonly phase: string; readonly percent: number };
  readonly refusal: { readonly message: string } | null;
}

const POLL_MS = 250;
const FINDINGS_SHOWN = 20;

/** Hands files in, in the order given, and certifies them when a second person's credentials are at hand. */
export function addHandInCommands(program: Command): void {
  const command = withConnection(
    program
      .command('import <files...>')
      .summary('提交文件；加 --certify-as 由另一人复核入账')
      .description(
        '按所给次序提交 CSV 或 XLSX 文件并显示校验结果。入账须由经办人以外的另一人复核。',
      )
      .option('--kind <类型>', '文件类型（通常可由表头识别）')
      .option('--certify', '校验无误后复核入账（演示：以 centre-checker 复核）')
      .option('--certify-as <登录名>', '复核人（口令取自 FUNDFLOW_CHECKER_PASSWORD）')
      .option('--rows <范围>', 'all：有错误则不入账；valid：只入账无误的行', 'all')
      .option('--json', '输出接口的 JSON 原文'),
  );
  withExamples(command, [
    ['fundflow import 指标.xlsx --user maker', '提交并查看校验结果'],
    ['fundflow import 支付.csv --user maker --certify-as checker', '提交，并由 checker 复核入账'],
  ]).action(importFiles);
}

async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  const maker = await makerOf(options);
  const checking = await checkerOf(options);
  const results: SubmissionState[] = [];
  for (const file of files) {
    let state = await handIn(maker, file, options);
    if (!options.json) await showReport(maker, file, state);
    if (state.status === 'rejected')
      throw new CommandFailed('rejected', `${file}：${state.refusal?.message}`);
    if (state.errors > 0 && options.rows === 'all') {
      throw new CommandFailed('errors-stand', `${file}：有 ${state.errors} 处错误，未入账。`);
    }
    if (checking) state = await certify(checking, file, state, options);
    results.push(state);
  }
  await checking?.close();
  await maker.close();
  if (options.json) await printJson(results);
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
  return ApiClient.signIn(options.url, user, await passwordFrom(names, `${user} 的口令`));
}

async function handIn(
  client: ApiClient,
  file: string,
  options: ImportOptions,
): Promise<SubmissionState> {
  const state = await client.upload<SubmissionState>('/api/v1/submissions', {
    path: file,
    fields: { kind: options.kind },
    onProgress: () => undefined,
  });
  return follow(client, state, `校验 ${basename(file)}`, ['validating'], options);
}

async function certify(
  client: ApiClient,
  file: string,
  { id }: SubmissionState,
  options: ImportOptions,
): Promise<SubmissionState> {
  const path = `/api/v1/submissions/${id}/certification`;
  const state = await client.send<SubmissionState>('POST', path, { rows: options.rows });
  const done = await follow(client, state, `入账 ${basename(file)}`, ['posting'], options);
  if (done.status === 'rejected')
    throw new CommandFailed('rejected', `${file}：${done.refusal?.message}`);
  if (!options.json) await print(`${file}：已入账 ${done.postedRows} 行。`);
  return done;
}

/** Shows a bar while the ledger works; on a pipe, nothing. */
async function follow(
  client: ApiClient,
  first: SubmissionState,
  label: string,
  while_: readonly string[],
  options: ImportOptions,
): Promise<SubmissionState> {
  let state = first;
  const shown = process.stderr.isTTY && !options.json;
  const format = `${label} [{bar}] {percentage}% {rows} 行`;
  const bar = shown ? new SingleBar({ format, stream: process.stderr, hideCursor: true }) : null;
  bar?.start(100, state.progress.percent, { rows: state.rows });
  while (while_.includes(state.status)) {
    await pause(POLL_MS);
    state = await client.get<SubmissionState>(`/api/v1/submissions/${state.id}`);
    bar?.update(state.progress.percent, { rows: state.rows });
  }
  bar?.update(100, { rows: state.rows });
  bar?.stop();
  return state;
}

async function showReport(client: ApiClient, file: string, state: SubmissionState): Promise<void> {
  const { rows, acceptedRows, alreadyPostedRows, errors, warnings, id } = state;
  await print(
    `${file}：共 ${rows} 行，可入账 ${acceptedRows} 行，已入账过 ${alreadyPostedRows} 行，` +
      `错误 ${errors} 处，提醒 ${warnings} 处（提交编号 ${id}）`,
  );
  if (errors + warnings === 0) return;
  const path = `/api/v1/submissions/${id}/report`;
  const { entries } = await client.get<{ entries: Record<string, string | number | null>[] }>(
    path,
    {
      limit: String(FINDINGS_SHOWN),
    },
  );
  await printTable(FINDING_COLUMNS, entries);
}

const SEVERITIES: Readonly<Record<string, string>> = {
  error: '错误',
  warning: '提醒',
  info: '说明',
};

const FINDING_COLUMNS: readonly Column<Readonly<Record<string, string | number | null>>>[] = [
  { head: '行', right: true, cell: (entry) => text(entry['row']) },
  { head: '编号', cell: (entry) => text(entry['id']) },
  { head: '级别', cell: (entry) => SEVERITIES[String(entry['severity'])] ?? '' },
  { head: '代码', cell: (entry) => text(entry['code']) },
  { head: '说明', cell: (entry) => text(entry['message']) },
];
