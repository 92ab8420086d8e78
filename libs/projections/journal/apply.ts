import type { MovementReversed } from '@fundflow/domain/holding/events';
import type { ClientBase } from 'pg';
import { DaySums } from '../day-sums.js';
import { type NewRows, type RowShape, rowsOf } from '../new-rows.js';
import type { PaymentRecord } from '../records/payment-record.js';
import {
  CannotFold,
  type FoldedEvent,
  type PageFold,
  type Projection,
  type Recorded,
} from '../projection.js';
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
function entryOf(event: FoldedEvent, kinds: HoldingKinds): Entry | null {
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
    case 'AttachmentAdded':
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
  readonly key: readonly string[];
  amount: bigint;
}

/** Sums a page by both accounts, date and moment. */
class JournalFold {
  readonly #days = new DaySums<JournalDay>();
  /** A reversed payment does not say what it had been drawn on: it waits until the holdings can be asked. */
  readonly #waiting: Recorded[] = [];

  add(recorded: Recorded): void {
    const { event } = recorded;
    if (event.type === 'MovementReversed') this.#waiting.push(recorded);
    else this.#post(recorded, entryOf(event, NO_KINDS));
  }

  addPayment({ holdingKind, occurredOn, recordedAt, amountFen }: PaymentRecord): void {
    this.#sum(PAID[holdingKind], occurredOn, recordedAt, amountFen);
  }

  get holdingsToAsk(): string[] {
    const ids = this.#waiting.map(({ event }) => (event as MovementReversed).data.holdingId);
    return [...new Set(ids)];
  }

  /**
   * Rows, one a key.
   *
   * @param kinds of `holdingsToAsk`
   */
  rows(kinds: HoldingKinds): NewRows {
    for (const recorded of this.#waiting.splice(0)) {
      this.#post(recorded, entryAt(recorded, kinds));
    }
    return rowsOf(JOURNAL_ENTRIES, this.#days.all, ({ key, amount }) => [...key, amount]);
  }

  #post({ event, envelope }: Recorded, entry: Entry | null): void {
    if (!entry) return;
    const { debit, credit, amountFen } = entry;
    const between = { debit, credit, key: `${debit} ${credit}` };
    this.#sum(between, event.occurredOn as string, envelope.recordedAt, amountFen);
  }

  #sum({ debit, credit, key }: Between, on: string, at: string, amountFen: bigint): void {
    const make = (): JournalDay => ({ key: [debit, credit, on, at], amount: 0n });
    this.#days.day(at, on, key, make).amount += amountFen;
  }
}

/** Both accounts of an entry, and their key in the sums of a page. */
interface Between {
  readonly debit: Account;
  readonly credit: Account;
  readonly key: string;
}

const paidFrom = (kind: 'allocation' | 'disbursement'): Between => {
  const credit = drawnOn(kind);
  return { debit: 'spent', credit, key: `spent ${credit}` };
};
const PAID = { allocation: paidFrom('allocation'), disbursement: paidFrom('disbursement') };

const NO_KINDS: HoldingKinds = new Map();

function entryAt({ position, event }: Recorded, kinds: HoldingKinds): Entry | null {
  try {
    return entryOf(event, kinds);
  } catch (error) {
    throw new CannotFold(position, (error as Error).message);
  }
}

const JOURNAL_ENTRIES: RowShape = {
  table: 'journal_entries',
  columns: {
    ...{ debit: 'text', credit: 'text', occurred_on: 'date', recorded_at: 'moment' },
    amount_fen: 'bigint',
  },
};

/** Stands behind holdings, which it asks. */
export const journalProjection: Projection = {
  name: 'journal',
  tables: journalTables,
  beginPage(): PageFold {
    const fold = new JournalFold();
    return {
      add: (recorded) => fold.add(recorded),
      addPayment: (payment) => fold.addPayment(payment),
      async write(_, client) {
        const kinds = await kindsOf(fold.holdingsToAsk, client);
        await fold.rows(kinds).insert(client);
      },
    };
  },
};

async function kindsOf(ids: readonly string[], client: ClientBase): Promise<HoldingKinds> {
  if (ids.length === 0) return NO_KINDS;
  const { rows } = await client.query<{ id: string; kind: 'allocation' | 'disbursement' }>(
    'SELECT id, kind FROM holdings WHERE id = ANY($1::text[])',
    [ids],
  );
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}
