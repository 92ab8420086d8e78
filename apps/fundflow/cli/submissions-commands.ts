import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { makeDirectory } from '@fundflow/directories/make-directory';
import { SUBMISSION_STATUS_NAMES } from '@fundflow/domain/chinese-names';
import { KIND_NAMES } from '@fundflow/intake/enumerations';
import type { ApiClient } from './api-client.js';
import {
  asSomebody,
  connected,
  type ConnectionOptions,
  type JsonOptions,
  withConnection,
  withJson,
} from './connection.js';
import { withExamples } from './help.js';
import { saveTo } from './local-files.js';
import { note, print, printJson, write } from './output.js';
import { itemsOf, pagesOf, writeJsonList } from './pages.js';
import { text } from './reading-options.js';
import { printFindings, type SubmissionState } from './submission-work.js';
import { type Column, printTable } from './text-table.js';

const COLUMNS: readonly Column<SubmissionState>[] = [
  { head: '提交编号', cell: ({ id }) => id },
  { head: '提交时刻', cell: ({ createdAt }) => createdAt },
  { head: '状态', cell: ({ status }) => SUBMISSION_STATUS_NAMES[status] },
  { head: '文件', cell: ({ fileName }) => text(fileName) },
  { head: '提交单位', cell: ({ makerUnit }) => makerUnit },
  { head: '行数', right: true, cell: ({ rows }) => text(rows) },
  { head: '可入账', right: true, cell: ({ acceptedRows }) => text(acceptedRows) },
  { head: '此前已入账', right: true, cell: (state) => text(state.alreadyPostedRows) },
  { head: '错误', right: true, cell: ({ errors }) => text(errors) },
  { head: '已入账', right: true, cell: ({ postedRows }) => text(postedRows) },
];

/** Submissions and their reports, and the templates they are filled in on. */
export function addSubmissionsCommands(program: Command): void {
  const group = program
    .command('submissions')
    .summary('提交的列表、详情和校验报告')
    .description('本管辖范围内的提交：列表、详情、校验报告。');
  withExamples(group, [['fundflow submissions list --user maker', '提交列表，最新的在前']]);
  const listing = withJson(group.command('list').description('提交列表，最新的在前'));
  withExamples(listing, [
    ['fundflow submissions list --user checker', '待复核的和已入账的'],
  ]).action(list);
  const showing = withJson(
    group.command('show <提交编号>').description('一份提交及其前若干条校验结果'),
  );
  withExamples(showing, [
    ['fundflow submissions show 8f0e… --user maker', '状态、行数、错误'],
  ]).action(show);
  const reporting = withJson(
    group
      .command('report <提交编号>')
      .description('完整的校验报告（CSV；--json 为接口的 JSON）')
      .option('--out <文件>', '写入该文件，而不是标准输出'),
  );
  withExamples(reporting, [
    ['fundflow submissions report 8f0e… --user maker --out 报告.csv', '保存为 CSV'],
  ]).action(report);
  const writing = withConnection(
    program
      .command('templates')
      .summary('取得填报模板')
      .description('把各类表格的填报模板（XLSX 一份、CSV 各一份）和填写说明写入一个目录。')
      .option('--out <目录>', '目录', '.'),
  );
  withExamples(writing, [['fundflow templates --out 模板', '写入“模板”目录']]).action(templates);
}

const asked = (options: JsonOptions, work: (client: ApiClient) => Promise<void>): Promise<void> =>
  connected(options, work, asSomebody('查看提交', '经办人或复核人'));

function list(options: JsonOptions): Promise<void> {
  return asked(options, async (client) => {
    const pages = pagesOf(client, '/api/v1/submissions', {});
    if (options.json) return writeJsonList(pages, 'submissions');
    const count = await printTable(COLUMNS, itemsOf<SubmissionState>(pages, 'submissions'));
    note(`共 ${count} 份提交。`);
  });
}

const pathOf = (id: string): string => `/api/v1/submissions/${encodeURIComponent(id)}`;

function show(id: string, options: JsonOptions): Promise<void> {
  return asked(options, async (client) => {
    const state = await client.get<SubmissionState>(pathOf(id));
    if (options.json) return printJson(state);
    await printTable(COLUMNS, [state]);
    const { firstPosition, lastPosition, refusal } = state;
    if (firstPosition !== null) await print(`位置 ${firstPosition} 至 ${lastPosition}。`);
    if (refusal) await print(refusal.message);
    await printFindings(client, state);
  });
}

function report(id: string, options: JsonOptions & { readonly out?: string }): Promise<void> {
  return asked(options, async (client) => {
    const path = `${pathOf(id)}/report`;
    if (options.json) return writeJsonList(pagesOf(client, path, {}), 'entries');
    const { body } = await client.open(path, {}, { accept: 'text/csv' });
    const lines = Readable.from(body ?? []);
    if (options.out === undefined) {
      for await (const piece of lines.setEncoding('utf8')) await write(String(piece));
      return;
    }
    await saveTo(options.out, lines);
    note(`已写入 ${options.out}。`);
  });
}

/** Every kind of table has its name on its file, as in the workbook. */
function templates(options: ConnectionOptions & { readonly out: string }): Promise<void> {
  return connected(options, async (client) => {
    await makeDirectory(options.out);
    const files: readonly (readonly [string, string])[] = [
      ['填报模板.xlsx', 'workbook.xlsx'],
      ['填写说明.csv', 'columns.csv'],
      ...Object.entries(KIND_NAMES).map(([kind, name]) => [`${name}.csv`, `${kind}.csv`] as const),
    ];
    for (const [file, from] of files) {
      const answer = await client.open(`/api/v1/templates/${from}`);
      await saveTo(join(options.out, file), Readable.from(answer.body ?? []));
    }
    await print(`已写入 ${files.length} 个文件，目录 ${options.out}。`);
  });
}
