import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { ApiClient, CommandFailed, DEFAULT_URL } from './api-client.js';
import { print, printJson, table } from './tables.js';

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
  program
    .command('import <files...>')
    .description('提交文件并显示校验结果；加 --certify-as 由另一人复核入账')
    .option('--url <地址>', '账本的地址', process.env['FUNDFLOW_URL'] ?? DEFAULT_URL)
    .option('--kind <类型>', '文件类型（通常可由表头识别）')
    .option('--user <登录名>', '经办人（口令取自 FUNDFLOW_PASSWORD）')
    .option('--token <令牌>', '经办系统的令牌（或设 FUNDFLOW_TOKEN）')
    .option('--certify', '校验无误后复核入账（演示：centre-checker）')
    .option('--certify-as <登录名>', '复核人（口令取自 FUNDFLOW_CHECKER_PASSWORD）')
    .option('--rows <范围>', 'all：有错误则不入账；valid：只入账无误的行', 'all')
    .option('--json', '按接口原样输出 JSON')
    .action(importFiles);
}

async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  const maker = await ApiClient.connect(makerOf(options));
  const checker = checkerOf(options);
  const checking = checker ? await ApiClient.connect(checker) : null;
  const results: SubmissionState[] = [];
  for (const file of files) {
    let state = await handIn(maker, file, options);
    if (!options.json) await showReport(maker, file, state);
    if (state.status === 'rejected') throw new CommandFailed(`${file}：${state.refusal?.message}`);
    if (state.errors > 0 && options.rows === 'all') {
      throw new CommandFailed(`${file}：有 ${state.errors} 处错误，未入账。`);
    }
    if (checking) state = await certify(checking, file, state, options);
    results.push(state);
  }
  if (options.json) printJson(results);
}

const demoPassword = (): string | undefined => process.env['FUNDFLOW_DEMO_PASSWORD'];

function makerOf(options: ImportOptions) {
  const token = options.token ?? process.env['FUNDFLOW_TOKEN'];
  const user = options.user ?? process.env['FUNDFLOW_USER'];
  const password = process.env['FUNDFLOW_PASSWORD'] ?? demoPassword();
  if (!token && !user && demoPassword()) {
    return { url: options.url, user: 'centre-maker', password };
  }
  if (!token && !user) {
    throw new CommandFailed(
      '提交文件需要经办人身份：请用 --user 与 FUNDFLOW_PASSWORD，或 --token。',
    );
  }
  return { url: options.url, token, user, password };
}

function checkerOf(options: ImportOptions) {
  const user = options.certifyAs ?? (options.certify ? 'centre-checker' : undefined);
  if (!user) return null;
  const password = process.env['FUNDFLOW_CHECKER_PASSWORD'] ?? demoPassword();
  return { url: options.url, user, password };
}

async function handIn(
  client: ApiClient,
  file: string,
  options: ImportOptions,
): Promise<SubmissionState> {
  const form = new FormData();
  if (options.kind) form.set('kind', options.kind);
  let content: Blob;
  try {
    content = await openAsBlob(file);
  } catch {
    throw new CommandFailed(`无法读取文件 ${file}。`);
  }
  form.set('file', content, basename(file));
  const state = await client.post<SubmissionState>('/api/v1/submissions', form);
  return follow(client, state, `校验 ${basename(file)}`, ['validating'], options);
}

async function certify(
  client: ApiClient,
  file: string,
  { id }: SubmissionState,
  options: ImportOptions,
): Promise<SubmissionState> {
  const path = `/api/v1/submissions/${id}/certification`;
  const state = await client.post<SubmissionState>(path, { rows: options.rows });
  const done = await follow(client, state, `入账 ${basename(file)}`, ['posting'], options);
  if (done.status === 'rejected') throw new CommandFailed(`${file}：${done.refusal?.message}`);
  if (!options.json) print(`${file}：已入账 ${done.postedRows} 行。`);
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
  print(
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
  const severities: Readonly<Record<string, string>> = {
    error: '错误',
    warning: '提醒',
    info: '说明',
  };
  const lines = entries.map((entry) => [
    String(entry['row'] ?? ''),
    String(entry['id'] ?? ''),
    severities[String(entry['severity'])] ?? '',
    String(entry['code']),
    String(entry['message']),
  ]);
  print(table(['行', '编号', '级别', '代码', '说明'], lines));
}
