/**
 * Why a file as a whole cannot be read. Stable, kebab-case.
 *
 * Any file: `empty-file` (no bytes, or nothing but blanks), `no-rows` (a header and nothing below),
 * `too-large`, `too-many-rows`, `too-many-blank-rows` (more than a whole sheet one behind the
 * other), `unknown-kind` (no kind of file has these headers),
 * `unknown-format` (a picture, a PDF …).
 *
 * Headers: `bad-header` (names no column), `duplicate-header`, `missing-header`,
 * `too-many-columns`.
 *
 * CSV: `bad-encoding`, `nul-byte`, `torn-quote`, `row-too-long`.
 *
 * XLSX: `not-xlsx` (damaged, or another Office file), `old-excel` (.xls), `encrypted-workbook`,
 * `zip-bomb`, `unknown-sheet`, `duplicate-sheet`, `merged-cells` (more merged areas than can be
 * named one by one).
 */
export const FILE_REFUSALS = [
  'bad-encoding',
  'bad-header',
  'duplicate-header',
  'duplicate-sheet',
  'empty-file',
  'encrypted-workbook',
  'merged-cells',
  'missing-header',
  'no-rows',
  'not-xlsx',
  'nul-byte',
  'old-excel',
  'row-too-long',
  'too-large',
  'too-many-blank-rows',
  'too-many-columns',
  'too-many-rows',
  'torn-quote',
  'unknown-format',
  'unknown-kind',
  'unknown-sheet',
  'zip-bomb',
] as const;
export type FileRefusalCode = (typeof FILE_REFUSALS)[number];

export interface FileRefusal {
  readonly code: FileRefusalCode;
  /** zh-CN. */
  readonly message: string;
  /** The row a spreadsheet shows, where there is one. */
  readonly row?: number;
  /** The sheet of a workbook, as it is called there. */
  readonly sheet?: string;
}

/** Thrown while a file is read; rows handed out before it count for nothing. */
export class FileRefused extends Error {
  constructor(readonly refusal: FileRefusal) {
    super(refusal.message);
    this.name = 'FileRefused';
  }
}

export function refuseFile(
  code: FileRefusalCode,
  message: string,
  where: { row?: number; sheet?: string } = {},
): FileRefused {
  const sheet = where.sheet === undefined ? '' : `工作表“${where.sheet}”`;
  const row = where.row === undefined ? '' : `第${where.row}行：`;
  return new FileRefused({ code, message: `${sheet}${row}${message}`, ...where });
}
