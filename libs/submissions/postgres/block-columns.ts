import { rowsOfColumns, type StagedColumns } from '../staging/staged-columns.js';
import type { StagedRow } from '../staged.js';
import { readStaged } from '../staging/staged-text.js';

/** Columns of `submission_blocks` and their types, with where their values stand. */
const OF_ROWS = {
  versions: 'int[]',
  event_ids: 'uuid[]',
  row_numbers: 'int[]',
  streams: 'text[]',
  holdings: 'text[]',
} as const;
const OF_PEOPLE = {
  payee_places: 'int[]',
  payee_event_ids: 'uuid[]',
  payee_record_keys: 'text[]',
  payee_regions: 'text[]',
  payee_subjects: 'bytea[]',
} as const;
/** Last: what the driver puts together has its memory anew, half as large again, whenever there is more. */
const LARGE = { payee_sealed: 'bytea[]', records: 'text[]' } as const;
type ArrayName = keyof typeof OF_ROWS | keyof typeof OF_PEOPLE | keyof typeof LARGE;

/** Arrays of `submission_blocks` with their types. */
export const BLOCK_ARRAYS: readonly (readonly [ArrayName, string])[] = Object.entries({
  ...OF_ROWS,
  ...OF_PEOPLE,
  ...LARGE,
}) as [ArrayName, string][];

/** Names of the columns that `blockValues` has values for. */
export const BLOCK_COLUMNS = ['decided_by', ...BLOCK_ARRAYS.map(([name]) => name)].join(', ');

/** The places of `blockValues` in a statement. @param first number of the first */
export const blockParameters = (first: number): string =>
  ['text', ...BLOCK_ARRAYS.map(([, type]) => type)]
    .map((type, at) => `$${first + at}::${type}`)
    .join(', ');

export function blockValues({
  decidedBy,
  people,
  ...rows
}: StagedColumns): (string | Buffer | null)[] {
  return [
    ...[decidedBy, rows.versions, rows.eventIds, rows.rowNumbers, rows.streams, rows.holdings],
    ...[people?.places ?? null, people?.eventIds ?? null, people?.recordKeys ?? null],
    ...[people?.regions ?? null, people?.subjects ?? null, people?.sealed ?? null, rows.records],
  ];
}

/** A block as `SELECT_BLOCK` gives it. */
export interface BlockTuple extends Readonly<Record<ArrayName, Buffer | null>> {
  readonly staged: string | null;
  readonly decided_by: string | null;
}

/** What `rowsOfBlock` takes, of a `submission_blocks b`. */
export const SELECT_BLOCK = `staged, decided_by, ${BLOCK_ARRAYS.map(
  ([name]) => `array_send(${name}) AS ${name}`,
).join(', ')}`;

/** Its rows, also of a block of lines. */
export function rowsOfBlock({ staged, decided_by: decidedBy, ...of }: BlockTuple): StagedRow[] {
  if (staged !== null) return readStaged(staged);
  const column = (name: ArrayName): Buffer => {
    const array = of[name];
    if (!array) throw new Error(`a staged block has neither lines nor ${name}`);
    return array;
  };
  return rowsOfColumns({
    ...{ decidedBy, records: column('records'), holdings: column('holdings') },
    ...{ streams: column('streams'), versions: column('versions') },
    ...{ eventIds: column('event_ids'), rowNumbers: column('row_numbers') },
    people: of.payee_places && {
      ...{ places: column('payee_places'), eventIds: column('payee_event_ids') },
      ...{ recordKeys: column('payee_record_keys'), subjects: column('payee_subjects') },
      ...{ sealed: column('payee_sealed'), regions: column('payee_regions') },
    },
  });
}
