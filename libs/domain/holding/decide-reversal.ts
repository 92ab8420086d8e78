import { type Books, type PostedRecord, recordKey } from '../books.js';
import { type Day, latest } from '../calendar.js';
import { accept, refuse, type Refused } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import type { Fen } from '../money.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { RegionCode } from '../region.js';
import type { ReturnRow, ReversalRow } from '../rows.js';
import {
  beforeSource,
  exceedsAvailable,
  exceedsOriginal,
  firstRefusal,
  holdingOf,
  outsideJurisdiction,
} from './drawing.js';
import type { ReversedKind } from './events.js';
import { type Holding, leftOf, streamOf } from './holding.js';

/** What a reversal undoes, seen from the holding that loses. */
interface Target {
  readonly kind: ReversedKind;
  readonly id: string;
  readonly amountFen: Fen;
  /** The last date of the movement: issue or receipt. */
  readonly lastOn: Day;
  readonly wasReceived: boolean;
  /** Whose stream the reversal lies in; its region is what jurisdiction looks at. */
  readonly loser: Holding;
  /** `loser` has less from the reversal on. */
  readonly loses: boolean;
  /** The holding that has it back; null: outside, or the loser itself. */
  readonly restored: Holding | null;
  readonly giver: Holding | null;
  readonly giverRegion: RegionCode | null;
  readonly receiver: Holding | null;
  readonly issuerRegion: RegionCode | null;
  readonly payeeRegion: RegionCode | null;
  readonly reversed: boolean;
  readonly returnOfId: string | null;
  readonly documentNo: string | null;
  readonly voucherNo: string | null;
  readonly projectId: string | null;
}

/**
 * Reverses any recorded movement (红冲). Stays possible when the project is closed; a reversal cannot be reversed.
 *
 * Refuses, first match wins: out-of-jurisdiction (that of the holding that loses), unknown-source (no movement of that
 * id), date-before-source (before the last date of what it reverses), already-reversed, exceeds-available (drawn on
 * since; an allocation that still has supplements on that day or later), exceeds-original (a payment or a line of which
 * something was given back: reverse those returns first).
 */
export function decideReversal(
  books: Books,
  row: ReversalRow,
  context: PostingContext,
): RowDecision {
  const record = books.record(row.ofId);
  const target = record ? targetOf(books, record) : null;
  if (!target) return refuse('unknown-source', 'of_id', row.ofId);
  const refusal = firstRefusal(
    () => outsideJurisdiction(target.loser.region, 'of_id', context),
    () => beforeSource(row.reversedOn, target.lastOn, 'reversed_on'),
    () => (target.reversed ? refuse('already-reversed', 'of_id', row.ofId) : null),
    () => supplementsLeft(target, row.reversedOn),
    () =>
      target.loses
        ? exceedsAvailable(target.loser, target.amountFen, row.reversedOn, 'of_id')
        : null,
    () => partlyReturned(target, row.reversedOn),
  );
  return refusal ?? accept(reverse(row, target));
}

function supplementsLeft({ kind, loser }: Target, on: Day): Refused | null {
  if (kind !== 'allocation') return null;
  const standing = loser.lines
    .slice(1)
    .filter(({ reversedOn }) => reversedOn === null || reversedOn > on);
  if (standing.length === 0) return null;
  const ids = standing.map((line) => line.id).join(' ');
  return refuse('exceeds-available', 'of_id', loser.id, { expected: ids });
}

/** Only a payment drawn on the loser or a line into it has something given back under its own id. */
const partlyReturned = ({ loser, id, amountFen }: Target, on: Day): Refused | null =>
  exceedsOriginal(amountFen, leftOf(loser, id, amountFen, on), 'of_id');

function targetOf(books: Books, record: PostedRecord): Target | null {
  const { row } = record;
  switch (row.kind) {
    case 'allocations':
    case 'supplements':
    case 'disbursements':
      return lineTarget(books, record);
    case 'payments': {
      const holding = holdingOf(books, row.sourceId);
      return {
        ...targetBase(record, row.amountFen, row.paidOn, holding),
        kind: 'payment',
        loses: false,
        giver: holding,
        giverRegion: holding.region,
        reversed: holding.reversedIds.has(row.id),
        voucherNo: row.voucherNo,
      };
    }
    case 'returns':
      return returnTarget(books, record, row);
    case 'projects':
    case 'reversals':
    case 'notices':
      return null;
  }
}

function targetBase(record: PostedRecord, amountFen: Fen, on: Day, loser: Holding) {
  const receivedOn = record.dates['receivedOn'] ?? record.dates['creditedOn'] ?? null;
  return {
    id: record.row.id,
    amountFen,
    lastOn: latest(on, receivedOn) as Day,
    wasReceived: receivedOn !== null,
    loser,
    restored: null,
    giver: null,
    giverRegion: null,
    receiver: null,
    issuerRegion: null,
    payeeRegion: record.payeeRegion,
    returnOfId: null,
    documentNo: null,
    voucherNo: null,
    projectId: record.projectId,
  } as const;
}

/** Allocation, supplement, disbursement: the receiver of the line loses, its giver has it back. */
function lineTarget(books: Books, record: PostedRecord): Target {
  const loser = holdingOf(books, record.holdingId as string);
  const line = loser.lines.find((candidate) => candidate.id === record.row.id);
  if (!line) throw new Error(`holding ${loser.id} has no line ${record.row.id}`);
  const giver = line.parentId === null ? null : holdingOf(books, line.parentId);
  const isCash = loser.kind === 'disbursement';
  const base = targetBase(record, line.amountFen, line.issuedOn, loser);
  const kind = record.kind === 'supplements' ? 'supplement' : loser.kind;
  return {
    ...base,
    kind,
    loses: base.wasReceived,
    restored: giver,
    giver,
    giverRegion: line.giverRegion,
    receiver: loser,
    issuerRegion: line.issuerRegion,
    reversed: line.reversedOn !== null,
    documentNo: isCash ? null : line.documentNo,
    voucherNo: isCash ? line.documentNo : null,
  };
}

function returnTarget(books: Books, record: PostedRecord, row: ReturnRow): Target {
  const loser = holdingOf(books, record.holdingId as string);
  const base = {
    ...targetBase(record, row.amountFen, row.returnedOn, loser),
    kind: row.returnKind,
    reversed: loser.reversedIds.has(row.id),
    returnOfId: row.ofId,
  };
  if (row.returnKind === 'bank-return') {
    const paid = { receiver: loser, giverRegion: null };
    return { ...base, ...paid, lastOn: row.returnedOn, wasReceived: true, loses: true };
  }
  if (row.returnKind === 'cash-return') {
    const sender = holdingOf(books, row.ofId);
    return {
      ...base,
      loses: base.wasReceived,
      restored: sender,
      giver: sender,
      giverRegion: sender.region,
      receiver: loser,
    };
  }
  const sender = holdingOf(books, books.record(row.ofId)?.holdingId as string);
  const line = sender.lines.find((candidate) => candidate.id === row.ofId);
  const leftTheLedger = line?.parentId === null;
  return {
    ...base,
    loses: base.wasReceived && !leftTheLedger,
    restored: leftTheLedger ? null : sender,
    giver: sender,
    giverRegion: sender.region,
    receiver: leftTheLedger ? null : loser,
    issuerRegion: line?.issuerRegion ?? null,
    documentNo: line?.documentNo ?? null,
  };
}

function reverse(row: ReversalRow, target: Target): LedgerEvent[] {
  const { loser, restored } = target;
  const head = { key: recordKey(row.id), occurredOn: row.reversedOn } as const;
  const events: LedgerEvent[] = [
    {
      ...head,
      type: 'MovementReversed',
      streamId: streamOf(loser.id),
      index: 0,
      region: loser.region,
      data: {
        row,
        ofKind: target.kind,
        amountFen: target.amountFen,
        wasReceived: target.wasReceived,
        giverId: target.giver?.id ?? null,
        giverRegion: target.giverRegion,
        receiverId: target.receiver?.id ?? null,
        receiverRegion: target.receiver?.region ?? null,
        issuerRegion: target.issuerRegion,
        payeeRegion: target.payeeRegion,
        holdingId: loser.id,
        returnOfId: target.returnOfId,
        documentNo: target.documentNo,
        voucherNo: target.voucherNo,
        projectId: target.projectId,
      },
    },
  ];
  if (restored) {
    events.push({
      ...head,
      type: 'DrawRestored',
      streamId: streamOf(restored.id),
      index: 2,
      region: restored.region,
      data: {
        reversalId: row.id,
        ofId: row.ofId,
        ofKind: target.kind,
        holdingId: restored.id,
        amountFen: target.amountFen,
        returnOfId: target.returnOfId,
      },
    });
  }
  return events;
}
