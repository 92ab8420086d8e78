import { refuseFile } from '../file-refusal.js';
import { isDateFormat } from './cell-values.js';
import type { PackageParts } from './package-parts.js';
import { readSharedTexts, SharedTexts } from './shared-texts.js';
import { parseWhole } from './xml.js';

export interface SheetPart {
  readonly name: string;
  readonly isHidden: boolean;
  /** Name of the part in the package. */
  readonly part: string;
}

/** A workbook without its sheets' contents. */
export interface Workbook {
  readonly parts: PackageParts;
  readonly sheets: readonly SheetPart[];
  readonly is1904: boolean;
  /** By style index of a cell: whether its numbers are days. */
  readonly isDateStyle: readonly boolean[];
  readonly texts: SharedTexts;
}

interface Relation {
  readonly id: string;
  readonly type: string;
  readonly target: string;
}

const notAWorkbook = (): Error => refuseFile('not-xlsx', '不是 XLSX 工作簿');

const relsOf = (part: string): string => part.replace(/([^/]+)$/, '_rels/$1.rels');

/** A target is relative to the folder of the part that names it, or absolute. */
function resolveTarget(part: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const folder = part.split('/').slice(0, -1);
  for (const step of target.split('/')) {
    if (step === '..') folder.pop();
    else if (step !== '.') folder.push(step);
  }
  return folder.join('/');
}

async function relationsOf(parts: PackageParts, part: string): Promise<Relation[]> {
  const found: Relation[] = [];
  const rels = part === '' ? '_rels/.rels' : relsOf(part);
  if (!parts.has(rels)) return found;
  await parseWhole(await parts.readWhole(rels), {
    open(name, { Id: id = '', Type: type = '', Target: target = '' }) {
      if (name !== 'Relationship') return;
      found.push({
        id,
        type: type.slice(type.lastIndexOf('/') + 1),
        target: resolveTarget(part, target),
      });
    },
    close: () => undefined,
  });
  return found;
}

/**
 * Opens a workbook: finds its sheets, styles and shared texts by the relations of the package.
 *
 * @throws FileRefused not-xlsx, too-large, zip-bomb
 */
export async function openWorkbook(parts: PackageParts): Promise<Workbook> {
  const root = (await relationsOf(parts, '')).find(({ type }) => type === 'officeDocument');
  const part = root?.target ?? 'xl/workbook.xml';
  if (part.endsWith('.bin')) throw refuseFile('not-xlsx', '这是 XLSB 工作簿，请另存为 XLSX');
  if (!parts.has(part)) throw notAWorkbook();
  const relations = await relationsOf(parts, part);
  const named = (wanted: string): string | null => {
    const target = relations.find(({ type }) => type === wanted)?.target;
    return target !== undefined && parts.has(target) ? target : null;
  };
  const { sheets, is1904, isWorkbook } = await readSheetList(
    await parts.readWhole(part),
    relations,
  );
  if (!isWorkbook) throw notAWorkbook();
  const styles = named('styles');
  const shared = named('sharedStrings');
  return {
    parts,
    sheets: sheets.filter((sheet) => parts.has(sheet.part)),
    is1904,
    isDateStyle: styles === null ? [] : await readDateStyles(await parts.readWhole(styles)),
    texts: shared === null ? new SharedTexts() : await readSharedTexts(parts.read(shared)),
  };
}

async function readSheetList(
  bytes: Buffer,
  relations: readonly Relation[],
): Promise<{ sheets: SheetPart[]; is1904: boolean; isWorkbook: boolean }> {
  const sheets: SheetPart[] = [];
  let is1904 = false;
  let isWorkbook = false;
  const isTrue = (text: string | undefined): boolean => text === '1' || text === 'true';
  await parseWhole(bytes, {
    open(name, attributes) {
      if (name === 'workbook') isWorkbook = true;
      if (name === 'workbookPr') is1904 = isTrue(attributes['date1904']);
      if (name !== 'sheet') return;
      // The prefix of the relations' namespace is the producer's choice.
      const key = Object.keys(attributes).find((attribute) => attribute.endsWith(':id'));
      const relation = relations.find(({ id }) => key !== undefined && id === attributes[key]);
      if (relation?.type !== 'worksheet') return;
      const state = attributes['state'] ?? 'visible';
      const sheetName = (attributes['name'] ?? '').trim();
      sheets.push({ name: sheetName, isHidden: state !== 'visible', part: relation.target });
    },
    close: () => undefined,
  });
  return { sheets, is1904, isWorkbook };
}

async function readDateStyles(bytes: Buffer): Promise<boolean[]> {
  const formats = new Map<number, string>();
  const styles: boolean[] = [];
  let isInCells = false;
  await parseWhole(bytes, {
    open(name, attributes) {
      if (name === 'numFmt') {
        formats.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      } else if (name === 'cellXfs') isInCells = true;
      else if (name === 'xf' && isInCells) {
        const id = Number(attributes['numFmtId'] ?? 0);
        styles.push(isDateFormat(id, formats.get(id)));
      }
    },
    close(name) {
      if (name === 'cellXfs') isInCells = false;
    },
  });
  return styles;
}
