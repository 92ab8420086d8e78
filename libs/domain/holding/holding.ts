import type { Day } from '../calendar.js';
import { type Fen, fen, ZERO } from '../money.js';
import type { RegionCode } from '../region.js';
import type { FundType } from '../rows.js';
import type {
  AllocationIssued,
  CashDisbursed,
  DrawRestored,
  HoldingEvent,
  MovementReversed,
  SupplementIssued,
} from './events.js';
import { Timeline } from './timeline.js';

/** A line into a holding: its first, or a supplement. */
export interface Line {
  readonly id: string;
  readonly parentId: string | null;
  readonly amountFen: Fen;
  readonly giverRegion: RegionCode | null;
  readonly issuerRegion: RegionCode;
  readonly documentNo: string;
  issuedOn: Day;
  receivedOn: Day | null;
  reversedOn: Day | null;
}

/** What a decision needs to know of one allocation or disbursement. */
export interface Holding {
  readonly id: string;
  /** `streamOf(id)`, once for all that is drawn on it. */
  readonly streamId: string;
  readonly kind: 'allocation' | 'disbursement';
  readonly region: RegionCode;
  readonly fundType: FundType;
  readonly fiscalYear: number;
  /** Effective: its own, else its source's. */
  readonly projectId: string | null;
  /** First line first; a disbursement has one. */
  readonly lines: Line[];
  readonly timeline: Timeline;
  reversed: boolean;
  /**
   * What was given back of a payment drawn on this holding (退票) or of a line into it (收回), less reversed returns, by
   * the id of the payment or line; kept by day as a change below zero.
   */
  readonly givenBack: Map<string, Timeline>;
  /** Payments and returns reversed in this stream. */
  readonly reversedIds: Set<string>;
}

export const streamOf = (holdingId: string): string => `holding-${holdingId}`;

export const firstLine = (holding: Holding): Line => holding.lines[0] as Line;
export const receivedOn = (holding: Holding): Day | null => firstLine(holding).receivedOn;
export const supplementOf = (holding: Holding, id: string): Line | undefined =>
  holding.lines.find((line, index) => index > 0 && line.id === id);

/** A holding begins with the event that issued or disbursed it, whichever stream that lies in. */
export function beginHolding(event: AllocationIssued | CashDisbursed): Holding {
  const rest = {
    timeline: new Timeline(),
    reversed: false,
    givenBack: new Map<string, Timeline>(),
    reversedIds: new Set<string>(),
  };
  if (event.type === 'AllocationIssued') {
    const { row, giverRegion, projectId } = event.data;
    return {
      ...rest,
      id: row.id,
      streamId: streamOf(row.id),
      kind: 'allocation',
      region: row.receiverRegion,
      fundType: row.fundType,
      fiscalYear: row.fiscalYear,
      projectId,
      lines: [lineOf(row, giverRegion, row.issuedOn)],
    };
  }
  const { row, holdingRegion, projectId, fundType, fiscalYear } = event.data;
  const line: Line = {
    id: row.id,
    parentId: row.allocationId,
    amountFen: row.amountFen,
    giverRegion: holdingRegion,
    issuerRegion: holdingRegion,
    documentNo: row.voucherNo,
    issuedOn: row.disbursedOn,
    receivedOn: null,
    reversedOn: null,
  };
  return {
    ...rest,
    id: row.id,
    streamId: streamOf(row.id),
    kind: 'disbursement',
    region: holdingRegion,
    fundType,
    fiscalYear,
    projectId,
    lines: [line],
  };
}

/** A holding of its own to decide on, while the original stays as it was posted. */
export const copyHolding = (holding: Holding): Holding => ({
  ...holding,
  lines: holding.lines.map((line) => ({ ...line })),
  timeline: holding.timeline.copy(),
  givenBack: new Map([...holding.givenBack].map(([id, back]) => [id, back.copy()])),
  reversedIds: new Set(holding.reversedIds),
});

function lineOf(
  row: AllocationIssued['data']['row'] | SupplementIssued['data']['row'],
  giverRegion: RegionCode | null,
  issuedOn: Day,
): Line {
  return {
    id: row.id,
    parentId: row.parentId,
    amountFen: row.amountFen,
    giverRegion,
    issuerRegion: row.issuerRegion,
    documentNo: row.documentNo,
    issuedOn,
    receivedOn: null,
    reversedOn: null,
  };
}

const negative = (amount: Fen): Fen => fen(-amount);

function acknowledge(holding: Holding, lineId: string, on: Day): void {
  const line = holding.lines.find((candidate) => candidate.id === lineId);
  if (!line) throw new Error(`holding ${holding.id} has no line ${lineId}`);
  line.receivedOn = on;
  holding.timeline.add(on, line.amountFen);
}

/**
 * Folds one event of the holding's own stream. Events that concern only the other side change nothing here.
 *
 * The holding is changed in place: a submission folds hundreds of thousands of rows over a few holdings.
 */
export function evolveHolding(holding: Holding, event: HoldingEvent): void {
  const on = event.occurredOn as Day;
  switch (event.type) {
    case 'AllocationIssued':
      if (event.data.row.parentId === holding.id) {
        holding.timeline.add(on, negative(event.data.row.amountFen));
      }
      return;
    case 'AllocationReceived':
      return acknowledge(holding, event.data.allocationId, on);
    case 'CashCredited':
      return acknowledge(holding, event.data.disbursementId, on);
    case 'SupplementIssued': {
      const { row, giverRegion } = event.data;
      holding.lines.push(lineOf(row, giverRegion, row.issuedOn));
      return;
    }
    case 'SupplementReceived':
      return acknowledge(holding, event.data.supplementId, on);
    case 'SupplementDrawn':
      return holding.timeline.add(on, negative(event.data.amountFen));
    case 'CashDisbursed':
    case 'PaymentMade':
    case 'CashReturned':
      return draw(holding, on, event.data.row.amountFen);
    case 'PaymentReturned':
      giveBack(holding, event.data.row.ofId, on, event.data.row.amountFen);
      return holding.timeline.add(on, event.data.row.amountFen);
    case 'CashReturnReceived':
      return holding.timeline.add(on, event.data.amountFen);
    case 'AuthorityRecalled':
      giveBack(holding, event.data.row.ofId, on, event.data.row.amountFen);
      return holding.timeline.add(on, negative(event.data.row.amountFen));
    case 'RecallReceived':
      if (event.data.parentId === holding.id) holding.timeline.add(on, event.data.amountFen);
      return;
    case 'MovementReversed':
      return reverse(holding, event, on);
    case 'DrawRestored':
      return restore(holding, event, on);
  }
}

/** What a payment, a disbursement or cash given back takes out of the holding it is drawn on. */
export const draw = (holding: Holding, on: Day, amount: Fen): void =>
  holding.timeline.add(on, negative(amount));

function giveBack(holding: Holding, id: string, on: Day, amount: Fen): void {
  const known = holding.givenBack.get(id);
  const back = known ?? new Timeline();
  if (!known) holding.givenBack.set(id, back);
  back.add(on, negative(amount));
}

/**
 * What is left of a payment drawn on this holding or of a line into it: its amount less what was given back, at its
 * lowest on or after `day`, so that a back-dated return cannot give back more than there was on any day.
 */
export const leftOf = (holding: Holding, id: string, amountFen: Fen, day: Day): Fen =>
  fen(amountFen + (holding.givenBack.get(id)?.lowestFrom(day) ?? ZERO));

function reverse(holding: Holding, { data }: MovementReversed, on: Day): void {
  const { ofKind, amountFen, wasReceived, row } = data;
  holding.reversedIds.add(row.ofId);
  switch (ofKind) {
    case 'allocation':
    case 'disbursement':
    case 'supplement': {
      const line = holding.lines.find((candidate) => candidate.id === row.ofId) as Line;
      line.reversedOn = on;
      if (ofKind !== 'supplement') holding.reversed = true;
      if (wasReceived) holding.timeline.add(on, negative(amountFen));
      return;
    }
    case 'payment':
      return holding.timeline.add(on, amountFen);
    case 'bank-return':
      giveBack(holding, data.returnOfId as string, on, negative(amountFen));
      return holding.timeline.add(on, negative(amountFen));
    case 'cash-return':
      if (wasReceived) holding.timeline.add(on, negative(amountFen));
      return;
    case 'recall':
      if (data.receiverId === null) {
        giveBack(holding, data.returnOfId as string, on, negative(amountFen));
        return holding.timeline.add(on, amountFen);
      }
      if (wasReceived) holding.timeline.add(on, negative(amountFen));
      return;
  }
}

function restore(holding: Holding, { data }: DrawRestored, on: Day): void {
  if (data.ofKind === 'recall') {
    giveBack(holding, data.returnOfId as string, on, negative(data.amountFen));
  }
  holding.timeline.add(on, data.amountFen);
}
