import { recordKey } from '@fundflow/domain/books';
import type { Day } from '@fundflow/domain/calendar';
import { rowFromWire } from '@fundflow/domain/event-codec';
import { type Fen, fen } from '@fundflow/domain/money';
import type { PaymentDraw, PaymentRow } from '@fundflow/domain/rows';
import { canonicalWire } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { ParsedRow, UnsealedPaymentRow } from '@fundflow/intake/parsed-row';
import type { PayeeValues } from '@fundflow/vault/payload';
import { GrowingBytes, type Piece } from './growing-bytes.js';
import type { HandedInRow } from './handed-in.js';
import type { StagedSecret } from './staged.js';
import { headOf } from './staged-text.js';

/*
 * Payments of a file on their way to their decision: the 99 % that nobody has anything to say about yet. What of a
 * staged line does not depend on the ledger is bytes already; beside it stand the few values the rules look at. An
 * object a row, alive in two threads from reading to staging, costs more in collecting than in anything done with it.
 */

/** Plain payments of one batch, in order: columns, and their bytes one behind the other. */
export interface PlainPayments {
  /** Place of each among the rows of its batch. */
  readonly places: Uint16Array;
  readonly ids: readonly string[];
  /** Of the events they will be. */
  readonly eventIds: readonly string[];
  readonly sourceIds: readonly string[];
  readonly projectIds: readonly (string | null)[];
  readonly paidOn: readonly Day[];
  readonly amountsFen: BigInt64Array;
  readonly flags: Uint8Array;
  /** Three of each, where they end in `bytes`: the head of its staged line, the tail of its content, its `flex`. */
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

const PIECES = 3;
/** A place is written in sixteen bits. */
const PLACES_MAX = 2 ** 16;
const FLAG = { alreadyHappened: 1, person: 2 } as const;
const START_BYTES = 512 * 1024;

type PlainRow = HandedInRow & { readonly row: UnsealedPaymentRow };

const isPlain = (read: HandedInRow): read is PlainRow =>
  read.row?.kind === 'payments' &&
  read.warnings.length === 0 &&
  (read.row.payee.kind === 'unit' || read.sealed !== undefined);

/**
 * What stands around the row in the content of a payment's staged line, behind what its decision adds: `row` comes last
 * among the members of a `PaymentMade`.
 */
const [BEFORE_ROW, BEHIND_ROW] = [',"row":', '}'];

/** What it begins with. @param beside the members of the event's data but `row` */
export const contentHeadOf = (beside: object): string => canonicalWire(beside).slice(0, -1);

/** Writes rows down as they are read, so that none has to wait as objects for the last of its batch. */
export class PlainPaymentsWriter {
  /** Plain payments and others since they were taken last. */
  #rows = 0;
  #others: HandedInRow[] = [];
  #columns = noColumns();
  /** Its memory is used again for every batch. */
  readonly #text = new GrowingBytes(START_BYTES);

  get rows(): number {
    return this.#rows;
  }

  /** @throws RangeError for more than `PLACES_MAX` rows without a `take` */
  add(read: HandedInRow): void {
    if (this.#rows === PLACES_MAX) throw new RangeError('a batch has no place for more rows');
    if (isPlain(read)) this.#write(read);
    else this.#others.push(read);
    this.#rows += 1;
  }

  /** What was added since, in its order: plain payments, null where there are none, and the others. */
  take(): { readonly plain: PlainPayments | null; readonly others: readonly HandedInRow[] } {
    const { places, amountsFen, flags, ends, ...columns } = this.#columns;
    const plain = {
      ...columns,
      places: Uint16Array.from(places),
      amountsFen: BigInt64Array.from(amountsFen),
      flags: Uint8Array.from(flags),
      ends: Uint32Array.from(ends),
      bytes: new Uint8Array(this.#text.written),
    };
    const taken = { plain: places.length === 0 ? null : plain, others: this.#others };
    [this.#rows, this.#others, this.#columns] = [0, [], noColumns()];
    this.#text.clear();
    return taken;
  }

  #write({ row: read, kind, rowNumber, flex, sealed }: PlainRow): void {
    const row = sealed ? { ...read, payee: sealed.payee } : (read as PaymentRow);
    const columns = this.#columns;
    columns.places.push(this.#rows);
    columns.ids.push(row.id);
    columns.eventIds.push(eventIdOf(recordKey(row.id), 0));
    columns.sourceIds.push(row.sourceId);
    columns.projectIds.push(row.projectId);
    columns.paidOn.push(row.paidOn);
    columns.amountsFen.push(row.amountFen);
    columns.flags.push(
      (row.alreadyHappened ? FLAG.alreadyHappened : 0) | (sealed ? FLAG.person : 0),
    );
    columns.ends.push(
      this.#add(headOf(kind, rowNumber, row.id, sealed?.secret ?? null)),
      this.#addContentTail(row),
      hasMembers(flex) ? this.#add(JSON.stringify(flex)) : this.#text.length,
    );
  }

  /** Where it ends, as `#add`. */
  #addContentTail(row: PaymentRow): number {
    this.#text.write(BEFORE_ROW);
    this.#text.writeCanonical(row);
    return this.#add(BEHIND_ROW);
  }

  /** Where it ends. */
  #add(text: string): number {
    this.#text.write(text);
    return this.#text.length;
  }
}

const noColumns = () => ({
  ...{ places: [] as number[], amountsFen: [] as bigint[], flags: [] as number[] },
  ...{ ends: [] as number[], ids: [] as string[], eventIds: [] as string[] },
  ...{ sourceIds: [] as string[], projectIds: [] as (string | null)[], paidOn: [] as Day[] },
});

function hasMembers(flex: HandedInRow['flex']): boolean {
  for (const _ in flex) return true;
  return false;
}

/** Rows of a batch in their order. @param plainAt what stands for the plain payment of an index */
export function inPlaces<T>(
  others: readonly HandedInRow[],
  { places }: PlainPayments,
  plainAt: (index: number) => T,
): (HandedInRow | T)[] {
  const inOrder: (HandedInRow | T)[] = [];
  let used = 0;
  places.forEach((place, index) => {
    const between = place - inOrder.length;
    inOrder.push(...others.slice(used, used + between), plainAt(index));
    used += between;
  });
  return [...inOrder, ...others.slice(used)];
}

/** What the rules look at of one of them. */
export const drawAt = (plain: PlainPayments, index: number): PaymentDraw => ({
  sourceId: plain.sourceIds[index] as string,
  projectId: plain.projectIds[index] as string | null,
  paidOn: plain.paidOn[index] as Day,
  amountFen: fen(plain.amountsFen[index] as bigint) as Fen,
  alreadyHappened: ((plain.flags[index] as number) & FLAG.alreadyHappened) !== 0,
});

export const paysPerson = ({ flags }: PlainPayments, index: number): boolean =>
  ((flags[index] as number) & FLAG.person) !== 0;

/** Head of the staged line, without what its decision adds. */
export const headPiece = ({ bytes, ends }: PlainPayments, index: number): Piece => ({
  bytes,
  from: index === 0 ? 0 : (ends[PIECES * index - 1] as number),
  to: ends[PIECES * index] as number,
});

/** Tail of the content, behind what its decision adds. */
export const contentPiece = ({ bytes, ends }: PlainPayments, index: number): Piece => ({
  bytes,
  from: ends[PIECES * index] as number,
  to: ends[PIECES * index + 1] as number,
});

/**
 * The row as it was read, made again: for the few that somebody has something to say about.
 *
 * @param open the values that were sealed with it
 */
export function wholeRow(
  plain: PlainPayments,
  index: number,
  open: (id: string, secret: StagedSecret) => PayeeValues,
): HandedInRow {
  const text = (from: number, to: number): string =>
    Buffer.from(plain.bytes.buffer, plain.bytes.byteOffset + from, to - from).toString('utf8');
  const head = headPiece(plain, index);
  const [, rowNumber, , subject = '', sealed = ''] = text(head.from, head.to).split('\t');
  const content = contentPiece(plain, index);
  const wire: unknown = JSON.parse(`{${text(content.from + 1, content.to)}`);
  const row = rowFromWire((wire as { readonly row: unknown }).row) as PaymentRow;
  const flexEnd = plain.ends[PIECES * index + 2] as number;
  const flex = text(content.to, flexEnd);
  const read = {
    ...{ kind: row.kind, rowNumber: Number(rowNumber), id: row.id, error: null, warnings: [] },
    flex: flex === '' ? {} : (JSON.parse(flex) as HandedInRow['flex']),
  };
  if (row.payee.kind === 'unit') return { ...read, row: row as ParsedRow };
  const secret = { subject, sealed };
  const { name, code, account } = open(row.id, secret);
  const payee = { kind: 'person', name: name ?? '', code, account } as const;
  return { ...read, row: { ...row, payee }, sealed: { payee: row.payee, secret } };
}
