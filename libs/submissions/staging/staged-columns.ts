import type { RowKind } from '@fundflow/domain/rows';
import { elementsOf } from '@fundflow/postgres-arrays/elements';
import { readHoldingPiece, readRecordPiece } from '../staged-record.js';
import { type DecidedPayment, StagedRow, type StagedSecret } from '../staged.js';

/**
 * Staged rows by columns, each an array in PostgreSQL's binary form. What was not decided has the name of its sheet in
 * the place of a holding, and no stream.
 */
export interface StagedColumns {
  /** See `decidedBy`; null: nothing in it was decided. */
  readonly decidedBy: string | null;
  /** Texts, `recordPiece` of each row. */
  readonly records: Buffer;
  /** Texts, `holdingPiece` of each. */
  readonly holdings: Buffer;
  /** Texts: the stream of the holding. */
  readonly streams: Buffer;
  /** Numbers: the version of each in its stream. */
  readonly versions: Buffer;
  readonly eventIds: Buffer;
  /** Numbers, as `StagedRow.row`. */
  readonly rowNumbers: Buffer;
  /** Null: nobody in it is a person. */
  readonly people: PeopleColumns | null;
}

/** Those of the rows that pay a person. Apart: whoever makes records reads none of it, and the vault nothing else. */
export interface PeopleColumns {
  /** Numbers, the row of each: from 1. */
  readonly places: Buffer;
  readonly eventIds: Buffer;
  /** Texts. */
  readonly recordKeys: Buffer;
  /** Bytes, blind indexes. */
  readonly subjects: Buffer;
  /** Bytes, as `sealPayee` seals them. */
  readonly sealed: Buffer;
  /** Texts, as `StagedSecret.region`. */
  readonly regions: Buffer;
}

/** The rows. What their decisions leaned on as an open project stands with the block, and is null with each of them. */
export function rowsOfColumns(columns: StagedColumns): StagedRow[] {
  const [holdings, streams] = [textsOf(columns.holdings), textsOf(columns.streams)];
  const [versions, rowNumbers] = [intsOf(columns.versions), intsOf(columns.rowNumbers)];
  const [rules] = (columns.decidedBy ?? '').split('/').map(Number);
  const secrets = columns.people && secretsOf(columns.people);
  return textsOf(columns.records).map((piece, at) => {
    const { content, eventId, id, occurredOn } = readRecordPiece(piece);
    const secret = secrets?.get(at + 1) ?? null;
    const [holding = '', rowNumber = 0] = [holdings[at], rowNumbers[at]];
    if (streams[at] === '') {
      return new StagedRow(holding as RowKind, rowNumber, id, content, secret, null);
    }
    const decided: DecidedPayment = {
      ...{ rules: rules ?? 0, ...readHoldingPiece(holding), openProjectId: null },
      ...{ eventId, version: versions[at] ?? 0, occurredOn },
    };
    return new StagedRow('payments', rowNumber, id, content, secret, decided);
  });
}

/** By the row of each. */
function secretsOf(people: PeopleColumns): Map<number, StagedSecret> {
  const [subjects, sealed] = [elementsOf(people.subjects), elementsOf(people.sealed)];
  const regions = textsOf(people.regions);
  return new Map(
    intsOf(people.places).map((place, at) => [
      place,
      { subject: subjects[at] as Buffer, sealed: sealed[at] as Buffer, region: regions[at] ?? '' },
    ]),
  );
}

const textsOf = (array: Buffer): string[] => elementsOf(array).map((bytes) => bytes.toString());
const intsOf = (array: Buffer): number[] => elementsOf(array).map((bytes) => bytes.readInt32BE());
