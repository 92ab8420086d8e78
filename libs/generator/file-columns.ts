import type { RowKind } from '@fundflow/domain/rows';
import { COLUMNS } from '@fundflow/intake/columns';

/** The files of a plan, in the order in which they must be imported: none refers to a later one. */
export const FILES = [
  'projects',
  'allocations',
  'supplements',
  'disbursements',
  'payments',
  'returns',
  'reversals',
  'payments-again',
  'notices',
] as const;

export type FileKey = (typeof FILES)[number];

/** What a bank sent back is paid again only after the return is posted: payments come in two files. */
export const kindOf = (file: FileKey): RowKind => (file === 'payments-again' ? 'payments' : file);

/** Chinese headers, in the order in which cells are handed over. */
export const headersOf = (kind: RowKind): string[] => COLUMNS[kind].map(({ header }) => header);

/** Takes one row: the cells of `headersOf(kindOf(file))`. */
export type Sink = (file: FileKey, cells: readonly string[]) => void;

/** A cell of a comma-separated file (RFC 4180). */
export const csvCell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
