import { recordKey } from '@fundflow/domain/books';
import type { Day } from '@fundflow/domain/calendar';
import { rowFromWire } from '@fundflow/domain/event-codec';
import { type Fen, fen } from '@fundflow/domain/money';
import type { PaymentDraw, PaymentRow } from '@fundflow/domain/rows';
import { canonicalWire } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { ReadRow } from '@fundflow/intake/batches';
import type { ParsedRow, UnsealedPaymentRow } from '@fundflow/intake/parsed-row';
import type { PayeeValues } from '@fundflow/vault/payload';
import { bytesOf, GrowingBytes, type Piece } from './growing-bytes.js';
import type { HandedInRow, SealedPerson } from './handed-in.js';
import { type StagedSecret, SUBJECT_BYTES } from './staged.js';
import { recordPiece } from './staged-record.js';

/*
 * Payments of a file on their way to their decision: the 99 % that nobody has anything to say about yet. What of a
 * staged row does not depend on the ledger is bytes already; beside it stand the few values the rules look at. An
 * object a row, alive in two threads from reading to staging, costs more in collecting than in anything done with it.
 */

/** A column of few values: each of them once, and of each row where its own stands. */
export interface RepeatedValues<T> {
  readonly values: readonly T[];
  readonly at: Uint16Array;
}

/** Plain payments of one batch, in order: columns, and their bytes one behind the other. */
export interface PlainPayments {
  /** Place of each among the rows of its batch. */
  readonly places: Uint16Array;
  readonly ids: readonly string[];
  /** Of the events they will be. */
  readonly eventIds: readonly string[];
  readonly sourceIds: RepeatedValues<string>;
  readonly projectIds: RepeatedValues<string | null>;
  readonly paidOn: RepeatedValues<Day>;
  readonly amountsFen: BigInt64Array;
  readonly flags: Uint8Array;
  readonly rowNumbers: Uint32Array;
  /** Three of each, where they end in `bytes`: the tail of its `recordPiece`, its `flex`, blind index and sealed bytes of its person. */
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

const PIECES = 3;
/** A place is written in sixteen bits. */
const PLACES_MAX = 2 ** 16;
const FLAG = { alreadyHappened: 1, person: 2 } as const;
const START_BYTES = 512 * 1024;

type PlainRow = ReadRow & { readonly row: UnsealedPaymentRow };

const isPlain = (read: ReadRow, sealed: SealedPerson | null): read is PlainRow =>
  read.row?.kind === 'payments' &&
  read.warnings.length === 0 &&
  (read.row.payee.kind === 'unit' || sealed !== null);

/**
 * What stands around the row in the content of a staged payment, behind what its decision adds: `row` comes last among the
 * members of a `PaymentMade`.
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

  /**
   * @param sealed the person of the row, where it pays one
   * @throws RangeError for more than `PLACES_MAX` rows without a `take`
   */
  add(read: ReadRow, sealed: SealedPerson | null): void {
    if (this.#rows === PLACES_MAX) throw new RangeError('a batch has no place for more rows');
    if (isPlain(read, sealed)) this.#write(read, sealed);
    else this.#others.push(sealed ? { ...read, sealed } : read);
    this.#rows += 1;
  }

  /** What was added since, in its order: plain payments, null where there are none, and the others. */
  take(): { readonly plain: PlainPayments | null; readonly others: readonly HandedInRow[] } {
    const { places, amountsFen, flags, rowNumbers, ends, ids, eventIds } = this.#columns;
    const { sourceIds, projectIds, paidOn } = this.#columns;
    const plain = {
      ...{ ids, eventIds },
      sourceIds: sourceIds.written,
      projectIds: projectIds.written,
      paidOn: paidOn.written,
      places: Uint16Array.from(places),
      amountsFen: BigInt64Array.from(amountsFen),
      flags: Uint8Array.from(flags),
      rowNumbers: Uint32Array.from(rowNumbers),
      ends: Uint32Array.from(ends),
      bytes: new Uint8Array(this.#text.written),
    };
    const taken = { plain: places.length === 0 ? null : plain, others: this.#others };
    [this.#rows, this.#others, this.#columns] = [0, [], noColumns()];
    this.#text.truncate();
    return taken;
  }

  #write({ row: read, rowNumber, flex }: PlainRow, sealed: SealedPerson | null): void {
    const row = sealed ? { ...read, payee: sealed.payee } : (read as PaymentRow);
    const columns = this.#columns;
    columns.places.push(this.#rows);
    columns.ids.push(row.id);
    const eventId = eventIdOf(recordKey(row.id), 0);
    columns.eventIds.push(eventId);
    columns.sourceIds.add(row.sourceId);
    columns.projectIds.add(row.projectId);
    columns.paidOn.add(row.paidOn);
    columns.amountsFen.push(row.amountFen);
    columns.flags.push(
      (row.alreadyHappened ? FLAG.alreadyHappened : 0) | (sealed ? FLAG.person : 0),
    );
    columns.rowNumbers.push(rowNumber);
    columns.ends.push(
      this.#addRecordTail(row, eventId),
      hasMembers(flex) ? this.#add(JSON.stringify(flex)) : this.#text.length,
      sealed ? this.#addBytes(sealed.secret) : this.#text.length,
    );
  }

  /** Where it ends, as `#add`. */
  #addRecordTail(row: PaymentRow, eventId: string): number {
    this.#text.write(BEFORE_ROW);
    this.#text.writeCanonical(row);
    return this.#add(recordPiece(BEHIND_ROW, { eventId, id: row.id, occurredOn: row.paidOn }));
  }

  /** Where it ends. */
  #add(text: string): number {
    this.#text.write(text);
    return this.#text.length;
  }

  #addBytes({ subject, sealed }: StagedSecret): number {
    this.#text.append(subject);
    this.#text.append(sealed);
    return this.#text.length;
  }
}

const noColumns = () => ({
  ...{ places: [] as number[], amountsFen: [] as bigint[], flags: [] as number[] },
  ...{ rowNumbers: [] as number[], ends: [] as number[] },
  ...{ ids: [] as string[], eventIds: [] as string[] },
  sourceIds: new RepeatedWriter<string>(),
  projectIds: new RepeatedWriter<string | null>(),
  paidOn: new RepeatedWriter<Day>(),
});

class RepeatedWriter<T> {
  readonly #places = new Map<T, number>();
  readonly #at: number[] = [];

  add(value: T): void {
    const known = this.#places.get(value);
    this.#at.push(known ?? this.#places.size);
    if (known === undefined) this.#places.set(value, this.#places.size);
  }

  get written(): RepeatedValues<T> {
    return { values: [...this.#places.keys()], at: Uint16Array.from(this.#at) };
  }
}

const valueAt = <T>({ values, at }: RepeatedValues<T>, index: number): T =>
  values[at[index] as number] as T;

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
  sourceId: valueAt(plain.sourceIds, index),
  projectId: valueAt(plain.projectIds, index),
  paidOn: valueAt(plain.paidOn, index),
  amountFen: fen(plain.amountsFen[index] as bigint) as Fen,
  alreadyHappened: ((plain.flags[index] as number) & FLAG.alreadyHappened) !== 0,
});

export const paysPerson = ({ flags }: PlainPayments, index: number): boolean =>
  ((flags[index] as number) & FLAG.person) !== 0;

/** Tail of its `recordPiece`, behind what its decision adds. */
export const recordTail = ({ bytes, ends }: PlainPayments, index: number): Piece => ({
  bytes,
  from: index === 0 ? 0 : (ends[PIECES * index - 1] as number),
  to: ends[PIECES * index] as number,
});

/** Blind index and sealed bytes of the person it pays, one behind the other. */
export const personPiece = ({ bytes, ends }: PlainPayments, index: number): Piece => ({
  bytes,
  from: ends[PIECES * index + 1] as number,
  to: ends[PIECES * index + 2] as number,
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
  const bytes = bytesOf(plain.bytes);
  const { from, to } = recordTail(plain, index);
  const wire: unknown = JSON.parse(`{"data":{${bytes.toString('utf8', from + 1, to)}"}`);
  const row = rowFromWire((wire as { data: { row: unknown } }).data.row) as PaymentRow;
  const flex = bytes.toString('utf8', to, plain.ends[PIECES * index + 1]);
  const rowNumber = plain.rowNumbers[index] as number;
  const read = {
    ...{ kind: row.kind, rowNumber, id: row.id, error: null, warnings: [] },
    flex: flex === '' ? {} : (JSON.parse(flex) as HandedInRow['flex']),
  };
  if (row.payee.kind === 'unit') return { ...read, row: row as ParsedRow };
  const person = personPiece(plain, index);
  const sealedFrom = person.from + SUBJECT_BYTES;
  const secret = {
    subject: bytes.subarray(person.from, sealedFrom),
    sealed: bytes.subarray(sealedFrom, person.to),
  };
  const { name, code, account } = open(row.id, secret);
  const payee = { kind: 'person', name: name ?? '', code, account } as const;
  return { ...read, row: { ...row, payee }, sealed: { payee: row.payee, secret } };
}
