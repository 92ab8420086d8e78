import type { KeyObject } from 'node:crypto';
import { recordKey } from '@fundflow/domain/books';
import type { Day } from '@fundflow/domain/calendar';
import type { PaymentRow } from '@fundflow/domain/rows';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { ReadRow } from '@fundflow/intake/batches';
import type { UnsealedPaymentRow } from '@fundflow/intake/parsed-row';
import type { PayeeValues } from '@fundflow/vault/payload';
import { GrowingBytes } from '../growing-bytes.js';
import { personOf, type SealedPerson } from '../people/sealed-person.js';
import type { HandedInRow } from './handed-in.js';
import { PAYEE_START, payeeToSeal, type PeopleToSeal } from '../people/people-to-seal.js';
import { FLAG, type RepeatedValues, type UnsealedPayments } from './plain-payments.js';
import { recordPiece } from '../staged-record.js';

/** A place is written in sixteen bits. */
const PLACES_MAX = 2 ** 16;
const START_BYTES = 512 * 1024;

type PlainRow = ReadRow & { readonly row: UnsealedPaymentRow };

const isPlain = (read: HandedInRow): read is PlainRow =>
  read.row?.kind === 'payments' && read.warnings.length === 0;

/**
 * What stands around the row in the content of a staged payment, behind what its decision adds: `row` comes last among the
 * members of a `PaymentMade`.
 */
const [BEFORE_ROW, BEHIND_ROW] = [',"row":', '}'];

/** Writes rows down as they are read, so that none has to wait as objects for the last of its batch. */
export class PlainPaymentsWriter {
  /** Plain payments and others since they were taken last. */
  #rows = 0;
  #others: HandedInRow[] = [];
  #columns = noColumns();
  /** Its memory is used again for every batch. */
  readonly #text = new GrowingBytes(START_BYTES);

  /** @param index keys the blind indexes of people */
  constructor(private readonly index: KeyObject) {}

  get rows(): number {
    return this.#rows;
  }

  /**
   * @param sealOther seals the person of a row that is no plain payment
   * @throws RangeError for more than `PLACES_MAX` rows without a `take`
   */
  add(read: ReadRow, sealOther: (read: ReadRow) => SealedPerson | null): void {
    if (this.#rows === PLACES_MAX) throw new RangeError('a batch has no place for more rows');
    if (isPlain(read)) this.#write(read);
    else {
      const sealed = sealOther(read);
      this.#others.push(sealed ? { ...read, sealed } : read);
    }
    this.#rows += 1;
  }

  /** What was added since, in its order: plain payments, null where there are none, and the others. */
  take(): { readonly plain: UnsealedPayments | null; readonly others: readonly HandedInRow[] } {
    const { places, amountsFen, flags, rowNumbers, ends, ids, eventIds } = this.#columns;
    const { sourceIds, projectIds, paidOn, people, recordKeys } = this.#columns;
    const columns = {
      ...{ ids, eventIds },
      sourceIds: sourceIds.written,
      projectIds: projectIds.written,
      paidOn: paidOn.written,
      places: Uint16Array.from(places),
      amountsFen: BigInt64Array.from(amountsFen),
      flags: Uint8Array.from(flags),
      rowNumbers: Uint32Array.from(rowNumbers),
      ends: Uint32Array.from(ends),
    };
    const plain = {
      columns,
      unsealed: new Uint8Array(this.#text.written),
      people: peopleIn(people, recordKeys),
    };
    const taken = { plain: places.length === 0 ? null : plain, others: this.#others };
    [this.#rows, this.#others, this.#columns] = [0, [], noColumns()];
    this.#text.truncate();
    return taken;
  }

  #write({ row: read, rowNumber, flex }: PlainRow): void {
    const person = personOf(read);
    const row = person ? { ...read, payee: payeeToSeal(person) } : (read as PaymentRow);
    const columns = this.#columns;
    columns.places.push(this.#rows);
    columns.ids.push(row.id);
    const key = recordKey(row.id);
    const eventId = eventIdOf(key, 0);
    columns.eventIds.push(eventId);
    columns.sourceIds.add(row.sourceId);
    columns.projectIds.add(row.projectId);
    columns.paidOn.add(row.paidOn);
    columns.amountsFen.push(row.amountFen);
    columns.flags.push(
      (row.alreadyHappened ? FLAG.alreadyHappened : 0) | (person ? FLAG.person : 0),
    );
    columns.rowNumbers.push(rowNumber);
    const from = this.#text.length;
    columns.ends.push(
      this.#addRecordTail(row, eventId),
      hasMembers(flex) ? this.#add(JSON.stringify(flex)) : this.#text.length,
      person ? this.#addPerson(from, key, person) : this.#text.length,
    );
  }

  /** Where it ends, as `#add`. */
  #addRecordTail(row: PaymentRow, eventId: string): number {
    this.#text.write(BEFORE_ROW);
    this.#text.writeCanonical(row);
    return this.#add(recordPiece(BEHIND_ROW, { eventId, id: row.id, occurredOn: row.paidOn }));
  }

  /** Where it ends. @param record where the record's piece begins */
  #addPerson(record: number, key: string, person: PayeeValues): number {
    const { people, recordKeys } = this.#columns;
    recordKeys.push(key);
    people.push(this.#text.indexOf(PAYEE_START, record), this.#text.length);
    this.#text.writeToSeal(person, this.index);
    people.push(this.#text.length);
    return this.#text.length;
  }

  /** Where it ends. */
  #add(text: string): number {
    this.#text.write(text);
    return this.#text.length;
  }
}

const noColumns = () => ({
  ...{ places: [] as number[], amountsFen: [] as bigint[], flags: [] as number[] },
  ...{ rowNumbers: [] as number[], ends: [] as number[] },
  ...{ ids: [] as string[], eventIds: [] as string[] },
  ...{ people: [] as number[], recordKeys: [] as string[] },
  sourceIds: new RepeatedWriter<string>(),
  projectIds: new RepeatedWriter<string | null>(),
  paidOn: new RepeatedWriter<Day>(),
});

const peopleIn = (places: readonly number[], recordKeys: readonly string[]): PeopleToSeal | null =>
  recordKeys.length === 0
    ? null
    : {
        count: recordKeys.length,
        places: Uint32Array.from(places),
        recordKeys: recordKeys.join('\n'),
      };

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

function hasMembers(flex: HandedInRow['flex']): boolean {
  for (const _ in flex) return true;
  return false;
}
