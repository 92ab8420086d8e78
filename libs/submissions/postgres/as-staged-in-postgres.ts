import { recordKey } from '@fundflow/domain/books';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { Stamp } from '@fundflow/command-handling/envelopes';
import { canonicalJson } from '@fundflow/event-store/canonical';
import { type AppendSelected, PIECE, type Selection } from '@fundflow/event-store/selected-group';
import type { AsStaged, PartAsStaged, PayeesUnderWay } from '../as-staged.js';
import { PAYMENT_RULES } from '../staged.js';
import type { StagedPart } from '../staged-parts.js';
import { CELL } from '../staged-text.js';

const TYPE = 'PaymentMade';
const RECORD_KEY = recordKey('');
if (!/^[a-z:]+$/.test(RECORD_KEY)) throw new Error('the key of a record begins with plain letters');

/** A cell of a line that was taken apart. */
const cell = (name: keyof typeof CELL): string => `cells[${CELL[name] + 1}]`;

/** A piece of a part is as many blocks as have about so many rows. */
const PIECE_ROWS = 2_500;

/** Rows of a part, taken apart: `place`, `cells`. Not moved up into what asks: it would be done for every cell. */
const LINES = (first: string, last: string): string => `
  SELECT (b.block::bigint << 32) + line.n AS place, string_to_array(line.text, E'\\t') AS cells
  FROM submission_blocks b, string_to_table(b.staged, E'\\n') WITH ORDINALITY AS line(text, n)
  WHERE b.submission_id = $1 AND b.block BETWEEN ${first} AND ${last}
    AND (b.block > $2 OR line.n > $4) AND (b.block < $3 OR line.n <= $5)
  OFFSET 0`;

const valuesOf = (submissionId: string, { firstBlock, lastBlock, skip, lastRow }: StagedPart) => [
  ...[submissionId, firstBlock, lastBlock, skip, lastRow],
];

/**
 * The record of a payment as `canonicalRecordOf` writes it: between what is the same for a part ($6 to $8, see
 * `constantsOf`) stand the cells of its row. Ids are quoted as RFC 8785 does: PostgreSQL escapes what JSON must, and
 * nothing else. Put together by `||`, short pieces first: `concat` takes twice as long, and each step copies both sides.
 */
const RECORD = `$6::text || ${cell('content')}
  || ((',"eventId":"' || ${cell('eventId')})
    || ('","index":0,"key":' || to_json('${RECORD_KEY}' || ${cell('id')})::text)
    || (',"occurredOn":"' || ${cell('occurredOn')} || ($7::text || ${cell('region')}))
    || (('","schema":' || ${cell('schema')}) || (',"stream":' || to_json(${cell('streamId')})::text))
    || ($8::text || ${cell('version')} || '}'))`;

function constantsOf({ actor, cause, recordedAt, unit }: Stamp): string[] {
  const [by, because, at, of] = [actor, cause, recordedAt, unit].map(canonicalJson);
  return [
    `{"actor":${by},"cause":${because},"data":`,
    `","recordedAt":${at},"region":"`,
    `,"type":"${TYPE}","unit":${of},"version":`,
  ];
}

const RECORDS = `
  SELECT place, ${cell('streamId')} AS stream_id, ${cell('version')}::int AS version,
    ${cell('eventId')}::uuid AS event_id, ${RECORD} AS record
  FROM (${LINES(`$2 + ${PIECE} * $9::int`, `least($3, $2 + (${PIECE} + 1) * $9::int - 1)`)}) rows
  WHERE ${cell('rules')} = '${PAYMENT_RULES}' AND ${cell('schema')} = '${SCHEMA_VERSIONS[TYPE]}'`;

const PERSONS = `
  SELECT ${cell('eventId')}::uuid AS event_id, '${RECORD_KEY}' || ${cell('id')} AS record_key,
    decode(${cell('subject')}, 'base64') AS subject, decode(${cell('sealed')}, 'base64') AS whole,
    ${cell('payeeRegion')} AS region
  FROM (${LINES('$2', '$3')}) rows WHERE ${cell('sealed')} <> ''`;

const personsOf = (submissionId: string, part: StagedPart): Selection => ({
  ...{ text: PERSONS, values: valuesOf(submissionId, part) },
});

/** The staged rows of `submission_blocks`, with a store and a vault in the same database. */
export class AsStagedInPostgres implements AsStaged {
  constructor(
    private readonly into: {
      readonly appendSelected: AppendSelected;
      /** Both as `PostgresVault` says. */
      putSelected(selection: Selection): Promise<string[]>;
      beginPutSelected(
        selection: Selection,
        read: Parameters<AsStaged['beginPayees']>[2],
      ): PayeesUnderWay;
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

  async keepPayees(submissionId: string, part: StagedPart): Promise<ReadonlySet<string>> {
    return new Set(await this.into.putSelected(personsOf(submissionId, part)));
  }

  beginPayees(...[submissionId, part, read]: Parameters<AsStaged['beginPayees']>): PayeesUnderWay {
    return this.into.beginPutSelected(personsOf(submissionId, part), read);
  }
}
