import { ApiProperty } from '@nestjs/swagger';
import { ACCOUNTS } from '@fundflow/projections/journal/table';
import type { AlertAnswer } from '@fundflow/queries/alerts-list';
import type { EventsAnswer, LogEntry as StoredEntry } from '@fundflow/queries/events';
import type { HoldingAnswer } from '@fundflow/queries/holding';
import type { NoticeAnswer, ProjectAnswer } from '@fundflow/queries/projects';
import type { SummaryAnswer } from '@fundflow/queries/summary';
import type { TraceNode as NodeAnswer } from '@fundflow/queries/trace-nodes';
import type { TrailEntry as EntryAnswer } from '@fundflow/queries/trail-entry';
import type { TrialBalanceAnswer } from '@fundflow/queries/trial-balance';
import {
  Fen,
  FenOrNull,
  Next,
  On,
  OneOf,
  OnOrNull,
  Text,
  TextOrNull,
  Whole,
} from './answer-fields.js';
import type { AlertsAnswer } from './answers/alerts.js';
import type { TraceAnswer } from './answers/trace.js';
import type { TrailAnswer } from './answers/trail.js';
import type { VisibleEdge } from './trace-scope.js';

/*
 * The answers of contract §4 as the OpenAPI document shows them. Each implements what the handler answers, so that the two
 * cannot drift apart; the tests of the whole hold every answer against these schemas.
 */
const HOLDING_STATUSES = [
  'reversed',
  'in-transit',
  'overdrawn',
  'closed',
  'spent',
  'open',
] as const;
const HOLDING_KINDS = ['allocation', 'disbursement'] as const;

export class Holding implements HoldingAnswer {
  @Text() id: string;
  @OneOf(HOLDING_KINDS) kind: HoldingAnswer['kind'];
  @Text({ description: 'Unpadded code' }) region: string;
  @Text() fundType: string;
  @Whole() fiscalYear: number;
  @TextOrNull() projectId: string | null;
  @Fen() amountFen: string;
  @Fen({ description: 'Net of what came back, as are the next three' }) passedDownFen: string;
  @Fen() disbursedFen: string;
  @Fen() paidFen: string;
  @Fen() returnedUpFen: string;
  @Fen({ description: 'Amount less these four; 0 before receipt' }) availableFen: string;
  @On({ description: 'Earliest issue among the outermost ancestors' }) originalIssuedOn: string;
  @On() issuedOn: string;
  @OnOrNull() receivedOn: string | null;
  @On() lastMovementOn: string;
  @OneOf(HOLDING_STATUSES) status: HoldingAnswer['status'];
  @ApiProperty({ type: [String], description: 'Ids from the outermost ancestor to this holding' })
  path: readonly string[];
}

class Notice implements NoticeAnswer {
  @Text() id: string;
  @Text() subjectId: string;
  @Text() level: string;
  @TextOrNull() place: string | null;
  @On() postedOn: string;
  @OnOrNull() removedOn: string | null;
}

export class Project implements ProjectAnswer {
  @Text() id: string;
  @Text() name: string;
  @Text() county: string;
  @TextOrNull() township: string | null;
  @TextOrNull() village: string | null;
  @TextOrNull() category: string | null;
  @Text() unitName: string;
  @TextOrNull() unitCode: string | null;
  @FenOrNull() plannedFen: string | null;
  @OnOrNull() plannedStart: string | null;
  @OnOrNull() plannedEnd: string | null;
  @TextOrNull() performanceTarget: string | null;
  @OnOrNull() libraryOn: string | null;
  @OnOrNull() approvedOn: string | null;
  @OnOrNull() acceptedOn: string | null;
  @OnOrNull() closedOn: string | null;
  @ApiProperty({ type: [Notice] }) notices: readonly Notice[];
}

class TrailEntry implements Omit<EntryAnswer, 'personalEventId'> {
  @Whole({ description: 'Place in the log' }) position: number;
  @Text() eventId: string;
  @Text({ example: 'PaymentMade' }) type: string;
  @On() occurredOn: string;
  @ApiProperty({ type: String, format: 'date-time' }) recordedAt: string;
  @Text() recordId: string;
  @TextOrNull({ description: 'Holding created, drawn on or returned to' }) holdingId: string | null;
  @TextOrNull() projectId: string | null;
  @FenOrNull({ description: 'Positive; null for dates of a project' }) amountFen: string | null;
  @OneOf(['in', 'out', 'within', 'none'], { description: 'Seen from the region asked about' })
  effect: EntryAnswer['effect'];
  @Fen({ description: 'Balance after the entry' }) accountableFen: string;
  @TextOrNull() documentNo: string | null;
  @TextOrNull() voucherNo: string | null;
  @TextOrNull({ description: 'Names of persons are masked' }) counterparty: string | null;
  @Text({ description: 'Pseudonymous id' }) actor: string;
  @TextOrNull() reversalOf: string | null;
}

export class Trail implements TrailAnswer {
  @ApiProperty({ type: [TrailEntry], description: 'Oldest first' }) entries: readonly TrailEntry[];
  @Next() next: string | null;
}

class Ageing {
  @Fen() under1yFen: string;
  @Fen() from1to2yFen: string;
  @Fen() over2yFen: string;
}

export class Summary implements SummaryAnswer {
  @Fen() receivedFen: string;
  @Fen() paidFen: string;
  @Fen() returnedUpFen: string;
  @Fen({ description: 'received − paid − returnedUp' }) accountableFen: string;
  @Fen() authorityFen: string;
  @Fen() cashFen: string;
  @Fen() inTransitFen: string;
  @ApiProperty({
    ...{ type: String, nullable: true, pattern: '^-?\\d+\\.\\d{4}$', example: '0.8312' },
    description: 'paid / received, half up; null when nothing was received',
  })
  executionRate: string | null;
  @ApiProperty({ type: Ageing }) ageing: Ageing;
  @Text({ description: '口径：what the totals count' }) scope: string;
}

const NODE_KINDS = ['allocation', 'disbursement', 'payment', 'project', 'outside'] as const;

class TraceNode implements Omit<NodeAnswer, 'personalEventId'> {
  @Text({ description: 'Recorded id, or `outside:<region>`' }) id: string;
  @OneOf(NODE_KINDS) kind: NodeAnswer['kind'];
  @Text() region: string;
  @TextOrNull({ description: 'Names of persons are masked' }) label: string | null;
  @FenOrNull() amountFen: string | null;
  @FenOrNull() availableFen: string | null;
}

class TraceEdge implements VisibleEdge {
  @Text() from: string;
  @Text() to: string;
  @FenOrNull({ description: 'null between two places outside the jurisdiction' })
  amountFen: string | null;
  @On() occurredOn: string;
  @TextOrNull() documentNo: string | null;
  @TextOrNull() voucherNo: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) daysSincePrevious: number | null;
  @Text() eventId: string;
  @ApiProperty({ type: Boolean, description: 'A pro-rata share, not a recorded amount' })
  estimate: boolean;
}

export class Trace implements TraceAnswer {
  @ApiProperty({ type: [TraceNode] }) nodes: readonly TraceNode[];
  @ApiProperty({ type: [TraceEdge] }) edges: readonly TraceEdge[];
  @Fen({ description: 'Down: on its way below the start. Up: what no recorded source explains' })
  untracedFen: string;
  @Next() next: string | null;
}

class Alert implements AlertAnswer {
  @Text() id: string;
  @Text() rule: string;
  @Text() title: string;
  @Text() legalBasis: string;
  @OneOf(['medium', 'high']) severity: AlertAnswer['severity'];
  @Text() subjectId: string;
  @OneOf(['holding', 'supplement', 'project']) subjectKind: AlertAnswer['subjectKind'];
  @Text({ description: 'The subject’s own region' }) county: string;
  @Fen() amountFen: string;
  @On({ description: 'The start the days are counted from' }) since: string;
  @Whole() days: number;
  @OneOf(['open', 'closed']) status: AlertAnswer['status'];
  @On() openedOn: string;
  @ApiProperty({
    ...{ type: String, format: 'date', required: false },
    description: 'First day on which the condition no longer held',
  })
  closedOn?: string;
  @ApiProperty({
    ...{ type: 'object', description: 'The numbers behind it, by name' },
    additionalProperties: { oneOf: [{ type: 'string', nullable: true }, { type: 'number' }] },
  })
  evidence: Record<string, string | number | null>;
}

export class Alerts implements AlertsAnswer {
  @ApiProperty({ type: [Alert] }) alerts: readonly Alert[];
  @Next() next: string | null;
}

type AccountAnswer = TrialBalanceAnswer['accounts'][number];

class Account implements AccountAnswer {
  @OneOf(Object.keys(ACCOUNTS)) account: AccountAnswer['account'];
  @Text() name: string;
  @Fen() debitFen: string;
  @Fen() creditFen: string;
  @Fen() balanceFen: string;
}

export class TrialBalance implements TrialBalanceAnswer {
  @ApiProperty({ type: [Account] }) accounts: readonly Account[];
  @Fen() totalDebitFen: string;
  @Fen() totalCreditFen: string;
  @Text({ description: '口径：what the totals count' }) scope: string;
}

class LogEntry implements StoredEntry {
  @Whole() position: number;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As it is stored' })
  envelope: Record<string, unknown>;
}

export class Events implements EventsAnswer {
  @ApiProperty({ type: [LogEntry] }) entries: readonly LogEntry[];
  @ApiProperty({ type: 'integer', nullable: true, description: 'Give it as `after`' })
  next: number | null;
}
