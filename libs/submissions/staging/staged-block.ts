import { recordKey } from '@fundflow/domain/books';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { ColumnBytes } from '@fundflow/postgres-arrays/column-bytes';
import {
  paysPerson,
  personPiece,
  type PlainPayments,
  recordTail,
} from '../hand-in/plain-payments.js';
import type { StagedColumns } from './staged-columns.js';
import { holdingPiece, recordPiece } from '../staged-record.js';
import {
  DECIDED_NOW,
  decidedBy,
  type StagedRow,
  type StagedSecret,
  SUBJECT_BYTES,
} from '../staged.js';

const START_BYTES = 64 * 1024;
/** Of the columns that are numbers, and of ids and names, in about so many bytes. */
const NUMBERS_BYTES = 8 * 1024;
const NAMES_BYTES = 32 * 1024;

const NOTHING = Buffer.alloc(0);

/** What all payments out of one holding are staged with, as bytes. */
export interface HoldingBytes {
  /** What the data of their events begin with. */
  readonly dataHead: Buffer;
  /** `holdingPiece`. */
  readonly holding: Buffer;
  readonly streamId: Buffer;
  readonly region: Buffer;
}

/** What the decision of a plain payment adds to its bytes. */
export interface PlainDecision {
  readonly version: number;
  readonly holding: HoldingBytes;
  readonly openProjectId: string | null;
}

/**
 * A block of staged rows as the columns that go into the database. A row becomes bytes as soon as it is whole, so that
 * nothing of it waits for the last one of its block.
 */
export class StagedBlock {
  readonly #rows = {
    records: new ColumnBytes('text', START_BYTES),
    holdings: new ColumnBytes('text', NAMES_BYTES),
    streams: new ColumnBytes('text', NAMES_BYTES),
    versions: new ColumnBytes('integer', NUMBERS_BYTES),
    eventIds: new ColumnBytes('uuid', NAMES_BYTES),
    rowNumbers: new ColumnBytes('integer', NUMBERS_BYTES),
  };
  readonly #people = {
    places: new ColumnBytes('integer', NUMBERS_BYTES),
    eventIds: new ColumnBytes('uuid', NAMES_BYTES),
    recordKeys: new ColumnBytes('text', NAMES_BYTES),
    subjects: new ColumnBytes('bytea', NAMES_BYTES),
    sealed: new ColumnBytes('bytea', NAMES_BYTES),
    regions: new ColumnBytes('text', NUMBERS_BYTES),
  };
  /** Null: one of the rows has to be decided again in any case. */
  #openProjects: Set<string> | null = new Set();
  #decidedBy: string | null = null;

  static of(rows: readonly StagedRow[]): StagedBlock {
    const block = new StagedBlock();
    for (const row of rows) block.add(row);
    return block;
  }

  get rows(): number {
    return this.#rows.records.count;
  }

  get people(): number {
    return this.#people.places.count;
  }

  /** Projects that its payments lean on as open ones; null where a row has to be decided again in any case. */
  get openProjects(): readonly string[] | null {
    return this.#openProjects && [...this.#openProjects];
  }

  get columns(): StagedColumns {
    return {
      decidedBy: this.#decidedBy,
      ...bytesOfEach(this.#rows),
      people: this.people > 0 ? bytesOfEach(this.#people) : null,
    };
  }

  add({ sheet, row, id, content, secret, decided }: StagedRow): void {
    const eventId = decided?.eventId ?? eventIdOf(recordKey(id), 0);
    this.#lean(decided?.openProjectId ?? null);
    const by = decided && decidedBy(decided);
    // What was decided by different rules is decided again, and what was not, too.
    if (by === null || by !== (this.#decidedBy ?? by)) this.#openProjects = null;
    this.#decidedBy ??= by;
    this.#rows.records.add(
      recordPiece(content, { eventId, id, occurredOn: decided?.occurredOn ?? '' }),
    );
    this.#rows.holdings.add(decided ? holdingPiece(decided) : sheet);
    this.#rows.streams.add(decided?.streamId ?? '');
    this.#place(eventId, decided?.version ?? 0, row);
    if (secret) this.#addPerson(id, eventId, secret);
  }

  /** A decided payment of a batch. */
  addPlain(plain: PlainPayments, index: number, decision: PlainDecision): void {
    const { holding } = decision;
    const eventId = plain.eventIds[index] as string;
    this.#lean(decision.openProjectId);
    this.#decidedBy ??= DECIDED_NOW;
    this.#rows.records.addBytes(holding.dataHead, recordTail(plain, index));
    this.#rows.holdings.addBytes(holding.holding);
    this.#rows.streams.addBytes(holding.streamId);
    this.#place(eventId, decision.version, plain.rowNumbers[index] as number);
    if (!paysPerson(plain, index)) return;
    const people = this.#beginPerson(plain.ids[index] as string, eventId);
    const person = personPiece(plain, index);
    const { bytes, from, to } = person;
    people.subjects.addBytes(NOTHING, { bytes, from, to: from + SUBJECT_BYTES });
    people.sealed.addBytes(NOTHING, { bytes, from: from + SUBJECT_BYTES, to });
    people.regions.addBytes(holding.region);
  }

  /** For another block in the same memory: what `columns` gave is of no use any more. */
  clear(): void {
    for (const array of [...Object.values(this.#rows), ...Object.values(this.#people)])
      array.clear();
    [this.#openProjects, this.#decidedBy] = [new Set(), null];
  }

  #lean(openProjectId: string | null): void {
    if (openProjectId !== null) this.#openProjects?.add(openProjectId);
  }

  #place(eventId: string, version: number, rowNumber: number): void {
    this.#rows.versions.add(version);
    this.#rows.eventIds.add(eventId);
    this.#rows.rowNumbers.add(rowNumber);
  }

  #addPerson(id: string, eventId: string, { subject, sealed, region = '' }: StagedSecret): void {
    const people = this.#beginPerson(id, eventId);
    people.subjects.addBytes(subject);
    people.sealed.addBytes(sealed);
    people.regions.add(region);
  }

  /** Of the row that was added last. */
  #beginPerson(id: string, eventId: string) {
    const people = this.#people;
    people.places.add(this.rows);
    people.eventIds.add(eventId);
    people.recordKeys.add(recordKey(id));
    return people;
  }
}

const bytesOfEach = <Name extends string>(arrays: Readonly<Record<Name, ColumnBytes>>) =>
  Object.fromEntries(
    Object.entries<ColumnBytes>(arrays).map(([name, array]) => [name, array.array]),
  ) as Record<Name, Buffer>;
