import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DivisionRow, parseRegion, type RegionCode } from '@fundflow/domain/region';
import { RegionTable, type SuccessorRow } from '@fundflow/domain/region';

/**
 * From `libs/` and from `dist/libs/`, whether the build copied the tables into `dist/data` or left
 * them at the root.
 */
const HERE = dirname(fileURLToPath(import.meta.url));
const PLACES = ['../../data/divisions', '../../../data/divisions'].map((path) => join(HERE, path));
const FOLDER = PLACES.find((path) => existsSync(path)) ?? join(HERE, '../../data/divisions');

const DIVISION_FILES = [
  'china-counties.csv',
  'guangxi-townships-villages.csv',
  'townships-elsewhere.csv',
];

/** The lines of one of our own tables; none of them needs quotes, so a quote is a damaged file. */
function linesOf(path: string, header: string): string[][] {
  const [first, ...lines] = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  if (first !== header) throw new Error(`${path}: the header is not ${header}`);
  const width = header.split(',').length;
  const found: string[][] = [];
  lines.forEach((line, index) => {
    if (line === '') return;
    const cells = line.split(',');
    if (cells.length !== width || line.includes('"')) {
      throw new Error(`${path}: line ${index + 2} is not ${header}`);
    }
    found.push(cells);
  });
  return found;
}

function codeOf(text: string | undefined, path: string): RegionCode {
  const code = parseRegion(text ?? '');
  if (code === null) throw new Error(`${path}: ${text} is no region code`);
  return code;
}

/** One table of `code,name,parent,first_year,last_year`. */
function readDivisions(path: string): DivisionRow[] {
  return linesOf(path, 'code,name,parent,first_year,last_year').map(
    ([code, name = '', parent, firstYear, lastYear]) => ({
      code: codeOf(code, path),
      name,
      parent: parent ? codeOf(parent, path) : null,
      firstYear: Number(firstYear),
      lastYear: Number(lastYear),
    }),
  );
}

export interface DatedSuccessor extends SuccessorRow {
  /** The first statistical table with the new code. */
  readonly year: number;
  /** What the new code is called there. */
  readonly name: string;
}

/** The table of `code,successor,year,name`. */
export function readSuccessors(path = join(FOLDER, 'successors.csv')): DatedSuccessor[] {
  return linesOf(path, 'code,successor,year,name').map(([code, successor, year, name = '']) => ({
    code: codeOf(code, path),
    successor: codeOf(successor, path),
    year: Number(year),
    name,
  }));
}

/** Every division the ledger ships with, in the order of its files. */
export const shippedDivisions = (): DivisionRow[] =>
  DIVISION_FILES.flatMap((file) => readDivisions(join(FOLDER, file)));

/**
 * The region table of the ledger: provinces, cities and counties of the country, Guangxi's
 * townships and villages, and the places elsewhere that public notices name. Reads some 24,000
 * rows, once at start-up, in about 50 ms.
 *
 * @param options.extraFiles paths of further tables in the same form, for a bureau whose places are
 *   not shipped
 * @throws Error naming file and line when a table cannot be read: a ledger without its regions must
 *   not start
 */
export function loadDivisions(options: { extraFiles?: readonly string[] } = {}): RegionTable {
  const extra = (options.extraFiles ?? []).flatMap(readDivisions);
  return new RegionTable([...shippedDivisions(), ...extra], readSuccessors());
}
