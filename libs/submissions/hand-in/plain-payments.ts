import type { Day } from '@fundflow/domain/calendar';
import { rowFromWire } from '@fundflow/domain/event-codec';
import { type Fen, fen } from '@fundflow/domain/money';
import type { PaymentDraw, PaymentRow } from '@fundflow/domain/rows';
import { canonicalWire } from '@fundflow/event-store/canonical';
import type { ParsedRow } from '@fundflow/intake/parsed-row';
import type { PayeeValues } from '@fundflow/vault/payload';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import { bytesOf, type Piece } from '../growing-bytes.js';
import type { HandedInRow } from './handed-in.js';
import { type PeopleToSeal, sealPeople } from '../people/people-to-seal.js';
import { type StagedSecret, SUBJECT_BYTES } from '../staged.js';

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

/** Plain payments whose people still lie in clear among their bytes: see `sealed`. */
export interface UnsealedPayments {
  readonly columns: Omit<PlainPayments, 'bytes'>;
  readonly unsealed: Uint8Array;
  /** Null: nobody in it is a person. */
  readonly people: PeopleToSeal | null;
}

/** The same payments, in the same memory. @param bytes `unsealed` with its people sealed */
export const withSealed = ({ columns }: UnsealedPayments, bytes: Uint8Array): PlainPayments => ({
  ...columns,
  bytes,
});

/** Seals the people where they lie: `unsealed` is of no use any more. @param held as `sealPeople` takes it */
export function sealed(
  plain: UnsealedPayments,
  keys: VaultKeys,
  held: Uint8Array | null,
): PlainPayments {
  if (plain.people) sealPeople(plain.unsealed, plain.people, keys, held);
  return withSealed(plain, plain.unsealed);
}

/** Of each payment among `ends`. */
const PIECES = 3;
export const FLAG = { alreadyHappened: 1, person: 2 } as const;
/** What it begins with. @param beside the members of the event's data but `row` */
export const contentHeadOf = (beside: object): string => canonicalWire(beside).slice(0, -1);

const valueAt = <T>({ values, at }: RepeatedValues<T>, index: number): T =>
  values[at[index] as number] as T;

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
