import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { RowKind } from '@fundflow/domain/rows';
import type { Batch, FileNote, ReadRow } from '@fundflow/intake/batches';
import { type FileRefusal, FileRefused } from '@fundflow/intake/file-refusal';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';

export const regionTable = loadDivisions();

/** A folder for one spec file, removed when its tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'handed-in-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What reading a file came to. */
export interface Reading {
  readonly rows: ReadRow[];
  readonly notes: FileNote[];
  readonly refusal: FileRefusal | null;
}

/** Reads bytes as a file of any name; a refusal is an answer here, any other error is a failed test. */
export async function readBytes(
  folder: string,
  bytes: Buffer | string,
  kind?: RowKind,
): Promise<Reading> {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const rows: ReadRow[] = [];
  const notes: FileNote[] = [];
  const file = { source: { path }, fileName: 'file', kind, regionTable };
  try {
    for await (const batch of readSubmissionFile(file) as AsyncIterable<Batch>) {
      rows.push(...batch.rows);
      notes.push(...batch.notes);
    }
    return { rows, notes, refusal: null };
  } catch (error) {
    if (error instanceof FileRefused) return { rows, notes, refusal: error.refusal };
    throw error;
  }
}

/** A small valid table of notices, the narrowest kind there is. */
export const NOTICE_HEADER = 'notice_id,subject_id,level,place,posted_on,removed_on';
export const notice = (id: string, place = '村公示栏'): string =>
  `${id},BT20-P01,村,${place},2018-06-01,2018-06-15`;
export const noticeTable = (...lines: readonly string[]): string =>
  [NOTICE_HEADER, ...lines, ''].join('\n');
