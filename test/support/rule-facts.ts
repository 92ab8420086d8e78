import { isOversight } from '@fundflow/domain/oversight/events';
import type { Day } from '@fundflow/domain/calendar';
import type { LedgerEvent } from '@fundflow/domain/events';
import type { HoldingEvent, MovementReversed } from '@fundflow/domain/holding/events';
import { type Fen, fen, ZERO } from '@fundflow/domain/money';
import type { RegionCode } from '@fundflow/domain/region';
import type { Origins } from '@fundflow/domain/rules/age';
import {
  type DayDelta,
  type Facts,
  type HoldingFacts,
  type ProjectFacts,
  runningBalances,
} from '@fundflow/domain/rules/facts';
import { LimitBook, type LimitSetting } from '@fundflow/domain/rules/limits';

/** What the rules see, folded from the log event by event with nothing in between: the answer other ways must give. */
export interface ReplayedFacts {
  readonly facts: readonly Facts[];
  readonly limits: LimitBook;
}

interface Line {
  readonly id: string;
  readonly giverId: string | null;
  readonly documentNo: string | null;
  readonly amountFen: Fen;
  readonly issuedOn: Day;
  receivedOn: Day | null;
  reversedOn: Day | null;
}

interface Replayed extends Pick<HoldingFacts, 'id' | 'kind' | 'region' | 'fundType'> {
  readonly projectId: string | null;
  readonly lines: Line[];
  readonly deltas: DayDelta[];
}

interface Replay {
  readonly holdings: Map<string, Replayed>;
  readonly projects: Map<
    string,
    { county: RegionCode; acceptedOn: Day | null; closedOn: Day | null }
  >;
  readonly settings: LimitSetting[];
}

export function replayFacts(events: readonly LedgerEvent[]): ReplayedFacts {
  const replay: Replay = { holdings: new Map(), projects: new Map(), settings: [] };
  for (const event of events) apply(replay, event);
  const holdings = [...replay.holdings.values()].map((holding) => holdingFacts(replay, holding));
  const projects = [...replay.projects].map(([id, project]): ProjectFacts => {
    const own = holdings.filter((one) => replay.holdings.get(one.id)?.projectId === id);
    return { subject: 'project', id, ...project, holdings: own };
  });
  return { facts: [...holdings, ...projects], limits: new LimitBook(replay.settings) };
}

function holdingFacts(replay: Replay, holding: Replayed): HoldingFacts {
  const { id, kind, region, fundType, lines, deltas } = holding;
  const [firstLine, ...supplements] = lines.map(({ giverId: _giver, ...line }) => line);
  if (!firstLine) throw new Error(`${id} has no line`);
  const balances = runningBalances(deltas);
  const origins = originsOnEveryDay(replay, id);
  const known = { subject: 'holding', id, kind, region, fundType, origins } as const;
  return { ...known, firstLine, supplements, balances };
}

/** The definition of contract §4 and §6, looked at on every day on which any line of the ledger changed. */
function originsOnEveryDay({ holdings }: Replay, holdingId: string): Origins {
  const all = [...holdings.values()].flatMap(({ lines }) => lines);
  const days = new Set(all.flatMap((line) => [line.receivedOn, line.reversedOn]));
  return [null, ...[...days].filter((day) => day !== null).sort()].map((from) => {
    const origins: Day[] = [];
    const above = new Set([holdingId]);
    for (const id of above) {
      for (const [index, line] of (holdings.get(id)?.lines ?? []).entries()) {
        const acknowledged = from !== null && line.receivedOn !== null && line.receivedOn <= from;
        const reversed = from !== null && line.reversedOn !== null && line.reversedOn <= from;
        if (index > 0 && (!acknowledged || reversed)) continue;
        if (line.giverId === null) origins.push(line.issuedOn);
        else above.add(line.giverId);
      }
    }
    return { from, originalIssuedOn: origins.sort()[0] ?? null };
  });
}

const negative = (amount: Fen): Fen => fen(-amount);

function apply(replay: Replay, event: LedgerEvent): void {
  if (isOversight(event)) return;
  switch (event.type) {
    case 'ProjectRegistered': {
      const { id, county } = event.data.row;
      replay.projects.set(id, { county, acceptedOn: null, closedOn: null });
      return;
    }
    case 'ProjectAccepted':
    case 'ProjectClosed': {
      const project = replay.projects.get(event.data.projectId);
      if (!project) throw new Error(`no project ${event.data.projectId}`);
      project[event.type === 'ProjectAccepted' ? 'acceptedOn' : 'closedOn'] = event.occurredOn;
      return;
    }
    case 'RuleLimitSet': {
      const { rule, limitDays, fundTypes, validFrom } = event.data;
      const { region } = event;
      replay.settings.push({ rule, limitDays, fundTypes, validFrom: validFrom as Day, region });
      return;
    }
    case 'ProjectEnteredLibrary':
    case 'ProjectApproved':
    case 'NoticePosted':
    case 'NoticeRemoved':
    case 'SubmissionCertified':
    case 'SubmissionPartPosted':
    case 'AttachmentAdded':
      return;
    default:
      return applyMovement(replay, event);
  }
}

function applyMovement(replay: Replay, event: HoldingEvent): void {
  const on = event.occurredOn as Day;
  const move = (id: string | null, deltaFen: Fen): void => {
    if (id === null) return;
    const holding = replay.holdings.get(id);
    if (!holding) throw new Error(`no holding ${id}`);
    holding.deltas.push({ day: on, deltaFen });
  };
  const receive = (holdingId: string, lineId: string, amountFen: Fen): void => {
    const line = replay.holdings.get(holdingId)?.lines.find(({ id }) => id === lineId);
    if (!line) throw new Error(`no line ${lineId}`);
    line.receivedOn = on;
    move(holdingId, amountFen);
  };
  switch (event.type) {
    case 'AllocationIssued':
    case 'SupplementIssued':
    case 'CashDisbursed':
      return issue(replay, event, move);
    case 'SupplementDrawn':
      return move(event.data.holdingId, negative(event.data.amountFen));
    case 'AllocationReceived':
      return receive(event.data.allocationId, event.data.allocationId, event.data.amountFen);
    case 'SupplementReceived':
      return receive(event.data.allocationId, event.data.supplementId, event.data.amountFen);
    case 'CashCredited':
      return receive(event.data.disbursementId, event.data.disbursementId, event.data.amountFen);
    case 'PaymentMade':
      return move(event.data.row.sourceId, negative(event.data.row.amountFen));
    case 'PaymentReturned':
      return move(event.data.holdingId, event.data.row.amountFen);
    case 'CashReturned':
      return move(event.data.row.ofId, negative(event.data.row.amountFen));
    case 'CashReturnReceived':
      return move(event.data.allocationId, event.data.amountFen);
    case 'AuthorityRecalled':
      return move(event.data.holdingId, negative(event.data.row.amountFen));
    case 'RecallReceived':
      return move(event.data.parentId, event.data.amountFen);
    case 'DrawRestored':
      return move(event.data.holdingId, event.data.amountFen);
    case 'MovementReversed':
      return reverse(replay, event, move);
  }
}

type Move = (holdingId: string | null, deltaFen: Fen) => void;
type Issue = Extract<
  HoldingEvent,
  { type: 'AllocationIssued' | 'SupplementIssued' | 'CashDisbursed' }
>;

function issue(replay: Replay, event: Issue, move: Move): void {
  const { row } = event.data;
  const issuedOn = event.occurredOn as Day;
  const open = { receivedOn: null, reversedOn: null };
  const line = { id: row.id, amountFen: row.amountFen, issuedOn, ...open };
  if (event.type === 'SupplementIssued') {
    const { allocationId, parentId: giverId, documentNo } = event.data.row;
    replay.holdings.get(allocationId)?.lines.push({ ...line, giverId, documentNo });
    return move(allocationId, ZERO);
  }
  const { projectId } = event.data;
  const begun = { id: row.id, projectId, deltas: [] };
  if (event.type === 'AllocationIssued') {
    const { parentId: giverId, documentNo, receiverRegion: region, fundType } = event.data.row;
    const lines = [{ ...line, giverId, documentNo }];
    replay.holdings.set(row.id, { ...begun, kind: 'allocation', region, fundType, lines });
    move(giverId, negative(row.amountFen));
  } else {
    const { holdingRegion: region, fundType } = event.data;
    const giverId = event.data.row.allocationId;
    const lines = [{ ...line, giverId, documentNo: null }];
    replay.holdings.set(row.id, { ...begun, kind: 'disbursement', region, fundType, lines });
    move(giverId, negative(row.amountFen));
  }
  move(row.id, ZERO);
}

function reverse(replay: Replay, { occurredOn, data }: MovementReversed, move: Move): void {
  const { ofKind, row, holdingId, amountFen, wasReceived, receiverId } = data;
  switch (ofKind) {
    case 'allocation':
    case 'supplement':
    case 'disbursement': {
      const line = replay.holdings.get(holdingId)?.lines.find(({ id }) => id === row.ofId);
      if (!line) throw new Error(`no line ${row.ofId}`);
      line.reversedOn = occurredOn;
      return move(holdingId, wasReceived ? negative(amountFen) : ZERO);
    }
    case 'payment':
      return move(holdingId, amountFen);
    case 'bank-return':
      return move(holdingId, negative(amountFen));
    case 'cash-return':
      return wasReceived ? move(holdingId, negative(amountFen)) : undefined;
    case 'recall':
      if (receiverId === null) return move(holdingId, amountFen);
      return wasReceived ? move(receiverId, negative(amountFen)) : undefined;
  }
}
