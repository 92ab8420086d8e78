import type { AlertAnswer } from '@fundflow/queries/alerts-list';
import type { EventsAnswer } from '@fundflow/queries/events';
import type { HoldingAnswer } from '@fundflow/queries/holding';
import type { ProjectAnswer } from '@fundflow/queries/projects';
import type { SummaryAnswer } from '@fundflow/queries/summary';
import type { TrialBalanceAnswer } from '@fundflow/queries/trial-balance';
import type { AlertsAnswer } from '../../../apps/audit/answers/alerts.js';
import type { TraceAnswer } from '../../../apps/audit/answers/trace.js';
import type { TrailAnswer } from '../../../apps/audit/answers/trail.js';
import type { SubmissionAnswer } from '../../../apps/ledger/submissions/submission-answer.js';

export type { AlertAnswer, AlertsAnswer, EventsAnswer, HoldingAnswer, ProjectAnswer };
export type { SubmissionAnswer, SummaryAnswer, TraceAnswer, TrailAnswer, TrialBalanceAnswer };

/** What came back over HTTP; `body` is the parsed JSON, the text itself of anything else. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
}

/** One line of `GET /api/v1/submissions/{id}/report`. */
export interface ReportLine {
  readonly row: number | null;
  readonly id: string | null;
  readonly field: string | null;
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly message: string;
  readonly value: string | null;
  readonly expected: string | null;
  readonly difference: string | null;
  readonly sheet: string;
  readonly [flex: `flex_${string}`]: string;
}
