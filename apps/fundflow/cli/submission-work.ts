import { setTimeout as pause } from 'node:timers/promises';
import { chineseName, FINDING_SEVERITY_NAMES } from '@fundflow/domain/chinese-names';
import type { ApiClient } from './api-client.js';
import { CommandFailed } from './command-failed.js';
import { progressBar } from './progress-bar.js';
import { type Column, printTable } from './text-table.js';
import { text } from './reading-options.js';

/** What the API says of a submission, as far as the command line shows it. */
export interface SubmissionState {
  readonly id: string;
  readonly status: 'validating' | 'validated' | 'rejected' | 'posting' | 'posted';
  readonly kind: string | null;
  readonly fileName: string | null;
  readonly makerUnit: string;
  readonly createdAt: string;
  readonly rows: number;
  readonly acceptedRows: number;
  readonly alreadyPostedRows: number;
  readonly errors: number;
  readonly warnings: number;
  readonly postedRows: number;
  readonly firstPosition: number | null;
  readonly lastPosition: number | null;
  readonly progress: { readonly phase: string; readonly percent: number };
  readonly refusal: { readonly message: string } | null;
}

const POLL_MS = 250;
const FINDINGS_SHOWN = 20;

/** Follows the ledger's work with a bar until the submission has another status. */
export async function follow(
  client: ApiClient,
  first: SubmissionState,
  options: { readonly label: string; readonly while: SubmissionState['status']; quiet: boolean },
): Promise<SubmissionState> {
  let state = first;
  const bar = progressBar(`${options.label} [{bar}] {percentage}% {rows} 行`, options.quiet);
  bar.start(100, { rows: state.rows });
  while (state.status === options.while) {
    bar.update(state.progress.percent, { rows: state.rows });
    await pause(POLL_MS);
    state = await client.get<SubmissionState>(`/api/v1/submissions/${state.id}`);
  }
  bar.end({ rows: state.rows });
  return state;
}

/** Certifies as another person and follows the posting to its end. */
export async function certify(
  client: ApiClient,
  id: string,
  options: { readonly label: string; readonly rows: 'all' | 'valid'; readonly quiet: boolean },
): Promise<SubmissionState> {
  const path = `/api/v1/submissions/${encodeURIComponent(id)}/certification`;
  const state = await client.send<SubmissionState>('POST', path, { rows: options.rows });
  const done = await follow(client, state, { ...options, while: 'posting' });
  if (done.status === 'rejected') throw new CommandFailed('rejected', done.refusal?.message ?? '');
  return done;
}

/** What a certification came to, in words; rows that were there already are said, since nothing else would tell why so few. */
export function postedText({ postedRows, alreadyPostedRows }: SubmissionState): string {
  const before = alreadyPostedRows === 0 ? '' : `，另有 ${alreadyPostedRows} 行此前已经入账`;
  return `已入账 ${postedRows} 行${before}`;
}

/** The first findings of the report. */
export async function printFindings(client: ApiClient, state: SubmissionState): Promise<void> {
  if (state.errors + state.warnings === 0) return;
  const path = `/api/v1/submissions/${state.id}/report`;
  type Report = { entries: Finding[] };
  const { entries } = await client.get<Report>(path, { limit: String(FINDINGS_SHOWN) });
  await printTable(FINDING_COLUMNS, entries);
}

type Finding = Readonly<Record<string, string | number | null>>;

const FINDING_COLUMNS: readonly Column<Finding>[] = [
  { head: '行', right: true, cell: (entry) => text(entry['row']) },
  { head: '编号', cell: (entry) => text(entry['id']) },
  { head: '级别', cell: (entry) => chineseName(FINDING_SEVERITY_NAMES, entry['severity']) },
  { head: '代码', cell: (entry) => text(entry['code']) },
  { head: '说明', cell: (entry) => text(entry['message']) },
];
