import type { LedgerEvent } from '@fundflow/domain/events';
import type { MovementReversed } from '@fundflow/domain/holding/events';
import type { ClientBase } from 'pg';
import { copyLine, copyRows } from '../copy-rows.js';
import { CannotFold, type Page, type Projection } from '../projection.js';
import { type Account, journalTables } from './table.js';

/** One entry: the same amount on both sides, so that every event balances by itself. */
export interface Entry {
  readonly debit: Account;
  readonly credit: Account;
  readonly amountFen: bigint;
}

/** Whether the holding a reversed payment was drawn on is an allocation or a disbursement. */
export type HoldingKinds = ReadonlyMap<string, 'allocation' | 'disbursement'>;

const source = (giverId: string | null): Account => (giverId === null ? 'outside' : 'authority');
const drawnOn = (kind: 'allocation' | 'disbursement'): Account =>
  kind === 'allocation' ? 'authority' : 'cash';

/**
 * The entry of an event; null for one that moves no money.
 *
 * @param kinds must know the holding of every reversed payment or bank return
 */
export function entryOf(event: LedgerEvent, kinds: HoldingKinds): Entry | null {
  switch (event.type) {
    case 'AllocationIssued':
    case 'SupplementIssued': {
      const { amountFen, parentId } = event.data.row;
      return { debit: 'authority-in-transit', credit: source(parentId), amountFen };
    }
    case 'AllocationReceived':
    case 'SupplementReceived': {
      const { amountFen } = event.data;
      return { debit: 'authority', credit: 'authority-in-transit', amountFen };
    }
    case 'CashDisbursed': {
      const { amountFen } = event.data.row;
      return { debit: 'cash-in-transit', credit: 'authority', amountFen };
    }
    case 'CashCredited':
      return { debit: 'cash', credit: 'cash-in-transit', amountFen: event.data.amountFen };
    case 'PaymentMade': {
      const { row, holdingKind } = event.data;
      return { debit: 'spent', credit: drawnOn(holdingKind), amountFen: row.amountFen };
    }
    case 'PaymentReturned': {
      const { row, holdingKind } = event.data;
      return { debit: drawnOn(holdingKind), credit: 'spent', amountFen: row.amountFen };
    }
    case 'CashReturned':
      return { debit: 'cash-returning', credit: 'cash', amountFen: event.data.row.amountFen };
    case 'CashReturnReceived':
      return { debit: 'authority', credit: 'cash-returning', amountFen: event.data.amountFen };
    case 'AuthorityRecalled': {
      const { amountFen } = event.data.row;
      return { debit: 'authority-returning', credit: 'authority', amountFen };
    }
    case 'RecallReceived': {
      const { amountFen, parentId } = event.data;
      return { debit: source(parentId), credit: 'authority-returning', amountFen };
    }
    case 'MovementReversed':
      return reversalEntry(event, kinds);
    case 'SupplementDrawn':
    case 'DrawRestored':
    case 'ProjectRegistered':
    case 'ProjectEnteredLibrary':
    case 'ProjectApproved':
    case 'ProjectAccepted':
    case 'ProjectClosed':
    case 'NoticePosted':
    case 'NoticeRemoved':
    case 'SubmissionCertified':
    case 'SubmissionPartPosted':
    case 'RuleLimitSet':
      return null;
  }
}

/** Back to where it was: from where the money had got to, in one entry over both sides. */
function reversalEntry({ data }: MovementReversed, kinds: HoldingKinds): Entry {
  const { ofKind, amountFen, wasReceived, giverId, receiverId, holdingId } = data;
  switch (ofKind) {
    case 'allocation':
    case 'supplement':
      return {
        debit: source(giverId),
        credit: wasReceived ? 'authority' : 'authority-in-transit',
        amountFen,
      };
    case 'disbursement':
      return { debit: 'authority', credit: wasReceived ? 'cash' : 'cash-in-transit', amountFen };
    case 'payment':
      return { debit: drawnOn(kindOf(holdingId, kinds)), credit: 'spent', amountFen };
    case 'bank-return':
      return { debit: 'spent', credit: drawnOn(kindOf(holdingId, kinds)), amountFen };
    case 'cash-return':
      return { debit: 'cash', credit: wasReceived ? 'authority' : 'cash-returning', amountFen };
    case 'recall':
      return {
        debit: 'authority',
        credit: wasReceived ? source(receiverId) : 'authority-returning',
        amountFen,
      };
  }
}

function kindOf(holdingId: string, kinds: HoldingKinds): 'allocation' | 'disbursement' {
  const kind = kinds.get(holdingId);
  if (!kind) throw new Error(`no holding ${holdingId}`);
  return kind;
}

interface JournalDay {
  readonly key: readonly (string | null)[];
  debit: bigint;
  credit: bigint;
}

/** COPY lines, one for every account, date and moment of the page. */
export function foldJournal({ events }: Pick<Page, 'events'>, kinds: HoldingKinds): string[] {
  const days = new Map<string, JournalDay>();
  for (const { event, envelope, position } of events) {
    const entry = entryAt(position, event, kinds);
    if (!entry) continue;
    const dayOf = (account: Account): JournalDay => {
      const id = `${account}|${event.occurredOn}|${envelope.recordedAt}`;
      let day = days.get(id);
      if (!day) {
        const key = [account, event.occurredOn, envelope.recordedAt];
        days.set(id, (day = { key, debit: 0n, credit: 0n }));
      }
      return day;
    };
    dayOf(entry.debit).debit += entry.amountFen;
    dayOf(entry.credit).credit += entry.amountFen;
  }
  return Array.from(days.values(), ({ key, debit, credit }) => copyLine([...key, debit, credit]));
}

function entryAt(position: bigint, event: LedgerEvent, kinds: HoldingKinds): Entry | null {
  try {
    return entryOf(event, kinds);
  } catch (error) {
    throw new CannotFold(position, (error as Error).message);
  }
}

const COLUMNS = ['account', 'occurred_on', 'recorded_at', 'debit_fen', 'credit_fen'];

/** Stands behind holdings: a reversed payment does not say what it had been drawn on. */
export const journalProjection: Projection = {
  name: 'journal',
  tables: journalTables,
  async write(page: Page, client: ClientBase): Promise<void> {
    const kinds = await reversedOn(page, client);
    await copyRows(client, 'journal_days', COLUMNS, foldJournal(page, kinds));
  },
};

async function reversedOn(page: Page, client: ClientBase): Promise<HoldingKinds> {
  const ids = new Set<string>();
  for (const { event } of page.events) {
    if (event.type === 'MovementReversed') ids.add(event.data.holdingId);
  }
  if (ids.size === 0) return new Map();
  const { rows } = await client.query<{ id: string; kind: 'allocation' | 'disbursement' }>(
    'SELECT id, kind FROM holdings WHERE id = ANY($1::text[])',
    [[...ids]],
  );
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}
