import { recordKey } from '@fundflow/domain/books';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { Stamp } from '@fundflow/command-handling/envelopes';
import { canonicalJson } from '@fundflow/event-store/canonical';
import type { AppendSelected, Selection } from '@fundflow/event-store/selected-group';
import type { AsStaged, PartAsStaged } from '../as-staged.js';
import { PAYMENT_RULES } from '../staged.js';
import type { StagedPart } from '../staged-parts.js';
import { CELL } from '../staged-text.js';

const TYPE = 'PaymentMade';
const RECORD_KEY = recordKey('');
if (!/^[a-z:]+$/.test(RECORD_KEY)) throw new Error('the key of a record begins with plain letters');

/** A cell of a line that was taken apart. */
const cell = (name: keyof typeof CELL): string => `cells[${CELL[name] + 1}]`;

/** Rows of a part, taken apart: `place` from 1, `cells`. Not moved up into what asks: it would be done for every cell. */
const LINES = `
  SELECT (row_number() OVER (ORDER BY block, n))::int AS place, cells FROM (
    SELECT b.block, line.n, string_to_array(line.text, E'\\t') AS cells
    FROM submission_blocks b, string_to_table(b.staged, E'\\n') WITH ORDINALITY AS line(text, n)
    WHERE b.submission_id = $1 AND b.block BETWEEN $2 AND $3
    ORDER BY b.block, line.n OFFSET $4 LIMIT $5
  ) line`;

const valuesOf = (submissionId: string, { firstBlock, lastBlock, skip, rows }: StagedPart) => [
  ...[submissionId, firstBlock, lastBlock, skip, rows],
];

/**
 * The record of a payment as `canonicalRecordOf` writes it: between what is the same for a part ($6 to $8, see
 * `constantsOf`) stand the cells of its row. Ids are quoted as RFC 8785 does: PostgreSQL escapes what JSON must, and nothing else.
 */
const RECORD = `concat($6::text, ${cell('content')}, ',"eventId":"', ${cell('eventId')},
  '","index":0,"key":', to_json('${RECORD_KEY}' || ${cell('id')}),
  ',"occurredOn":"', ${cell('occurredOn')}, $7::text, ${cell('region')},
  '","schema":', ${cell('schema')}, ',"stream":', to_json(${cell('streamId')}), $8::text,
  ${cell('version')}, '}')`;

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
  FROM (${LINES} OFFSET 0) rows
  WHERE ${cell('rules')} = '${PAYMENT_RULES}' AND ${cell('schema')} = '${SCHEMA_VERSIONS[TYPE]}'`;

const PERSONS = `
  SELECT ${cell('eventId')}::uuid AS event_id, '${RECORD_KEY}' || ${cell('id')} AS record_key,
    decode(${cell('subject')}, 'base64') AS subject, decode(${cell('sealed')}, 'base64') AS whole,
    ${cell('payeeRegion')} AS region
  FROM (${LINES} OFFSET 0) rows WHERE ${cell('sealed')} <> ''`;

/** The staged rows of `submission_blocks`, with a store and a vault in the same database. */
export class AsStagedInPostgres implements AsStaged {
  constructor(
    private readonly into: {
      readonly appendSelected: AppendSelected;
      /** As `PostgresVault` says. */
      putSelected(selection: Selection): Promise<string[]>;
    },
  ) {}

  append({ submissionId, part, stamp, own }: PartAsStaged) {
    return this.into.appendSelected({
      selection: {
        text: RECORDS,
        values: [...valuesOf(submissionId, part), ...constantsOf(stamp)],
      },
      ...{ count: part.rows, type: TYPE, recordedAt: stamp.recordedAt, own },
    });
  }

  async keepPayees(submissionId: string, part: StagedPart): Promise<ReadonlySet<string>> {
    const selection = { text: PERSONS, values: valuesOf(submissionId, part) };
    return new Set(await this.into.putSelected(selection));
  }
}
