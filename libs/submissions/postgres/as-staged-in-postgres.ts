import type { Stamp } from '@fundflow/command-handling/envelopes';
import { canonicalJson } from '@fundflow/event-store/canonical';
import { type AppendSelected, PIECE } from '@fundflow/event-store/selected-group';
import type { AsStaged, PartAsStaged, PayeesUnderWay } from '../staging/as-staged.js';
import { DECIDED_NOW } from '../staged.js';
import type { StagedPart } from '../staging/staged-parts.js';

const TYPE = 'PaymentMade';

/** A piece of a part is as many blocks as have about so many rows. */
const PIECE_ROWS = 2_500;

const blocksFrom = (first: string, last: string): string =>
  `b.submission_id = $1 AND b.block BETWEEN ${first} AND ${last}`;

/** Rows of a part. @param no of the row within its block, from 1 */
const within = (block: string, no: string): string =>
  `(${block} > $2 OR ${no} > $4) AND (${block} < $3 OR ${no} <= $5)`;

const valuesOf = (submissionId: string, { firstBlock, lastBlock, skip, lastRow }: StagedPart) => [
  ...[submissionId, firstBlock, lastBlock, skip, lastRow],
];

/**
 * The record of a payment as `canonicalRecordOf` writes it: between what is the same for a part ($6 to $8, see
 * `constantsOf`) stand the pieces of its row, which are not looked into. Put together by `||`, short pieces first: `concat`
 * takes twice as long, and each step copies both sides.
 */
const RECORD =
  "$6::text || row.record || ($7::text || row.holding || ($8::text || row.version || '}'))";

function constantsOf({ actor, cause, recordedAt, unit }: Stamp): string[] {
  const [by, because, at, of] = [actor, cause, recordedAt, unit].map(canonicalJson);
  return [
    `{"actor":${by},"cause":${because},"data":`,
    `","recordedAt":${at},"region":"`,
    `,"type":"${TYPE}","unit":${of},"version":`,
  ];
}

/** In the order of the rows: arrays are taken apart behind the sort of their blocks. */
const RECORDS = `
  SELECT row.stream AS stream_id, row.version, row.event_id, ${RECORD} AS record
  FROM (
    SELECT b.block, generate_subscripts(b.versions, 1) AS no, unnest(b.records) AS record,
      unnest(b.holdings) AS holding, unnest(b.streams) AS stream, unnest(b.versions) AS version,
      unnest(b.event_ids) AS event_id
    FROM submission_blocks b
    WHERE ${blocksFrom(`$2 + ${PIECE} * $9::int`, `least($3, $2 + (${PIECE} + 1) * $9::int - 1)`)}
      AND b.decided_by = '${DECIDED_NOW}'
    ORDER BY b.block
  ) row
  WHERE ${within('row.block', 'row.no')}`;

const PERSONS = `
  SELECT payee.event_id, payee.record_key, payee.subject, payee.whole, payee.region
  FROM (
    SELECT b.block, unnest(b.payee_places) AS place, unnest(b.payee_event_ids) AS event_id,
      unnest(b.payee_record_keys) AS record_key, unnest(b.payee_subjects) AS subject,
      unnest(b.payee_sealed) AS whole, unnest(b.payee_regions) AS region
    FROM submission_blocks b
    WHERE ${blocksFrom('$2', '$3')}
  ) payee
  WHERE ${within('payee.block', 'payee.place')}`;

/** As `PostgresVault` takes it. */
interface Persons {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const personsOf = (submissionId: string, part: StagedPart): Persons => ({
  ...{ name: 'staged', text: PERSONS, values: valuesOf(submissionId, part) },
});

/** The staged rows of `submission_blocks`, with a store and a vault in the same database. */
export class AsStagedInPostgres implements AsStaged {
  constructor(
    private readonly into: {
      readonly appendSelected: AppendSelected;
      /** As `PostgresVault` says. */
      beginPutSelected(selection: Persons): PayeesUnderWay;
      readonly pieceRows?: number;
    },
  ) {}

  append({ submissionId, part, stamp, own }: PartAsStaged) {
    const blocks = part.lastBlock - part.firstBlock + 1;
    const blocksOfPiece = Math.max(
      1,
      Math.round((blocks * (this.into.pieceRows ?? PIECE_ROWS)) / part.rows),
    );
    return this.into.appendSelected({
      selection: {
        text: RECORDS,
        values: [...valuesOf(submissionId, part), ...constantsOf(stamp), blocksOfPiece],
      },
      ...{
        pieces: Math.ceil(blocks / blocksOfPiece),
        count: part.rows,
        type: TYPE,
        recordedAt: stamp.recordedAt,
        own,
      },
    });
  }

  beginPayees(submissionId: string, part: StagedPart): PayeesUnderWay {
    return this.into.beginPutSelected(personsOf(submissionId, part));
  }
}
