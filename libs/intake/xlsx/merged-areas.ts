import { refuseFile } from '../file-refusal.js';
import { COLUMNS_MAX, MERGED_AREAS_MAX } from '../limits.js';

/** A merged area of more than one cell; rows as shown, columns from 0. */
export interface MergedArea {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
}

/** `AB` is 27: letters of a cell to its position. */
export function columnIndex(letters: string): number {
  let index = 0;
  for (let i = 0; i < letters.length; i += 1) index = index * 26 + (letters.charCodeAt(i) & 31);
  return index - 1;
}

const MERGED = /<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"/g;
const OVERLAP = 512;

/**
 * The merged areas of a sheet, by first row. They stand behind the rows in the file and decide what
 * the rows mean, so the part is gone through for them beforehand.
 *
 * @throws FileRefused merged-cells where there are more than can be named row by row
 */
export async function findMergedAreas(chunks: AsyncIterable<Buffer>): Promise<MergedArea[]> {
  const found: MergedArea[] = [];
  const collect = (text: string): void => {
    for (const [, left = '', top, right = '', bottom] of text.matchAll(MERGED)) {
      const area = { firstRow: Number(top), lastRow: Number(bottom) };
      const columns = {
        firstColumn: columnIndex(left),
        lastColumn: Math.min(columnIndex(right), COLUMNS_MAX),
      };
      found.push({ ...area, ...columns });
      if (found.length > MERGED_AREAS_MAX) {
        throw refuseFile('merged-cells', '合并单元格过多，请取消合并后报送', {
          row: area.firstRow,
        });
      }
    }
  };
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + chunk.toString('latin1');
    const from = text.indexOf('mergeCell ');
    const end = text.lastIndexOf('>') + 1;
    if (from >= 0) collect(text.slice(0, end));
    rest = text.slice(end).slice(-OVERLAP);
  }
  return found.sort((a, b) => a.firstRow - b.firstRow);
}

/**
 * Walks down the rows of a sheet and tells which positions of each are part of a merged area.
 *
 * @throws FileRefused merged-cells where more areas cross one row than it has columns
 */
export function mergedColumnsBelow(areas: readonly MergedArea[]): (row: number) => number[] {
  let next = 0;
  let open: MergedArea[] = [];
  let columns: number[] = [];
  return (row) => {
    const before = open;
    if (open.some((area) => area.lastRow < row)) open = open.filter((area) => area.lastRow >= row);
    for (let area = areas[next]; area && area.firstRow <= row; area = areas[next]) {
      if (area.lastRow >= row) open = [...open, area];
      next += 1;
    }
    if (open === before) return columns;
    if (open.length > COLUMNS_MAX) {
      throw refuseFile('merged-cells', '合并单元格互相重叠，请取消合并后报送', { row });
    }
    columns = [...new Set(open.flatMap(columnsOf))];
    return columns;
  };
}

const columnsOf = ({ firstColumn, lastColumn }: MergedArea): number[] =>
  Array.from({ length: Math.max(0, lastColumn - firstColumn + 1) }, (_, i) => firstColumn + i);
